import assert from "node:assert/strict";
import { join } from "node:path";
import { isWithheld } from "../../src/compose/files/withheld.ts";
import { inFolder } from "../support/folder.ts";

/** Whether the file `name` is withheld, in a folder that also holds `own`, a file of the campaign. */
async function isHeldBack(name: string, own = "list.csv"): Promise<boolean> {
  let held: boolean | undefined;
  await inFolder({ [own]: "own", [name]: "x" }, async (cwd) => {
    const folder = await Deno.realPath(cwd);
    const path = join(folder, name);
    const withheld = { files: [join(cwd, own)], folders: [] };
    held = isWithheld(withheld, path, await Deno.stat(path), folder);
  });
  return held!;
}

Deno.test("isWithheld() withholds files next to a campaign file whose names derive from its name", async () => {
  for (
    const name of [
      ...["list.csv", "list.csv-wal", "list.csv-shm", "list.csv-journal", "list.csv.lock"],
      ...["list.csv.saved", "list.csv.part", "list.csv.bak", "list.csv.old", "list.csv.orig"],
      ...["list.csv.tmp", "list.csv.swp", "list.csv~", "list.csv.bak~", "list.csv.bak.gz"],
      ...["list.csv.1", "list.csv-20261124", "list.csv.2026-11-24.xz", "list.csv.zip"],
      ...["LIST.CSV", "List.csv.BAK"],
    ]
  ) {
    assert.equal(await isHeldBack(name), true, name);
  }
  assert.equal(await isHeldBack("list.csv.bak", "List.CSV"), true, "whatever the letter case");
});

Deno.test("isWithheld() holds back no other file", async () => {
  for (
    const name of [
      ...["price-list.csv", "list.csv.pdf", "list.pdf", "list.csvx", "lis.csv", "list.csv.bakery"],
      ...["other/list.csv", "other/list.csv.bak", "invoice.1.pdf", "log.txt", "key.pdf"],
      ...["id_rsa.pub.txt", "my_id_rsa", "pem", "toml.md"],
    ]
  ) {
    assert.equal(await isHeldBack(name), false, name);
  }
});

Deno.test("isWithheld() withholds settings, ledgers, keys, secrets and logs by their names alone", async () => {
  const endings = ["toml", "ledger", "pem", "key", "p12", "pfx", "jks", "ppk", "kdbx", "secret"];
  for (
    const name of [
      ...[...endings, "env", "log"].map((ending) => `x.${ending}`),
      ...["x.TOML", "x.ledger-wal", "x.log.3.gz", "x.key.bak", "x.pem~", "other/x.env"],
      ...["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "other/ID_RSA"],
    ]
  ) {
    assert.equal(await isHeldBack(name), true, name);
  }
});

Deno.test("isWithheld() recognizes a campaign file by its identity, through links of either kind", async () => {
  await inFolder({ "a/list.csv": "own", "b/bill.pdf": "bill" }, async (cwd) => {
    const folder = await Deno.realPath(cwd);
    await Deno.link(join(folder, "a/list.csv"), join(folder, "b/hard.pdf"));
    await Deno.symlink(join(folder, "a/list.csv"), join(folder, "b/listed.csv"));
    await Deno.writeTextFile(join(folder, "a/list.csv.bak"), "copy");
    await Deno.writeTextFile(join(folder, "b/listed.csv.bak"), "copy");
    const held = async (own: string, name: string) => {
      const path = join(folder, name);
      const withheld = { files: [join(folder, own)], folders: [] };
      return isWithheld(withheld, path, await Deno.stat(path), folder);
    };
    assert.equal(await held("a/list.csv", "b/hard.pdf"), true, "a hard link to it");
    assert.equal(await held("b/listed.csv", "a/list.csv"), true, "named over a link");
    assert.equal(await held("b/listed.csv", "a/list.csv.bak"), true, "beside what a link leads to");
    assert.equal(await held("b/listed.csv", "b/listed.csv.bak"), true, "beside the link");
    assert.equal(await held("a/none.csv", "b/bill.pdf"), false, "one that is not there");
    const numberless = { dev: 1, ino: null };
    const withheld = { files: [join(folder, "a/list.csv")], folders: [] };
    assert.equal(isWithheld(withheld, join(folder, "b/bill.pdf"), numberless, folder), false);
    assert.equal(isWithheld(withheld, join(folder, "a/list.csv"), numberless, folder), true);
  });
});

Deno.test("isWithheld() holds back a ledger's companions before the ledger is there", async () => {
  await inFolder({ "new.db-wal": "x" }, async (cwd) => {
    const folder = await Deno.realPath(cwd);
    const path = join(folder, "new.db-wal");
    const withheld = { files: [join(folder, "new.db")], folders: [] };
    assert.equal(isWithheld(withheld, path, await Deno.stat(path), folder), true);
  });
});
