import type { SendOptions } from "./send_options.ts";
import { choosesFromAll } from "../pipeline/producer/selection.ts";
import type { Recipient } from "../model/recipient.ts";
import type { CampaignFacts } from "../ledger/ledger.ts";
import type { State } from "../model/state.ts";
import type { Relay } from "../model/relay.ts";
import type { Plan } from "../report/plan.ts";
import type { Tally } from "../model/tally.ts";
import type { Content } from "./content/content.ts";
import { suppressionFacts } from "../suppression/suppression_facts.ts";
import { changesSince } from "./content/changes/changes_since.ts";
import type { PreviousRun } from "./previous/previous_run.ts";

/** A plan, and what the ledger holds before it. */
export interface Planned {
  readonly plan: Plan;
  readonly before: { readonly tally: Tally; readonly suppressed: number };
}

const NOTHING_YET: Tally = {
  total: 0,
  queued: 0,
  claimed: 0,
  deferred: 0,
  sent: 0,
  failed: 0,
  invalid: 0,
  skipped: 0,
  inDoubt: 0,
};

/** What is about to happen, as far as list and ledger show; opens no connection and changes nothing. */
export function planOf(
  options: SendOptions,
  content: Content,
  previous: PreviousRun | undefined,
): Planned {
  const { composer, missing } = content;
  const scan = countedRows(content);
  const counts = countsOf(options, content, previous);
  const { toSend } = counts;
  const { rate, relays, connections, startAt, until, ledger } = options;
  const plan: Plan = {
    ...leavingOut(options, content, previous),
    campaign: options.campaign,
    list: options.recipients,
    where: options.where?.expression,
    scan,
    ...counts,
    missing,
    dropMissing: options.dropMissing && choosesFromAll(options),
    ledger,
    relays: relays.map(({ name }) => name),
    links: relays.map(linkOf),
    outbox: relays.some(({ sandbox }) => sandbox) ? options.outbox : undefined,
    from: composer.from,
    subject: composer.subject,
    shown: composer.othersShown(exampleRecipient(options, content)),
    example: toSend === 0 ? undefined : exampleOf(options, content, previous),
    connections,
    rate,
    timezone: timezoneOf(options, content),
    startAt,
    until,
    leastMs: rate && toSend !== undefined ? toSend * rate.perMs / rate.count : undefined,
    changedSinceDone: content.changedSinceDone,
    changes: changesOf(options, content, previous),
  };
  return { plan, before: previous ?? { tally: NOTHING_YET, suppressed: 0 } };
}

/** What differs from the last run, and what that means. */
function changesOf(
  { yesChanged }: SendOptions,
  { facts, leftBehind, changedSinceDone }: Content,
  previous: PreviousRun | undefined,
): readonly string[] {
  const isRefused = changedSinceDone.length > 0 && !yesChanged;
  return changesSince(previous?.facts, facts, leftBehind, isRefused);
}

/** What recipients are left out by, and how many they are. An unchanged list is not scanned: then the ledger knows. */
function leavingOut(
  options: SendOptions,
  { suppression, suppressed }: Content,
  previous: PreviousRun | undefined,
): Pick<Plan, "suppression" | "suppressed"> {
  const facts = suppressionFacts(options, suppression);
  const count = suppressed ?? previous?.suppressed;
  return {
    suppression: facts,
    suppressed: count === undefined ? undefined : { count, isSoFar: suppressed === undefined },
  };
}

/** What is known of the rows: composing finds each that makes no mail, a scan only those that name no recipient. */
function countedRows({ scan, composed }: Content): Plan["scan"] {
  return scan && composed ? { ...scan, ...composed } : scan ?? composed;
}

/** The time zone of dates in the mails, if there are any. */
function timezoneOf({ timezone }: SendOptions, { composer }: Content): string | undefined {
  return composer.uses().some(({ kind }) => kind === "now") ? timezone ?? "UTC" : undefined;
}

/** The first row that makes a mail, or the first of the named recipients. */
function exampleRecipient(
  { only }: SendOptions,
  { scan, firstNamed }: Content,
): Recipient | undefined {
  return only.length === 0 ? scan?.first : firstNamed;
}

function exampleOf(
  options: SendOptions,
  content: Content,
  previous: PreviousRun | undefined,
): Plan["example"] {
  const { offset, shard } = options;
  const { composer, suppression } = content;
  const recipient = exampleRecipient(options, content);
  return recipient && {
    address: recipient.address,
    subject: composer.subjectOf(recipient),
    first: offset === 0 && shard === undefined && (previous?.tally.total ?? 0) === 0 &&
      suppression.why(recipient.key) === undefined,
  };
}

