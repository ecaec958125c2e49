import assert from "node:assert/strict";
import type { Outcome } from "../../src/model/outcome.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import { settleByHand } from "../../src/ledger/sqlite/by_hand/settle_by_hand.ts";
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
import { BY_RELAY, HANDED_OVER, NEW, PUT_OFF, SENT, type Stored, stored } from "./stored_row.ts";

/** Later than all times of this test. */
const LATE = 1_000_000;

/** The changes to the recipient of line 2, whose row is 1, in order. */
const STEPS: Readonly<Record<string, (ledger: SqliteLedger) => Promise<unknown>>> = {
  "claimed": (ledger) => ledger.claim(entries(2, 2), 2),
  "handed over": (ledger) => ledger.write([handedOver(1)]),
  "sent": (ledger) => ledger.write([settled(1, OUTCOMES.sent)]),
  "deferred": (ledger) => ledger.write([settled(1, deferred(70), 60)]),
  "set aside": (ledger) => ledger.write([settled(1, deferred(SET_ASIDE, false), 60)]),
  "due": (ledger) => ledger.claimDue(LATE, 1),
  "asked in a round": (ledger) => ledger.claimSetAside(1, 9, LATE, 1),
  "in doubt": (ledger) => ledger.write([settled(1, OUTCOMES["in-doubt"], 80)]),
  "resent": (ledger) => ledger.claimRows("in-doubt", [1], LATE),
  "resent by a clock set back": (ledger) => ledger.claimRows("in-doubt", [1], 30),
  "released": (ledger) => ledger.release(),
};

for (
  const [steps, expected] of [
    [["claimed"], { ...NEW, state: "claimed" }],
    [["claimed", "released"], { ...NEW, state: "queued", not_before: 0 }],
    [["claimed", "handed over"], { ...NEW, ...HANDED_OVER, state: "handed-over", at: 500 }],
    [["claimed", "handed over", "sent"], {
      ...NEW,
      ...SENT,
      state: "sent",
      attempts: 1,
      at: 1_000,
      room: null,
    }],
    [["claimed", "deferred"], {
      ...NEW,
      ...PUT_OFF,
      state: "deferred",
      attempts: 1,
      not_before: 70,
      first_tried_at: 60,
      at: 60,
    }],
    [["claimed", "deferred", "due", "handed over", "sent"], {
      ...NEW,
      ...SENT,
      state: "sent",
      attempts: 2,
      first_tried_at: 60,
      at: 1_000,
      room: null,
    }],
    [["claimed", "deferred", "due", "released"], {
      ...NEW,
      ...PUT_OFF,
      state: "queued",
      attempts: 1,
      not_before: 0,
      first_tried_at: 60,
      at: 60,
    }],
    [["claimed", "set aside", "asked in a round", "released"], {
      ...NEW,
      ...PUT_OFF,
      state: "queued",
      not_before: SET_ASIDE,
      at: 60,
    }],
    [["claimed", "handed over", "released"], {
      ...NEW,
      ...HANDED_OVER,
      state: "in-doubt",
      attempts: 1,
      at: 500,
      reason: "Handed over to mx.test:25 when the process ended; no reply was recorded",
    }],
    [["claimed", "handed over", "in doubt"], {
      ...NEW,
      ...HANDED_OVER,
      state: "in-doubt",
      attempts: 1,
      at: 80,
      stage: "body",
      reason: "No reply",
      room: null,
    }],
    [["claimed", "deferred", "due", "handed over", "in doubt", "resent", "released"], {
      ...NEW,
      ...HANDED_OVER,
      state: "in-doubt",
      attempts: 2,
      first_tried_at: 60,
      at: 80,
      stage: "body",
      reason: "No reply",
      room: null,
    }],
    [["claimed", "deferred", "due", "handed over", "in doubt", "resent by a clock set back"], {
      ...NEW,
      ...HANDED_OVER,
      state: "claimed",
      attempts: 2,
      first_tried_at: 30,
      at: 80,
      stage: "body",
      reason: "No reply",
      room: null,
    }],
    [["claimed", "handed over", "in doubt", "resent", "handed over", "sent"], {
      ...NEW,
      ...SENT,
      state: "sent",
      attempts: 2,
      at: 1_000,
      room: null,
    }],
  ] as const
) {
  Deno.test(`The row of a recipient who was ${steps.join(", ")} says so, and nothing else`, async () => {
    using folder = new Folder();
    const path = folder.file();
    await using ledger = openAt(path);
    for (const step of steps) await STEPS[step]!(ledger);
    assert.deepEqual(stored(path, 1), expected);
  });
}

