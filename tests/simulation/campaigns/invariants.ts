import assert from "node:assert/strict";
import type { SendOptions } from "../../../src/campaign/send_options.ts";
import { backoffMs, FIRST_RETRY_MS } from "../../../src/policy/backoff.ts";
import type { Rate } from "../../../src/model/relay.ts";
import {
  assertExpected,
  assertKnowsItsCampaign,
  assertNothingLeft,
  assertReasonToStop,
  assertStoppedByDisk,
  assertStoppedBySignal,
} from "./promises/endings.ts";
import { assertFewInDoubt } from "./promises/few_in_doubt.ts";
import { assertNobodyTwice, assertRecorded } from "./promises/mailed_once.ts";
import { assertReasons, assertVerdict } from "./promises/rows.ts";
import type { RunFacts } from "./promises/run_facts.ts";
import { assertOnlyEligibleNamed, assertSameMail } from "./promises/recipients_and_mails.ts";
import type { RunRecord } from "./relays/relay.ts";
import type { RecipientRecord } from "./relays/ground_truth.ts";

/** The clocks of two runs differ by no more than this. */
const SKEW_MS = 20_000;

/** What must hold when a run is over, however it ended. */
export function assertRun(facts: RunFacts): void {
  assertNobodyTwice(facts);
  assertRecorded(facts);
  assertReasons(facts);
  assertFewInDoubt(facts);
  assertOnlyEligibleNamed(facts);
  assertSameMail(facts);
  assertFailuresJustified(facts);
  assertRates(facts);
  assertKnowsItsCampaign(facts);
  assert.deepEqual(facts.truth.commandsAfter421, [], "commands were sent after a 421");
  if (facts.end.kind === "killed") return;
  assertNothingLeft(facts);
  assertStoppedBySignal(facts);
  assertStoppedByDisk(facts);
  if (facts.end.kind === "error") assertExpected(facts, facts.end.error);
  else {
    assertVerdict(facts, facts.end.summary);
    assertReasonToStop(facts, facts.end.summary);
  }
}

/**
 * Promise 8: a failed recipient was refused for a reason of their own, or deferred for one until no try or no time was left.
 * Nobody fails because of our pace, or because a relay accepts nobody.
 */
function assertFailuresJustified({ truth, before, after, options }: RunFacts): void {
  for (const { key, code = 0, attempts, reason, state } of after.rows) {
    if (state !== "failed" || key === undefined) continue;
    if (before.byKey.get(key)?.state === "failed") continue;
    const record = truth.of(key);
    const theirs = code >= 500
      ? record.ownRefusals > 0
      : record.lastDeferral?.own === true && isUsedUp(record, attempts, options);
    assert.ok(theirs, `${key} failed for a reason that is not theirs: ${reason}`);
  }
}

/** Whether no try is left, or no time for the pause before the next one. */
function isUsedUp(
  { firstAt, lastDeferral }: RecipientRecord,
  attempts: number,
  options: SendOptions,
): boolean {
  const { retries, retryForMs, firstRetryMs } = options;
  const triedForMs = lastDeferral!.at - firstAt!;
  return attempts > retries ||
    triedForMs + backoffMs(attempts, firstRetryMs ?? FIRST_RETRY_MS, 1) > retryForMs - SKEW_MS;
}
/** A busy relay reads a mail up to this much later, and then the next one at once. */
const LATE_MS = 500;

/** Mails never exceed the rates, neither between any two moments nor since the start of the run. */
function assertRates({ relays, options, began }: RunFacts): void {
  assertRate(relays, options.rate, began);
  relays.forEach((relay, at) => assertRate([relay], options.relays[at]!.rate, began));
}

function assertRate(
  relays: readonly RunRecord[],
  rate: Rate | undefined,
  began: number,
): void {
  if (rate === undefined) return;
  const times = relays.flatMap(({ attempts, writtenAgain }) => {
    const seen = new Set<string>();
    return attempts.flatMap(({ at, key, session }) => {
      if (writtenAgain && seen.has(`${session} ${key}`)) return [];
      seen.add(`${session} ${key}`);
      return at;
    });
  });
  times.sort((a, b) => a - b);
  const perMs = rate.count / rate.perMs;
  times.forEach((to, last) => {
    const most = 1.01 + perMs * (to - began);
    assert.ok(last < most, `${last + 1} mails in ${to - began} ms: ${JSON.stringify(rate)}`);
    times.slice(0, last).forEach((from, first) => {
      const count = last - first + 1;
      const room = 1.01 + perMs * (to - from + LATE_MS);
      assert.ok(count <= room, `${count} mails in ${to - from} ms: ${JSON.stringify(rate)}`);
    });
  });
}