/** How many recipients get a mail, why, and how many get none. */
function countsOf(
  options: SendOptions,
  content: Content,
  previous: PreviousRun | undefined,
): Pick<Plan, "settled" | "toSend" | "inDoubt" | "again" | "readmitted"> {
  const scan = countedRows(content);
  const { suppressed, readmitted } = content;
  return {
    settled: settledOf(options, content, previous),
    toSend: toSendOf(options, scan && { ...scan, suppressed }, previous, content),
    inDoubt: heldOf(options, previous),
    again: retriedOf(options, previous),
    readmitted,
  };
}

/** How many are settled and stay so. */
function settledOf(
  options: SendOptions,
  { readmitted }: Content,
  previous: PreviousRun | undefined,
): number {
  if (previous === undefined) return 0;
  const { sent, failed, skipped, invalid, inDoubt } = previous.tally;
  return sent + failed + skipped + invalid + inDoubt - retriedOf(options, previous) - readmitted;
}

const SECURITY: Readonly<Record<Relay["security"], string>> = {
  tls: "TLS",
  starttls: "STARTTLS",
  opportunistic: "STARTTLS if offered",
  off: "no TLS",
};

/** How mails get to a relay. Never the user name: with some providers it is the password. */
function linkOf({ security, auth }: Relay): string {
  return `${SECURITY[security]}, ${auth === undefined ? "no login" : "login"}`;
}

/** How many stay in doubt. */
function heldOf(options: SendOptions, previous: PreviousRun | undefined): number {
  const resendsAll = options.inDoubt === "resend" && choosesFromAll(options);
  if (previous === undefined || resendsAll) return 0;
  return previous.tally.inDoubt - (previous.again.get("in-doubt") ?? 0);
}

/** How many settled recipients are tried again. */
function retriedOf({ inDoubt }: SendOptions, previous: PreviousRun | undefined): number {
  if (previous === undefined) return 0;
  const states: readonly State[] = ["failed", "invalid", "skipped", "in-doubt"];
  const chosen = states.reduce((sum, state) => sum + (previous.again.get(state) ?? 0), 0);
  const held = previous.again.get("in-doubt") ?? 0;
  return inDoubt === "resend" ? chosen - held + previous.tally.inDoubt : chosen;
}

/**
 * How many recipients get a mail now. Exact for a new or unchanged list; unknown for one that changed, until each of its rows has
 * been claimed.
 */
function toSendOf(
  { limit, only, inDoubt, offset, shard }: SendOptions,
  scan: (NonNullable<Plan["scan"]> & Pick<Content, "suppressed">) | undefined,
  previous: PreviousRun | undefined,
  { facts, readmitted }: Content,
): number | undefined {
  if (scan === undefined || shard !== undefined || offset > 0) return undefined;
  // A named address can have any number of rows.
  if (facts.key !== undefined && only.length > 0) return undefined;
  const most = Math.min(limit ?? Infinity, only.length === 0 ? Infinity : only.length);
  const { copies = 0 } = scan;
  // How many copies the first recipients have, nobody counted.
  if (copies > 0 && most !== Infinity) return undefined;
  if (previous === undefined) {
    return Math.min(Math.max(0, scan.recipients + copies - (scan.suppressed ?? 0)), most);
  }
  // Standard input has no identity.
  if (facts.list === "" || previous.facts.list !== facts.list || only.length > 0) return undefined;
  if (!isOfOneChoice(facts.choice, previous.facts.choice)) return undefined;
  const { total, sent, failed, skipped, invalid, inDoubt: doubted } = previous.tally;
  // More rows than the list has: some are from an earlier list, and nobody counted how many of those were mailed.
  if (total > scan.rows + copies) return undefined;
  const again = (state: State) => previous.again.get(state) ?? 0;
  const held = inDoubt === "hold" ? doubted - again("in-doubt") : 0;
  // Suppressed recipients, and those for whom no mail could be made; the scan does not count duplicates and invalid rows.
  const ruledOut = Math.max(0, skipped - again("skipped") - scan.duplicates) +
    Math.max(0, invalid - again("invalid") - scan.invalid);
  const settled = sent + failed - again("failed") + held + ruledOut - readmitted;
  return Math.min(Math.max(0, scan.recipients + copies - settled), most);
}

/** Returns whether all that the ledger holds of the list is chosen now; otherwise nobody counted how many of it are. */
function isOfOneChoice(now: CampaignFacts["choice"], before: CampaignFacts["choice"]): boolean {
  if (now === undefined) return true;
  return now.condition !== "" && now.condition === before?.condition && before.enteredBefore === 0;
}
