import assert from "node:assert/strict";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import type { SqliteLedger } from "../../src/ledger/sqlite/sqlite_ledger.ts";
import {
  badRow,
  deferred,
  entries,
  entry,
  Folder,
  handedOver,
  idsOf,
  openAt,
  OUTCOMES,
  recipient,
  settled,
} from "./ledgers.ts";

const LATE = 1_000_000;
const ALL = Array.from({ length: 20 }, (_, at) => at + 1);

/**
 * Rows 1 to 9: claimed, handed over, deferred, sent, failed, in doubt, invalid, skipped, set aside; 10 is a bad row, 11 the
 * duplicate of line 2, 12 deferred and claimed again, 13 set aside and claimed again, 14 deferred for long.
 */
async function everyState(ledger: SqliteLedger): Promise<void> {
  await ledger.claim(entries(2, 10), 10);
  await ledger.claim([entry(badRow(11)), entry(recipient(12, "r2@x.test"))], 12);
  await ledger.claim(entries(13, 15), 15);
  await ledger.write([
    settled(12, deferred(5)),
    settled(13, deferred(SET_ASIDE, false), 5),
    handedOver(2),
  ]);
  assert.deepEqual((await ledger.claimDue(LATE, 9)).map(({ id }) => id), [12]);
  assert.deepEqual((await ledger.claimSetAside(1, 20, LATE, 9)).map(({ id }) => id), [13]);
  await ledger.write([
    settled(3, deferred(10)),
    settled(4, OUTCOMES.sent),
    settled(5, OUTCOMES.failed),
    settled(6, OUTCOMES["in-doubt"]),
    settled(7, OUTCOMES.invalid),
    settled(8, OUTCOMES.skipped),
    settled(9, deferred(SET_ASIDE, false)),
    settled(14, deferred(LATE + 1)),
  ]);
}

/** The result of each query to the ledger; each uses its own ledger, as it claims the rows it returns. */
const QUESTIONS: readonly [
  string,
  (ledger: SqliteLedger) => Promise<unknown>,
  readonly number[],
][] = [
  ["claimDue()", async (ledger) => idsOwed(await ledger.claimDue(LATE, 99)), [3]],
  ["claimRows() due", async (ledger) => idsOwed(await ledger.claimRows("due", ALL, LATE)), [3]],
  ["nextDue()", async (ledger) => one(await ledger.nextDue(1)), [10]],
  ["longestSetAside()", async (ledger) => one(await ledger.longestSetAside()), [9]],
  ["claimSetAside()", async (ledger) => idsOwed(await ledger.claimSetAside(1, 99, LATE, 99)), [9]],
  [
    "claimRows() set aside",
    async (ledger) => idsOwed(await ledger.claimRows("set-aside", ALL, LATE)),
    [9],
  ],
  ["inDoubt()", (ledger) => ledger.inDoubt(), [6]],
  [
    "claimRows() in doubt",
    async (ledger) => idsOwed(await ledger.claimRows("in-doubt", ALL, LATE)),
    [6],
  ],
];

const idsOwed = (owed: readonly { readonly id: number }[]) => owed.map(({ id }) => id);
const one = (value: number | undefined) => value === undefined ? [] : [value];

for (const [name, ask, expected] of QUESTIONS) {
  Deno.test(`SqliteLedger.${name} returns those of the current list who are in the requested state, once, and nobody else`, async () => {
    using folder = new Folder();
    const path = folder.file();
    {
      await using ledger = openAt(path);
      await everyState(ledger);
      assert.deepEqual(await ask(ledger), expected);
      if (name.startsWith("claim")) assert.deepEqual(await ask(ledger), []);
    }
    // In another list, no row has been met yet.
    await using ledger = openAt(path, { facts: { list: "list 2" } });
    assert.deepEqual(await ask(ledger), [], "they are of an earlier list");
  });
}

