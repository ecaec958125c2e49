import assert from "node:assert/strict";
import type { SendOptions } from "../../../src/campaign/send_options.ts";
import { backoffMs, FIRST_RETRY_MS } from "../../../src/policy/backoff.ts";
import { InputError } from "../../../src/model/input_error.ts";
import { perSecondOf } from "../../../src/model/rate.ts";
import type { Summary } from "../../../src/report/summary.ts";
import { StorageError } from "../../../src/sqlite/storage_error.ts";
import type { MailingList } from "./mailing_list.ts";
import type { Observation } from "./observation.ts";
import type { End, Leftovers } from "./process.ts";
import type { Fate } from "./relays/relay_nature.ts";
import type { RunPlan } from "./scenario.ts";
import type { Dossier, Truth } from "./relays/truth.ts";

/** All that is known of a run when it is over. */
export interface Told {
  readonly run: number;
  readonly plan: RunPlan;
  readonly options: SendOptions;
  readonly end: End;
  readonly began: number;
  readonly endedAt: number;
  readonly signalledAt: number | undefined;
  readonly leftovers: Leftovers;
  /** The list, and what it was changed into while it was sent; not where that was at the very end, when nobody looks any more. */
  readonly lists: readonly MailingList[];
  readonly suppressed: readonly string[];
  readonly before: Observation;
  readonly after: Observation;
  /** Of each relay. */
  readonly attempts: readonly (readonly { at: number; key: string; session: number }[])[];
  /** A relay closes connections after so many mails, and says nothing. */
  readonly silentEnds: boolean;
  /** How many mails each may get who may get more than one. */
  readonly allowed: ReadonlyMap<string, number>;
  readonly fates: ReadonlyMap<string, Fate>;
  readonly truth: Truth;
  /** Everybody who has ever stood in the list. */
  readonly met: ReadonlySet<string>;
}

/** The clocks of two runs differ by up to so much. */
const SKEW_MS = 20_000;

/** A run that is told to stop ends within this: 30 s for replies, and what it takes to leave. */
const LONGEST_FAREWELL_MS = 40_000;

export const OPEN: ReadonlySet<string> = new Set(["queued", "claimed", "handed-over", "deferred"]);

/** What must hold when a run is over, however it ended. */
export function assertRun(told: Told): void {
  assertNobodyTwice(told);
  assertRecorded(told);
  assertFewInDoubt(told);
  assertNamedWhoMayBe(told);
  assertSameMail(told);
  assertFailedForTheirOwn(told);
  assertRates(told);
  assert.deepEqual(told.truth.rudeness, [], "a relay that had said 421 was spoken to");
  if (told.end.kind === "killed") return;
  assertNothingLeft(told);
  assertStoppedInTime(told);
  if (told.end.kind === "error") assertExpected(told, told.end.error);
  else assertVerdict(told, told.end.summary);
}

/** DESIGN 6.2. */
function assertNobodyTwice({ truth, allowed }: Told): void {
  for (const [key, count] of truth.counts) {
    assert.ok(count <= (allowed.get(key) ?? 1), `${key} was mailed ${count} times`);
  }
}

/** Whatever a relay took is on record, and nothing is on record as sent that none took. */
function assertRecorded({ truth, after, allowed }: Told): void {
  const { counts } = truth;
  for (const key of counts.keys()) {
    const state = after.byKey.get(key)?.state;
    const known = state === "sent" || state === "in-doubt" || allowed.has(key);
    assert.ok(known, `${key} was mailed and is ${state} in the ledger`);
  }
  for (const key of after.keysIn("sent")) {
    assert.ok(counts.has(key), `${key} is sent in the ledger, and no relay has taken it`);
  }
}

function assertFewInDoubt({ plan, options, before, after, ...told }: Told): void {
  const doubted = before.keysIn("in-doubt");
  const news = [...after.keysIn("in-doubt")].filter((key) => !doubted.has(key));
  const connections = Math.max(options.connections, options.relays.length);
  if (told.end.kind === "killed") {
    assert.ok(news.length <= 2 * connections + 50, `${news.length} are in doubt after a kill`);
  }
  const calm = plan.days.every(({ cuts, slow, trouble }) =>
    cuts === 0 && slow.ms === 0 && trouble.kind === "none"
  );
  if (told.end.kind === "killed" || !calm || plan.diskFault !== undefined) return;
  if (plan.signal?.againMs !== undefined) return;
  // A relay that closes a connection after so many mails without a word leaves what was under way behind them unanswered.
  if (told.silentEnds) return;
  const cut = [...told.fates].some(([key, fate]) =>
    fate.kind === "cut" && told.truth.of(key).runs.has(told.run)
  );
  if (!cut) assert.deepEqual(news, [], "in doubt although no connection broke");
}

/** Nobody is named to a relay who is not in the list, or is suppressed. */
function assertNamedWhoMayBe({ truth, lists, suppressed, run, options, before }: Told): void {
  const listed = new Set(lists.flatMap(({ keys }) => [...keys]));
  const named = [...truth.named].filter(([, { runs }]) => runs.has(run)).map(([key]) => key);
  for (const key of named) {
    assert.ok(listed.has(key), `${key} was named to a relay and is not in the list`);
    assert.ok(!suppressed.includes(key), `${key} is suppressed and was named to a relay`);
    const state = before.byKey.get(key)?.state;
    const settled = state === "sent" || state === "failed" ||
      (state === "in-doubt" && options.inDoubt === "hold");
    assert.ok(!settled, `${key} was ${state} before the run and was named to a relay in it`);
  }
  const { limit = Infinity } = options;
  assert.ok(named.length <= limit, `${named.length} were named to relays with --limit ${limit}`);
}

