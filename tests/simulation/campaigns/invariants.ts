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
import type { Told } from "./promises/told.ts";
import { assertNamedWhoMayBe, assertSameMail } from "./promises/whom_and_what.ts";
import type { RunRecord } from "./relays/relay.ts";
import type { Dossier } from "./relays/truth.ts";

/** The clocks of two runs differ by up to so much. */
const SKEW_MS = 20_000;

/** What must hold when a run is over, however it ended. */
export function assertRun(told: Told): void {
  assertNobodyTwice(told);
  assertRecorded(told);
  assertReasons(told);
  assertFewInDoubt(told);
  assertNamedWhoMayBe(told);
  assertSameMail(told);
  assertFailedForTheirOwn(told);
  assertRates(told);
  assertKnowsItsCampaign(told);
  assert.deepEqual(told.truth.rudeness, [], "a relay that had said 421 was spoken to");
  if (told.end.kind === "killed") return;
  assertNothingLeft(told);
  assertStoppedBySignal(told);
  assertStoppedByDisk(told);
  if (told.end.kind === "error") assertExpected(told, told.end.error);
  else {
    assertVerdict(told, told.end.summary);
    assertReasonToStop(told, told.end.summary);
  }
}

/**
 * Promise 8: whoever failed was refused for their own sake, or put off for their own sake when they had been tried as often or as long as
 * the user lets them be. Nobody fails for our pace, or because a relay takes nobody.
 */
function assertFailedForTheirOwn({ truth, before, after, options }: Told): void {
  for (const { key, code = 0, attempts, reason, state } of after.rows) {
    if (state !== "failed" || key === undefined) continue;
    if (before.byKey.get(key)?.state === "failed") continue;
    const dossier = truth.of(key);
    const theirs = code >= 500
      ? dossier.ownNo > 0
      : dossier.putOff?.own === true && isUsedUp(dossier, attempts, options);
    assert.ok(theirs, `${key} failed for what is not theirs: ${reason}`);
  }
}

/** Whether no try is left, or no time for the pause before one. */
function isUsedUp({ firstAt, putOff }: Dossier, attempts: number, options: SendOptions): boolean {
  const { retries, retryForMs, firstRetryMs } = options;
  const triedForMs = putOff!.at - firstAt!;
  return attempts > retries ||
    triedForMs + backoffMs(attempts, firstRetryMs ?? FIRST_RETRY_MS, 1) > retryForMs - SKEW_MS;
}
/** A relay that is busy reads a mail so much later, and the next one at once. */
const LATE_MS = 500;

/** No more mails by any time than the rates allow from the beginning of the run on. */
function assertRates({ relays, options, began }: Told): void {
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
