import assert from "node:assert/strict";
import { InputError } from "../../../../src/model/input_error.ts";
import { StorageError } from "../../../../src/sqlite/storage_error.ts";
import type { StopKind } from "../../../../src/model/stop_kind.ts";
import type { Summary } from "../../../../src/report/summary.ts";
import type { Leftovers } from "../process.ts";
import type { Fate } from "../relays/relay_profile.ts";
import type { RunPlan } from "../scenario.ts";
import { LARGEST_WINDOW, type RunFacts } from "./run_facts.ts";

/** A run that is asked to stop ends within this time: 30 s for replies, and some more to close its connections. */
const LONGEST_FAREWELL_MS = 40_000;

export function assertNothingLeft({ leftovers, end, before, after, struckAt }: RunFacts): void {
  // A run that ends before it has opened the ledger leaves the rows that an earlier, killed one held.
  const most = struckAt !== undefined ? Infinity : end.kind === "error" ? before.held : 0;
  assert.ok(after.held <= most, `${after.held} rows are still held`);
  const none: Leftovers = { timers: 0, connections: 0, files: 0, listeners: 0 };
  assert.deepEqual(leftovers, none, `left behind by a run that ended: ${end.kind}`);
}

/** A run stops only for something that has happened: no row and no healthy relay stops it. */
export function assertReasonToStop(facts: RunFacts, { stop }: Summary): void {
  if (stop === undefined) return;
  assert.ok(JUSTIFIED[stop.kind]?.(facts), `stopped for no reason: ${stop.kind}: ${stop.reason}`);
}

const ofRelay = ({ relays, lists, fates }: RunFacts): boolean =>
  relays.some(({ isHealthy }) => !isHealthy) ||
  lists.some(({ keys }) => [...keys].some((key) => mayBeAboutUs(fates.get(key))));

/** When a run may end with a reason of each kind; never for the others. */
const JUSTIFIED: Readonly<Partial<Record<StopKind, (facts: RunFacts) => boolean>>> = {
  "signal": ({ signalledAt }) => signalledAt !== undefined,
  "deadline": ({ plan, began, endedAt }) => endedAt >= untilOf(plan, began),
  "list-changed": ({ edited }) => edited,
  "ledger": ({ diskFailed }) => diskFailed,
  "retries-due": ({ options }) => !options.wait,
  "content": makesNoMail,
  "not-chosen": ({ options }) => options.limit !== undefined || options.offset > 0,
  "missing": ({ options }) => !options.dropMissing,
  "refused-by-relay": ofRelay,
  "relay-busy": ofRelay,
  "quota": ofRelay,
  "unreachable": ofRelay,
  "sender": ofRelay,
  "login": ofRelay,
  "tls": ofRelay,
};

/** The content stops a run whose first 20 mails cannot be made; only a strict template leaves any unmade. */
function makesNoMail({ plan, lists }: RunFacts): boolean {
  const unmailable = lists.map(({ keys, mailable }) => keys.size - mailable.size);
  return !plan.lenient && Math.max(...unmailable) >= 20;
}

/** When `--until` stops the run: a time of the wall clock, which counts whole milliseconds. */
function untilOf({ untilMs = Infinity }: Pick<RunPlan, "untilMs">, began: number): number {
  return Math.floor(began) + untilMs;
}

function mayBeAboutUs(fate: Fate | undefined): boolean {
  return fate !== undefined && !(fate.kind === "refused" && fate.clear);
}

/** Promise 6: a signal ends the run in time, and with exit code 3; no job is started after it. */
export function assertStoppedBySignal(
  { signalledAt, endedAt, end, relays, options }: RunFacts,
): void {
  if (signalledAt === undefined) return;
  const tookMs = endedAt - signalledAt;
  assert.ok(tookMs <= LONGEST_FAREWELL_MS, `ended ${tookMs} ms after the signal`);
  if (end.kind === "summary") assert.equal(end.summary.exitCode, 3, "stopped by a signal");
  const attempts = relays.flatMap((relay) => relay.attempts);
  const earlier = new Set(attempts.filter(({ at }) => at <= signalledAt).map(({ key }) => key));
  const later = new Set(attempts.filter(({ key }) => !earlier.has(key)).map(({ key }) => key));
  const connections = Math.max(options.connections, options.relays.length);
  const most = connections * ((options.window ?? LARGEST_WINDOW) + 1);
  assert.ok(later.size <= most, `${later.size} mails were started after the signal`);
}

/** Promise 7: a disk that fails ends the run at once, with the reason. */
export function assertStoppedByDisk(facts: RunFacts): void {
  const { struckAt, endedAt, end } = facts;
  if (struckAt === undefined || end.kind === "killed") return;
  const tookMs = endedAt - struckAt;
  assert.ok(tookMs <= LONGEST_FAREWELL_MS, `ended ${tookMs} ms after the disk failed`);
  if (end.kind === "error") return;
  assert.equal(end.summary.exitCode, 3, "the disk failed");
  const { stop } = end.summary;
  const isReason = stop?.kind === "ledger" || wasStopping(facts, struckAt);
  const isRelays = stop !== undefined && REFUSES_US.includes(stop.kind);
  assert.ok(isReason || isRelays, `the disk failed: ${stop?.reason}`);
}

/** A relay is the reason; only the run knows when that was. */
const REFUSES_US: readonly StopKind[] = ["refused-by-relay", "relay-busy", "quota", "sender"];

/** The run had another reason to stop by then. */
function wasStopping({ signalledAt = Infinity, plan, began }: RunFacts, at: number): boolean {
  return signalledAt <= at || untilOf(plan, began) <= at;
}

/** A run throws because of the list, of the disk when the ledger is opened, or of a signal, and has then sent nothing. */
export function assertExpected(facts: RunFacts, error: unknown): void {
  const { edited, lists, options, diskFailed, signalledAt, relays, before, after } = facts;
  const ofList = error instanceof InputError &&
    (edited || lists.some(({ rows }) => rows.length <= options.offset));
  const ofDisk = error instanceof StorageError && diskFailed;
  const ofSignal = error instanceof DOMException && error.name === "AbortError" &&
    signalledAt !== undefined;
  if (!ofList && !ofDisk && !ofSignal) throw error;
  assert.ok(
    relays.every(({ attempts }) => attempts.length === 0),
    `mails were sent before: ${error}`,
  );
  assert.deepEqual(after.rows, before.rows, `the ledger was changed before: ${error}`);
}

/** Promise 5: another list and another template are reported, and a second process is refused. */
export function assertKnowsItsCampaign({ before, after, changes, intruder }: RunFacts): void {
  if (before.facts !== undefined && after.facts !== undefined && changes !== undefined) {
    const { list, template } = after.facts;
    const reported = changes.join();
    // After a run that found the list changed while sending, the next one reads all of it again.
    if (list !== before.facts.list && list !== "") assert.match(reported, OTHER_LIST);
    if (template !== before.facts.template) assert.match(reported, OTHER_TEMPLATE);
  }
  if (intruder === undefined) return;
  const { result } = intruder;
  assert.ok(result instanceof StorageError, `a second process got: ${result}`);
  assert.match(result.message, /it is in use/);
}

const OTHER_LIST = /The list is not the one of the last run|Rows were appended/;
const OTHER_TEMPLATE = /The template is not the one of the last run/;
