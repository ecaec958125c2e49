/** How `summaryOf()` describes the end of a run, depending on what the ledger says. */
import assert from "node:assert/strict";
import { summaryOf, unsentSummary } from "../../src/campaign/run_summary.ts";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import type { CampaignFacts, Ledger, LedgerRow } from "../../src/ledger/ledger.ts";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import type { Tally } from "../../src/model/tally.ts";
import { FACTS } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { NEEDED, resolve } from "../support/settings.ts";
import { plan as planExample, tally as tallyOf } from "../support/report_examples.ts";

const SIGNAL = {
  kind: "signal",
  reason: "Stopped by a signal",
  hint: "Run again to continue.",
} as const;
const MISSING = { count: 2, examples: ["a@x.test", "b@x.test"] };
const SCAN = { rows: 10 } as CampaignFacts["scan"] & object;

interface Case {
  readonly tally?: Partial<Tally>;
  readonly given?: typeof SIGNAL | undefined;
  readonly missing?: typeof MISSING;
  readonly wait?: boolean;
  readonly narrow?: boolean;
  /** Rows of the list that are in the ledger. */
  readonly met?: number | Error;
  /** When the next recipient falls due. */
  readonly due?: number | Error;
  readonly rows?: Ledger["rows"];
  readonly suppressed?: number | Error;
}

async function summary(
  { tally = {}, given, missing, wait = true, narrow = false, met = 10, due, rows, suppressed = 2 }:
    Case,
) {
  const resolved = await resolve(NEEDED);
  const options: SendOptions = {
    ...resolved.options,
    campaign: "c",
    recipients: "list.csv",
    ledger: "c.ledger",
    relays: [relayAt(25, { name: "a:25" }), relayAt(26, { name: "b:26" })],
    wait,
  };
  const told = <T>(value: T | Error) =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  const ledger: Partial<Ledger> = {
    tally: () => Promise.resolve(tallyOf(tally)),
    countListRows: () => told(met),
    countSuppressed: () => told(suppressed),
    nextDue: () => told(due),
    rows: rows ?? (async function* () {}),
  };
  return await summaryOf(options, ledger as Ledger, { ...FACTS, scan: SCAN }, {
    sentNow: 4,
    durationMs: 1_500,
    missing,
    limited: false,
    narrow,
    stop: given,
  });
}

Deno.test("summaryOf() says which run it was and what it did", async () => {
  const { campaign, ledger, relays, sentNow, durationMs, tally } = await summary({
    tally: { sent: 9 },
  });
  assert.deepEqual([campaign, ledger, relays], ["c", "c.ledger", ["a:25", "b:26"]]);
  assert.deepEqual([sentNow, durationMs, tally.sent], [4, 1_500, 9]);
});

Deno.test("summaryOf() counts the suppressed among the skipped, if there are any and the ledger can still be read", async () => {
  const suppressedOf = async (given: Case) => (await summary(given)).suppressed;
  assert.equal(await suppressedOf({ tally: { sent: 9, skipped: 3 } }), 2);
  const broken = new StorageError("disk full");
  assert.equal(await suppressedOf({ tally: { skipped: 3 }, suppressed: broken }), undefined);
  assert.equal(await suppressedOf({ tally: { sent: 9 }, suppressed: broken }), 0);
});

for (
  const [what, given, expected] of [
    ["all are sent", { tally: { sent: 9 } }, ["done", 0, undefined]],
    ["some failed", { tally: { sent: 8, failed: 1 } }, ["done", 1, undefined]],
    ["a signal came", { tally: { sent: 9 }, given: SIGNAL }, ["stopped", 3, SIGNAL.reason]],
    [
      "one is still waiting",
      { tally: { queued: 1 } },
      ["stopped", 3, "1 recipient is still waiting"],
    ],
    [
      "some are still waiting, whatever their state",
      { tally: { queued: 1, claimed: 2, deferred: 3 } },
      ["stopped", 3, "6 recipients are still waiting"],
    ],
    [
      "retries are due",
      { tally: { deferred: 3 }, wait: false },
      ["stopped", 3, "Retries are still due, and --no-wait is set"],
    ],
    [
      "only recipients who are not in the list are waiting",
      { tally: { deferred: 1, queued: 1 }, missing: MISSING },
      ["stopped", 3, "2 recipients are waiting (a@x.test, b@x.test) and not in 'list.csv'"],
    ],
    [
      "others are waiting too",
      { tally: { deferred: 2, queued: 1 }, missing: MISSING },
      ["stopped", 3, "3 recipients are still waiting"],
    ],
  ] as const satisfies readonly (readonly [string, Case, readonly unknown[]])[]
) {
  Deno.test(`summaryOf() says how a run ended: ${what}`, async () => {
    const { state, exitCode, stop } = await summary(given);
    assert.deepEqual([state, exitCode, stop?.reason], expected);
  });
}

