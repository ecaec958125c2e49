import assert from "node:assert/strict";
import { SqliteBounceRecord } from "../../src/ledger/sqlite/bounces/bounce_record.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { settleByHand } from "../../src/ledger/sqlite/by_hand/settle_by_hand.ts";
import type { SqliteLedger } from "../../src/ledger/sqlite/sqlite_ledger.ts";
import { openDatabase } from "../support/database.ts";
import {
  badRow,
  entries,
  entry,
  Folder,
  idsOf,
  makeVersion1,
  makeVersion3,
  openAt,
  OUTCOMES,
  recipient,
  settled,
} from "./ledgers.ts";

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

Deno.test("Recipients of a large ledger are found when settled by hand and by reports, in the index and after it", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await enterUpTo(ledger, MANY);
    await ledger.write([settled(1, OUTCOMES.sent), settled(MANY - 1, OUTCOMES["in-doubt"])]);
  }
  const keys = ["r2@x.test", `r${MANY}@x.test`, "nobody@x.test"];
  for (const writes of [false, true]) {
    using record = new SqliteBounceRecord(folder.file(), writes);
    const found = await Promise.all(keys.map((key) => record.byMailbox(key)));
    assert.deepEqual(found.map((rows) => rows.map(({ id }) => id)), [[1], [MANY - 1], []]);
  }
  assert.deepEqual(
    settleByHand(folder.file(), keys, "sent").map(({ kind }) => kind),
    ["refused", "settled", "unknown"],
  );
});

Deno.test("Rows deleted for a changed list leave no recipient out of the index: nobody is claimed twice", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await enterUpTo(ledger, 32_000);
    // The claim that fills the memory ends in rows without a recipient; the merge follows with the next one.
    await ledger.claim(
      [...entries(32_001, 33_000), entry(badRow(33_001)), entry(badRow(33_002))],
      33_002,
    );
    await ledger.claim([entry(badRow(33_003))], 33_003);
  }
  for (const list of ["list 2", "list 3"]) {
    await using ledger = openAt(folder.file(), { facts: { list } });
    const [claim] = await ledger.claim([entry(recipient(2, "new@x.test"))], 2);
    if (list === "list 2") await ledger.write([settled(idsOf([claim!])[0]!, OUTCOMES.sent)]);
    else assert.ok(claim?.kind === "known" && claim.state === "sent");
  }
});

/** Makes a ledger of four recipients, one of them sent to, as an earlier version would have left it. */
async function makeEarlier(path: string, downgrade: (path: string) => void): Promise<void> {
  {
    await using ledger = openAt(path);
    await ledger.claim(entries(2, 5), 5);
    await ledger.write([settled(1, OUTCOMES.sent)]);
  }
  downgrade(path);
}

/** The tables and indexes of the file, and the columns of recipients. */
function structureOf(path: string): unknown {
  using database = openDatabase(path);
  return [
    database.prepare("PRAGMA user_version").get(),
    database.prepare("SELECT type, name FROM sqlite_schema ORDER BY name").all(),
    database.prepare("SELECT name, type FROM pragma_table_info('recipient') ORDER BY name").all(),
  ];
}

for (const [version, downgrade] of [[1, makeVersion1], [3, makeVersion3]] as const) {
  Deno.test(`A ledger of version ${version} is upgraded to the tables of a new one`, async () => {
    using folder = new Folder();
    await makeEarlier(folder.file("old"), downgrade);
    const before = structureOf(folder.file("old"));
    for (const name of ["old", "new"]) await openAt(folder.file(name))[Symbol.asyncDispose]();
    assert.notDeepEqual(before, structureOf(folder.file("new")));
    assert.deepEqual(structureOf(folder.file("old")), structureOf(folder.file("new")));
  });
}

Deno.test("A ledger of version 1 continues as one of this version", async () => {
  using folder = new Folder();
  await makeEarlier(folder.file(), makeVersion1);
  {
    using reader = openLedgerReader(folder.file());
    const { sent, queued } = await reader.tally();
    assert.deepEqual([sent, queued], [1, 3]);
  }
  assert.throws(() => new SqliteBounceRecord(folder.file(), false), {
    name: "StorageError",
    message: /an earlier version of this program created it/,
  });
  await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
  assert.deepEqual(await ledger.claim(entries(2, 6), 6), [
    { kind: "known", id: 1, state: "sent", due: undefined },
    ...[2, 3, 4].map((id) => ({ kind: "known", id, state: "queued", due: 0 })),
    { kind: "job", id: 5 },
  ]);
  assert.equal(indexed(folder.file()), 4);
});