Deno.test("The row of a recipient who was deferred before is in doubt again if a run has claimed and released it", async () => {
  using folder = new Folder();
  const path = folder.file();
  for (const steps of [["claimed", "deferred", "due", "handed over"], ["resent"]]) {
    await using ledger = openAt(path);
    for (const step of steps) await STEPS[step]!(ledger);
  }
  const { state, not_before, attempts } = stored(path, 1);
  assert.deepEqual([state, not_before, attempts], ["in-doubt", null, 2]);
});

/** Opens the ledger for another list, and does something to its recipients. */
async function inAnotherList(
  path: string,
  act: (ledger: SqliteLedger) => Promise<unknown>,
): Promise<void> {
  await using ledger = openAt(path, { facts: { list: "list 2" } });
  await act(ledger);
}

/** A ledger whose row 1 is deferred, tried first at 60, and closed. */
async function deferredIn(path: string, outcome: Outcome = deferred(70)): Promise<void> {
  await using ledger = openAt(path);
  await ledger.claim(entries(2, 2), 2);
  await ledger.write([settled(1, outcome, 60)]);
}

const now = (row: Stored) =>
  typeof row["at"] === "number" && Math.abs(row["at"] - Date.now()) < 60_000;

Deno.test("The row of somebody who is suppressed, missing, settled by hand or back in the list says so", async () => {
  const suppressed = [entry(recipient(7, "r2@x.test"), "Suppressed")];
  const skipped = { ...NEW, ...PUT_OFF, state: "skipped", attempts: 1, first_tried_at: 60 };
  for (
    const [act, expected] of [
      [(path: string) => inAnotherList(path, (ledger) => ledger.claim(suppressed, 7)), {
        ...skipped,
        revision: 2,
        reason: "Suppressed",
      }],
      [(path: string) => inAnotherList(path, (ledger) => ledger.skipMissing("b.csv")), {
        ...skipped,
        reason: "No longer in b.csv",
      }],
      [(path: string) => void settleByHand(path, ["r2@x.test"], "sent"), {
        ...skipped,
        state: "sent",
        reason: "Settled by hand",
      }],
      [(path: string) => void settleByHand(path, ["r2@x.test"], "queued"), {
        ...skipped,
        state: "queued",
        attempts: 0,
        first_tried_at: null,
        not_before: 0,
        reason: "Settled by hand",
      }],
    ] as const
  ) {
    using folder = new Folder();
    const path = folder.file();
    await deferredIn(path);
    await act(path);
    const { at, ...row } = stored(path, 1);
    const { at: _at, ...wanted } = expected;
    assert.deepEqual(row, wanted);
    assert(now({ ...row, at }), `of now, not of the last try: ${at}`);
  }
  using folder = new Folder();
  await deferredIn(folder.file(), OUTCOMES.skipped);
  await inAnotherList(folder.file(), (ledger) => ledger.claim(entries(2, 2), 2));
  assert.deepEqual(stored(folder.file(), 1), {
    ...NEW,
    ...BY_RELAY,
    revision: 2,
    state: "queued",
    not_before: 0,
    room: null,
  }, "whoever was never mailed begins like anybody else");
});

Deno.test("A duplicate, an invalid row and a suppressed recipient are entered with their reasons and the time", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  await ledger.claim([
    entry(recipient(2)),
    entry(recipient(3, "r2@x.test")),
    entry(badRow(4)),
    entry(recipient(5), "Suppressed"),
  ], 5);
  for (
    const [id, state, reason] of [
      [2, "skipped", "Duplicate of line 2"],
      [3, "invalid", "Address is empty"],
      [4, "skipped", "Suppressed"],
    ] as const
  ) {
    const { at, ...row } = stored(folder.file(), id);
    const { at: _at, ...fresh } = NEW;
    assert.deepEqual(row, { ...fresh, state, reason, room: null });
    assert(now({ ...row, at }));
  }
  assert.deepEqual(idsOf(await ledger.claim(entries(6, 6), 6)), [5]);
});