for (
  const [what, given, expected] of [
    ["not if the whole list was to be settled, and is", { met: 7 }, [
      "done",
      undefined,
    ]],
    ["if some were chosen", { met: 9, narrow: true }, ["stopped", 1]],
    ["if some were chosen, and the list has no others", { narrow: true }, ["done", 0]],
    ["if the run stopped", { met: 7, given: SIGNAL }, ["stopped", 3]],
    [
      "unless the ledger cannot say",
      { met: new StorageError("gone"), given: SIGNAL },
      ["stopped", undefined],
    ],
  ] as const satisfies readonly (readonly [string, Case, readonly unknown[]])[]
) {
  Deno.test(`summaryOf() counts the rows that no run has reached: ${what}`, async () => {
    const { state, notReached } = await summary(given);
    assert.deepEqual([state, notReached], expected);
  });
}

for (
  const [what, change, expected] of [
    ["all who wait are set aside", {}, true],
    ["the only one who waits is set aside", { tally: { sent: 1, queued: 1 } }, true],
    ["one waits until a given time", { due: 0 }, false],
    ["no reason to stop was given", { given: undefined }, false],
    ["nobody waits", { tally: { sent: 1 } }, false],
    ["nobody was sent a mail", { tally: { deferred: 2 } }, false],
    ["they are not in the list", { missing: MISSING }, false],
    ["rows of the list are still to come", { met: 9 }, false],
    ["the ledger cannot say what it holds", { due: new StorageError("gone") }, false],
    ["the ledger cannot say how many rows were reached", { met: new StorageError("gone") }, true],
  ] as const satisfies readonly (readonly [string, Case, boolean])[]
) {
  Deno.test(`summaryOf() ${expected ? "leaves the decision to a person" : "needs no person to decide"}: ${what}`, async () => {
    const { undecided } = await summary({
      tally: { sent: 1, deferred: 2 },
      given: SIGNAL,
      ...change,
    });
    assert.equal(undecided, expected);
  });
}

Deno.test("summaryOf() names the first five of each state that needs a person, as far as the ledger can say", async () => {
  const asked: string[] = [];
  let read = 0;
  const rows: Ledger["rows"] = async function* ([state] = []) {
    asked.push(state!);
    if (state === "invalid") throw new StorageError("gone");
    for (let line = 2; line < 20; line++, read++) {
      const reason = line === 2 ? undefined : "no";
      yield { line, address: `r${line}@x.test`, reason } as LedgerRow;
    }
  };
  const { examples } = await summary({ tally: { failed: 7, invalid: 1, inDoubt: 2 }, rows });
  assert.deepEqual(examples.map(({ state, line, reason }) => `${state} ${line} ${reason}`), [
    "failed 2 ",
    "failed 3 no",
    "failed 4 no",
    "failed 5 no",
    "failed 6 no",
    "in-doubt 2 ",
    "in-doubt 3 no",
  ]);
  assert.equal(examples[0]!.address, "r2@x.test");
  assert.deepEqual(asked, ["failed", "invalid", "in-doubt"]);
  assert.equal(read, 5, "no row is read that is not shown");
  asked.length = 0;
  await summary({ tally: { sent: 7 }, rows });
  assert.deepEqual(asked, [], "states without recipients are not read");
});

Deno.test("summaryOf() throws if the ledger has a bug", async () => {
  const bug = new TypeError("bug");
  await assert.rejects(summary({ met: bug, given: SIGNAL }), bug);
});

Deno.test("unsentSummary() describes a plan, or a run that was cancelled", () => {
  const { scan } = planExample();
  const plan = planExample({ campaign: "c", ledger: "c.ledger", relays: ["a:25"], toSend: 7 });
  const before = { tally: tallyOf({ sent: 2, skipped: 3 }), suppressed: 1 };
  const about = {
    campaign: "c",
    ledger: "c.ledger",
    relays: ["a:25"],
    ...before,
    notChosen: 0,
    sentNow: 0,
    durationMs: 0,
    examples: [],
  };
  assert.deepEqual(unsentSummary(plan, before, undefined), {
    ...about,
    state: "planned",
    exitCode: 0,
    stop: undefined,
    planned: { scan, toSend: 7, changedSinceDone: [] },
  });
  assert.deepEqual(unsentSummary(plan, before, SIGNAL), {
    ...about,
    state: "stopped",
    exitCode: 3,
    stop: SIGNAL,
  });
});
