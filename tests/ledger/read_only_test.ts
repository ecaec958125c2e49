import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { openForWriting } from "../../src/ledger/sqlite/file/ledger_file.ts";
import { openToRead } from "../../src/ledger/sqlite/file/read_only.ts";
import { ledgerPath } from "../../src/ledger/sqlite/file/ledger_path.ts";
import { RUN_FLAGS } from "../../build/run_flags.ts";
import { run } from "../support/process.ts";
import { entries, Folder, idsOf, openAt, OUTCOMES, settled } from "./ledgers.ts";

const READER = fileURLToPath(new URL("../../src/ledger/sqlite/reader.ts", import.meta.url));
/** "nobody" on most systems; any user other than the current one would do. */
const OTHER_USER = 65_534;

/** Those of the program. */
const PERMISSIONS = RUN_FLAGS.filter((flag) => flag.startsWith("--allow-"));

/** Reads the ledger as a user who has no permission to write to its folder. */
async function readElsewhere(path: string): Promise<string> {
  const code = `
    import { openLedgerReader } from ${JSON.stringify(READER)};
    using reader = openLedgerReader(${JSON.stringify(path)});
    const rows = await Array.fromAsync(reader.rows());
    console.log((await reader.tally()).sent, rows.length, reader.facts.campaign);`;
  const cache = await Deno.makeTempDir({ prefix: "cache-" });
  const script = `${cache}/read.ts`;
  try {
    await Deno.writeTextFile(script, code);
    Deno.chmodSync(cache, 0o777);
    const deno = [Deno.execPath(), "run", "--no-config", "--no-lock", ...PERMISSIONS, script];
    const asOther = ["setpriv", `--reuid=${OTHER_USER}`, `--regid=${OTHER_USER}`, "--clear-groups"];
    const { code: exit, stdout, stderr } = await run("env", [
      ...[`DENO_DIR=${cache}/deno`, `HOME=${cache}`, "NO_COLOR=1"],
      ...(Deno.uid() === 0 ? asOther : []),
      ...deno,
    ]);
    assert.equal(exit, 0, stderr);
    return stdout.trim();
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

Deno.test("openToRead() gives nobody a way to write", async () => {
  using folder = new Folder();
  {
    await using _ledger = openAt(folder.file());
  }
  using database = openToRead(ledgerPath(folder.file()));
  assert.throws(() => database.exec("CREATE TABLE another (n INTEGER)"), /readonly/);
});

Deno.test({
  name: "A finished ledger can be read by a user who may not write to its folder",
  ignore: Deno.build.os !== "linux" || !isReachable(),
  async fn() {
    using folder = new Folder();
    const path = folder.file("with 100% ?#.ledger");
    {
      await using ledger = openAt(path);
      const [id] = idsOf(await ledger.claim(entries(2, 4), 4));
      await ledger.write([settled(id!, OUTCOMES.sent)]);
    }
    // A ledger is created readable only by its owner, who lets others read it.
    Deno.chmodSync(path, 0o644);
    Deno.chmodSync(folder.path, 0o555);
    try {
      assert.equal(await readElsewhere(path), "1 3 c");
    } finally {
      Deno.chmodSync(folder.path, 0o755);
    }
  },
});

Deno.test("openToRead() shares the log where it can, and sees what a run writes meanwhile", async () => {
  using folder = new Folder();
  await openAt(folder.file())[Symbol.asyncDispose]();
  using database = openToRead(ledgerPath(folder.file()));
  using writer = openForWriting(folder.file(), "refuse");
  writer.database.exec("INSERT INTO fact VALUES ('x', '1')");
  assert.equal(database.prepare("SELECT value FROM fact WHERE name = 'x'").get()?.value, "1");
});

/** The runtime and the sources can be read by others: not so in a home folder that is closed to them. */
function isReachable(): boolean {
  const foldersOf = (path: string): string[] =>
    path === "/" ? [path] : [path, ...foldersOf(dirname(path))];
  const folders = [Deno.execPath(), READER].flatMap((path) => foldersOf(dirname(path)));
  return Deno.uid() !== 0 ||
    folders.every((path) => ((Deno.statSync(path).mode ?? 0) & 0o5) === 0o5);
}
