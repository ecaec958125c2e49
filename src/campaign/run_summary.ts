import { wallTime } from "../time/clock.ts";
import type { SendOptions } from "./send_options.ts";
import type { StopReason } from "../model/stop.ts";
import type { CampaignFacts, Ledger } from "../ledger/ledger.ts";
import type { Missing } from "../ledger/returning.ts";
import { unlessBroken } from "../ledger/unless_broken.ts";
import { type RowsLeft, rowsLeft } from "../ledger/rows_left.ts";
import type { Plan } from "../report/plan.ts";
import { leftBehindText, missingText } from "../report/plan_text.ts";
import { countOf } from "../text/quantity.ts";
import { exitCodeOf } from "../model/exit_code.ts";
import { MOST_NAMED, NAMED_STATES, type Summary } from "../report/summary.ts";
import type { Tally } from "../model/tally.ts";

/** What the pipeline did in this run. */
export interface Delivered {
  /** Mails the relay accepted. */
  readonly sentNow: number;
  readonly durationMs: number;
  /** Waiting recipients who are not in the list; undefined: none. */
  readonly missing: Missing | undefined;
  /** Whether `--limit` left rows of the list out. */
  readonly limited: boolean;
  /** Not everybody in the list was chosen. */
  readonly narrow: boolean;
  /** Why it ended early; undefined if it did not. */
  readonly stop: StopReason | undefined;
}

/** What a run achieved. */
export async function summaryOf(
  { campaign, recipients, relays, wait, ledger: path }: SendOptions,
  ledger: Ledger,
  facts: CampaignFacts,
  { sentNow, durationMs, missing, narrow, stop: given }: Delivered,
): Promise<Summary> {
  const tally = await ledger.tally();
  const others = facts.choice?.waiting ?? 0;
  const waiting = Math.max(0, tally.queued + tally.claimed + tally.deferred - others);
  const stop = given ??
    (missing && waiting === missing.count
      ? missingReason(missing, recipients)
      : waiting === 0
      ? undefined
      : stillWaiting(waiting, { wait, narrow }));
  const exitCode = exitCodeOf(tally, stop, others);
  const rest = exitCode === 3 || narrow ? await rowsLeftIn(ledger, facts) : undefined;
  const left = rest?.notReached;
  const undecided = given !== undefined && waiting > 0 && missing === undefined &&
    (left ?? 0) === 0 && tally.sent > 0 && await areAllSetAside(ledger);
  return {
    campaign,
    ledger: path,
    relays: relays.map(({ name }) => name),
    // As `status` sees it: a list is not done while rows of it are left, even if nobody else was chosen.
    state: exitCode === 3 || (left ?? 0) > 0 ? "stopped" : "done",
    tally,
    suppressed: tally.skipped === 0 ? 0 : await unlessBroken(ledger.countSuppressed()),
    notReached: left,
    notChosen: facts.choice === undefined ? 0 : rest?.notChosen,
    waitingNotChosen: others,
    ...(facts.scan?.differing && { differing: facts.scan.differing }),
    sentNow,
    durationMs,
    exitCode,
    stop,
    undecided,
    examples: await examplesOf(ledger, tally),
  };
}

/** The rows of the list that are not in the ledger; undefined if the store can no longer be read. */
function rowsLeftIn(ledger: Ledger, facts: CampaignFacts): Promise<RowsLeft | undefined> {
  return unlessBroken(ledger.countListRows().then((entered) => rowsLeft(facts, entered)));
}

/** Returns whether no waiting recipient has a due time, not even one in the past. */
async function areAllSetAside(ledger: Ledger): Promise<boolean> {
  const due = ledger.nextDue(wallTime()).then((due) => due === undefined);
  return await unlessBroken(due) ?? false;
}

function stillWaiting(
  waiting: number,
  { wait, narrow }: { readonly wait: boolean; readonly narrow: boolean },
): StopReason {
  return {
    // The same choice, made again, would leave them out again.
    kind: wait && narrow ? "not-chosen" : "retries-due",
    reason: wait
      ? `${countOf(waiting, "recipient is", "recipients are")} still waiting`
      : "Retries are still due, and --no-wait is set",
    hint: "Run again to continue.",
  };
}

/** Nobody is dropped just because another list is sent. */
function missingReason(missing: Missing, list: string): StopReason {
  return {
    kind: "missing",
    reason: missing.count > 0
      ? `${missingText(missing)} and not in '${list}'`
      : leftBehindText(missing.leftBehind ?? 0),
    hint: "Send the list that has them, or give up on them with --drop-missing.",
  };
}

/** "No" to the question. */
export const CANCELLED: StopReason = {
  kind: "cancelled",
  reason: "Cancelled: nothing was sent",
  hint: undefined,
};

/** A run that ended before it began: `--dry-run`, or "no" to the question. */
export function unsentSummary(
  plan: Plan,
  { tally, suppressed }: Pick<Summary, "tally" | "suppressed">,
  stop: StopReason | undefined,
): Summary {
  return {
    campaign: plan.campaign,
    ledger: plan.ledger,
    relays: plan.relays,
    state: stop === undefined ? "planned" : "stopped",
    tally,
    suppressed,
    notChosen: plan.where === undefined ? 0 : plan.scan?.notChosen,
    sentNow: 0,
    durationMs: 0,
    exitCode: stop === undefined ? 0 : 3,
    stop,
    ...(stop === undefined && { planned: plannedOf(plan) }),
    examples: [],
  };
}

function plannedOf({ scan, toSend, changedSinceDone }: Plan): Summary["planned"] {
  return { scan, toSend, changedSinceDone };
}

async function examplesOf(ledger: Ledger, tally: Tally): Promise<Summary["examples"]> {
  const counts = { failed: tally.failed, invalid: tally.invalid, "in-doubt": tally.inDoubt };
  const examples: Summary["examples"][number][] = [];
  for (const state of NAMED_STATES) {
    const wanted = Math.min(MOST_NAMED, counts[state]);
    examples.push(...await unlessBroken(firstRows(ledger, state, wanted)) ?? []);
  }
  return examples;
}

async function firstRows(
  ledger: Ledger,
  state: typeof NAMED_STATES[number],
  wanted: number,
): Promise<Summary["examples"]> {
  const examples: Summary["examples"][number][] = [];
  if (wanted === 0) return examples;
  for await (const { line, address, reason } of ledger.rows([state])) {
    examples.push({ state, line, address, reason: reason ?? "" });
    if (examples.length === wanted) break;
  }
  return examples;
}