Deno.test("SqliteLedger.claimSetAside() keeps to its rows, both included, and to their order and number", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const ids = idsOf(await ledger.claim(entries(2, 9), 9));
  // Set aside in the opposite order of their rows.
  for (const [at, id] of ids.toReversed().entries()) {
    await ledger.write([settled(id, deferred(SET_ASIDE, false), 10 + at)]);
  }
  assert.deepEqual(idsOwed(await ledger.claimSetAside(3, 5, LATE, 9)), [3, 4, 5]);
  assert.deepEqual(idsOwed(await ledger.claimSetAside(1, 99, LATE, 2)), [1, 2]);
  assert.equal(await ledger.longestSetAside(), 8);
});

Deno.test("SqliteLedger.longestSetAside() takes the first of those set aside at the same time", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const ids = idsOf(await ledger.claim(entries(2, 5), 5));
  await ledger.write(ids.toReversed().map((id) => settled(id, deferred(SET_ASIDE, false), 7)));
  assert.equal(await ledger.longestSetAside(), 1);
});

Deno.test("SqliteLedger.missing() counts those who wait only in an earlier list, and names the first three", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    await everyState(ledger);
    assert.deepEqual(await ledger.missing(), { count: 0, examples: [] });
  }
  await using ledger = openAt(path, { facts: { list: "list 2" } });
  await ledger.claim([entry(recipient(2, "r4@x.test"))], 2);
  // Those the process had when it ended wait as well, but for the one it had handed over.
  assert.deepEqual(await ledger.missing(), {
    count: 5,
    examples: ["r2@x.test", "r10@x.test", "r13@x.test"],
  });
});

Deno.test("openLedgerReader() answers of a ledger at rest as the next run finds it", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    await everyState(ledger);
  }
  using reader = openLedgerReader(path);
  assert.deepEqual((await Array.fromAsync(reader.waiting())).flat().map(({ key }) => key), [
    ...["r2", "r4", "r10", "r13", "r14", "r15"].map((name) => `${name}@x.test`),
  ]);
  assert.equal(await reader.waitsElsewhere(), false);
  assert.equal(await reader.findSent(["r4@x.test", "r6@x.test", "no@x.test"]), undefined);
  assert.equal(await reader.findSent(["r4@x.test", "r5@x.test"]), "r5@x.test");
  const retry = { states: ["failed", "invalid"], keys: ["r3@x.test", "r5@x.test"] } as const;
  assert.deepEqual(
    await reader.countRetried(retry),
    new Map([["sent", 1], ["failed", 1], ["in-doubt", 1], ["invalid", 1]]),
    "a bad row is nobody",
  );
  await using _other = openAt(path, { facts: { list: "list 2" } });
  assert.equal(await reader.waitsElsewhere(), true);
});

Deno.test("openLedgerReader().takenBy() counts mails that were taken, or perhaps, by the sandbox and by others", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    const ids = idsOf(await ledger.claim(entries(2, 9), 9));
    const relays = ["sandbox:", "mx.test:25", "sandbox:", "mx.test:25", "mx.test:25", "mx.test:25"];
    await ledger.write(relays.map((relay, at) => ({ ...handedOver(ids[at]!), relay })));
    const outcomes = [
      OUTCOMES.sent,
      OUTCOMES.sent,
      OUTCOMES["in-doubt"],
      OUTCOMES.failed,
      deferred(5),
    ];
    await ledger.write(
      outcomes.map((outcome, at) => ({ ...settled(ids[at]!, outcome), relay: relays[at]! })),
    );
    using reader = openLedgerReader(path);
    // The sixth is on its way.
    assert.deepEqual(await reader.takenBy(), { sandbox: 2, real: 2 });
  }
  using none = new Folder();
  await openAt(none.file())[Symbol.asyncDispose]();
  using reader = openLedgerReader(none.file());
  assert.deepEqual(await reader.takenBy(), { sandbox: 0, real: 0 });
});
