import assert from "node:assert/strict";
import { BounceRecord } from "../../src/record/bounce_record.ts";
import { settleByHand } from "../../src/record/settle_by_hand.ts";
import type { SqliteLedger } from "../../src/record/sqlite.ts";
import { openDatabase } from "../support/database.ts";
import { entries, entry, Folder, openAt, OUTCOMES, recipient, settled } from "./ledgers.ts";

/** More than are held in memory. */
const MANY = 70_000;
const BATCH = 5_000;

/** Enters the recipients of lines 2 to `last`. */
async function enterUpTo(ledger: SqliteLedger, last: number): Promise<void> {
  for (let line = 2; line <= last; line += BATCH) {
    const end = Math.min(last, line + BATCH - 1);
    await ledger.claim(entries(line, end), end);
  }
}

/** How many keys are in the index of the file. */
function indexed(path: string): number {
  using database = openDatabase(path);
  return (database.prepare("SELECT count(*) AS n FROM recipient_of_key").get() as { n: number }).n;
}

Deno.test("A ledger of more recipients than are held in memory knows each of them, also when it is opened again", async () => {
  using folder = new Folder();
  const met = [2, 3, 40_000, MANY - 1, MANY];
  const again = (from: number) =>
    met.map((line, at) => entry(recipient(from + at, `r${line}@x.test`)));
  const duplicates = met.map((line) => ({ kind: "skipped", reason: `Duplicate of line ${line}` }));
  {
    await using ledger = openAt(folder.file());
    await enterUpTo(ledger, MANY);
    assert.deepEqual(await ledger.claim(again(MANY + 1), undefined), duplicates);
  }
  const inIndex = indexed(folder.file());
  assert.ok(inIndex > 0 && inIndex < MANY, `${inIndex} in the index: some are in memory only`);
  await using ledger = openAt(folder.file());
  assert.deepEqual(await ledger.claim(again(MANY + 100), undefined), duplicates);
  assert.deepEqual(
    await ledger.claim([entry(recipient(MANY + 200, "new@x.test"))], undefined),
    [{ kind: "job", id: MANY - 1 + 2 * met.length + 1 }],
  );
});

Deno.test("Recipients of a large ledger are found by a person's settling and by reports, in the index and behind it", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await enterUpTo(ledger, MANY);
    await ledger.write([settled(1, OUTCOMES.sent), settled(MANY - 1, OUTCOMES["in-doubt"])]);
  }
  const keys = ["r2@x.test", `r${MANY}@x.test`, "nobody@x.test"];
  for (const writes of [false, true]) {
    using record = new BounceRecord(folder.file(), writes);
    assert.deepEqual(keys.map((key) => record.byKey(key)?.id), [1, MANY - 1, undefined]);
  }
  assert.deepEqual(
    settleByHand(folder.file(), keys, "sent").map(({ kind }) => kind),
    ["refused", "settled", "unknown"],
  );
});

/** The tables of version 1 that version 2 changed. */
function makeVersion1(path: string): void {
  using database = openDatabase(path);
  database.exec(`
    DROP TABLE recipient_of_key;
    CREATE UNIQUE INDEX recipient_key ON recipient (key) WHERE key IS NOT NULL;
    ALTER TABLE tally DROP COLUMN keyed_up_to;
    ALTER TABLE recipient DROP COLUMN room;
    ALTER TABLE tally DROP COLUMN exact;
    ALTER TABLE tally ADD COLUMN open_from INTEGER NOT NULL DEFAULT 1;
    PRAGMA user_version = 1;
  `);
}

Deno.test("A ledger of version 1 goes on as one of this version", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await ledger.claim(entries(2, 5), 5);
    await ledger.write([settled(1, OUTCOMES.sent)]);
  }
  makeVersion1(folder.file());
  assert.throws(() => new BounceRecord(folder.file(), false), {
    name: "LedgerError",
    message: /an earlier version of this program made it/,
  });
  await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
  assert.deepEqual(await ledger.claim(entries(2, 6), 6), [
    { kind: "known", state: "sent" },
    ...Array(3).fill({ kind: "known", state: "queued" }),
    { kind: "job", id: 5 },
  ]);
  assert.equal(indexed(folder.file()), 4);
});