/** DESIGN 6.4. */
function assertSameMail({ truth }: Told): void {
  for (const [key, { messageIds, texts, rows }] of truth.named) {
    assert.ok(messageIds.size <= 1, `${key} got several Message-IDs: ${[...messageIds].join(" ")}`);
    assert.ok(texts.size <= rows.size, `${key} got different mails: ${[...texts].join("---\n")}`);
  }
}

/**
 * DESIGN 6.8: whoever failed was refused for his own sake, or put off for his own sake when he had been tried as often or as long as
 * the user lets him be. Nobody fails for our pace, or because a relay takes nobody.
 */
function assertFailedForTheirOwn({ truth, before, after, options }: Told): void {
  for (const { key, code = 0, attempts, reason, state } of after.rows) {
    if (state !== "failed" || key === undefined) continue;
    if (before.byKey.get(key)?.state === "failed") continue;
    const dossier = truth.of(key);
    const theirs = code >= 500
      ? dossier.ownNo > 0
      : dossier.putOff?.own === true && isUsedUp(dossier, attempts, options);
    assert.ok(theirs, `${key} failed for what is not his: ${reason}`);
  }
}

/** Whether no try is left, or no time for the pause before one. */
function isUsedUp({ firstAt, putOff }: Dossier, attempts: number, options: SendOptions): boolean {
  const { retries, retryForMs, firstRetryMs } = options;
  const triedForMs = putOff!.at - firstAt!;
  return attempts > retries ||
    triedForMs + backoffMs(attempts, firstRetryMs ?? FIRST_RETRY_MS, 1) > retryForMs - SKEW_MS;
}

/** No more mails by any time than the rates allow from the beginning of the run on. */
function assertRates({ attempts, options, began }: Told): void {
  const all = attempts.flat().sort((a, b) => a.at - b.at);
  assertRate(all, perSecondOf(options.rate), began);
  attempts.forEach((some, at) => assertRate(some, perSecondOf(options.relays[at]!.rate), began));
}

function assertRate(
  attempts: readonly { at: number; key: string; session: number }[],
  perSecond: number | undefined,
  began: number,
): void {
  if (perSecond === undefined) return;
  // Where a relay refuses what stands behind a final dot, the same is written once more.
  const seen = new Set<string>();
  for (const { at, key, session } of attempts) {
    seen.add(`${session} ${key}`);
    const most = 1.01 + perSecond * (at - began) / 1_000;
    assert.ok(seen.size <= most, `${seen.size} mails within ${at - began} ms at ${perSecond}/s`);
  }
}

function assertNothingLeft({ leftovers, end, after, plan }: Told): void {
  const { held } = after;
  const given = held === 0 || end.kind === "error" || plan.diskFault !== undefined;
  assert.ok(given, `${held} are not given back to the ledger`);
  const none: Leftovers = { timers: 0, connections: 0, files: 0, listeners: 0 };
  assert.deepEqual(leftovers, none, `left behind by a run that ended: ${end.kind}`);
}

function assertStoppedInTime({ signalledAt, endedAt }: Told): void {
  if (signalledAt === undefined) return;
  const tookMs = endedAt - signalledAt;
  assert.ok(tookMs <= LONGEST_FAREWELL_MS, `ended ${tookMs} ms after the signal`);
}

/** A run throws for what is wrong with the list, or with the disk when the ledger is opened: nothing was sent. */
function assertExpected({ plan, options, lists }: Told, error: unknown): void {
  const ofList = error instanceof InputError &&
    (plan.edit !== undefined || lists.some(({ rows }) => rows.length <= options.offset));
  const ofDisk = error instanceof StorageError && plan.diskFault !== undefined;
  const ofSignal = error instanceof DOMException && plan.signal !== undefined;
  if (!ofList && !ofDisk && !ofSignal) throw error;
}

function assertVerdict({ after, lists, options }: Told, summary: Summary): void {
  const { tally, exitCode, state, stop } = summary;
  const { total, ...counts } = tally;
  assert.deepEqual(counts, {
    queued: after.count("queued"),
    claimed: 0,
    deferred: after.count("deferred"),
    sent: after.count("sent"),
    failed: after.count("failed"),
    invalid: after.count("invalid"),
    skipped: after.count("skipped"),
    inDoubt: after.count("in-doubt"),
  });
  assert.equal(total, after.rows.length);
  const owed = tally.queued + tally.deferred > 0 || stop !== undefined;
  const trouble = tally.failed + tally.invalid + tally.inDoubt > 0;
  assert.equal(exitCode, owed ? 3 : trouble ? 1 : 0);
  if (state !== "done") return;
  assert.notEqual(exitCode, 3);
  if (options.limit === undefined && options.offset === 0) {
    assertEverybodySettled(after, lists.at(-1)!);
  }
}

/** DESIGN 6.1: each row of the list has a state and a reason. */
function assertEverybodySettled({ rows, byKey }: Observation, list: MailingList): void {
  const byLine = new Map(rows.map((row) => [row.line, row]));
  list.rows.forEach(({ key }, at) => {
    const row = byLine.get(at + 2) ?? (key === undefined ? undefined : byKey.get(key));
    assert.ok(row !== undefined, `line ${at + 2} of the list is not in the ledger: ${key}`);
    assert.ok(!OPEN.has(row.state), `line ${at + 2} is ${row.state} in a campaign that is done`);
    assert.ok(row.state === "sent" || row.reason, `line ${at + 2} is ${row.state} for no reason`);
  });
}
