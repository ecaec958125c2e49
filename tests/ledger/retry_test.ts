import assert from "node:assert/strict";
import { SqliteLedger } from "../../src/ledger/sqlite/sqlite_ledger.ts";
import type { Retry } from "../../src/ledger/returning.ts";
import {
  badRow,
  deferred,
  entries,
  entry,
  FACTS,
  Folder,
  idsOf,
  openAt,
  OUTCOMES,
  recipient,
  rowsOf,
  settled,
  statesOf,
} from "./ledgers.ts";

/** r2 sent, r3 failed, r4 in doubt, r5 deferred, r6 invalid, r7 failed; the rows after them have no recipient. */
async function example(path: string): Promise<void> {
  await using ledger = openAt(path);
  const ids = idsOf(await ledger.claim(entries(2, 7), 7));
  const outcomes = [
    OUTCOMES.sent,
    OUTCOMES.failed,
    OUTCOMES["in-doubt"],
    deferred(60_000),
    { state: "invalid", reason: "No file" } as const,
    OUTCOMES.failed,
  ];
  await ledger.write(outcomes.map((outcome, at) => settled(ids[at]!, outcome)));
  await ledger.claim([entry(badRow(8)), entry(recipient(9, "r2@x.test"))], 9);
}

const open = (path: string, retry: Retry, facts = {}) =>
  new SqliteLedger({ path, facts: { ...FACTS, ...facts }, retry });

Deno.test("A ledger opened to retry queues those chosen, with all their tries, and leaves the others", async () => {
  const table: [retry: Retry, queued: string[]][] = [
    [{ states: ["failed"], keys: [] }, ["r3@x.test", "r7@x.test"]],
    [{ states: ["invalid"], keys: [] }, ["r6@x.test"]],
    [{ states: ["failed", "invalid"], keys: ["r4@x.test"] }, [
      "r3@x.test",
      "r4@x.test",
      "r6@x.test",
      "r7@x.test",
    ]],
    [{ states: [], keys: ["r2@x.test", "r5@x.test", "nobody@x.test"] }, ["r5@x.test"]],
    [{ states: [], keys: [] }, []],
  ];
  for (const [retry, queued] of table) {
    using folder = new Folder();
    await example(folder.file());
    await using ledger = open(folder.file(), retry);
    const rows = await rowsOf(ledger, ["queued"]);
    assert.deepEqual(rows.map(({ address, attempts }) => [address, attempts]), [
      ...queued.map((address) => [address, 0]),
    ]);
    assert.equal((await ledger.tally()).queued, queued.length);
    assert.equal((await ledger.tally()).total, 8);
    const owed = await ledger.claimDue(1, 10);
    assert.deepEqual(owed.map(({ firstTriedAt }) => firstTriedAt), queued.map(() => undefined));
  }
});

Deno.test("A process that is killed right after it queued them has lost nobody, and the next one mails each once", async () => {
  using folder = new Folder();
  await example(folder.file());
  const copy = folder.file("copy");
  {
    await using ledger = open(folder.file(), { states: ["failed"], keys: ["r4@x.test"] });
    assert.equal((await ledger.claimDue(1, 1)).length, 1);
    for (const end of ["", "-wal"]) Deno.copyFileSync(folder.file() + end, copy + end);
  }
  await using ledger = openAt(copy);
  assert.deepEqual((await ledger.tally()).queued, 3);
  assert.deepEqual((await ledger.claimDue(1, 10)).map(({ recipient }) => recipient.line).sort(), [
    3,
    4,
    7,
  ]);
});

Deno.test("With another list, only recipients in it are queued, as they are found", async () => {
  using folder = new Folder();
  await example(folder.file());
  await using ledger = open(folder.file(), { states: ["failed"], keys: ["r4@x.test"] }, {
    list: "another",
  });
  assert.equal((await ledger.tally()).queued, 0);
  const claims = await ledger.claim(entries(2, 4), 4);
  assert.deepEqual(claims.map((claim) => claim.kind === "known" && claim.state), [
    "sent",
    "queued",
    "queued",
  ]);
  assert.deepEqual((await ledger.missing()).count, 1, "the deferred one of the earlier list");
  assert.match((await statesOf(ledger)).join(), /r7@x\.test failed/);
});
