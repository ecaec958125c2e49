import type { Bounce, BounceEffect } from "../ledger/bounce_record.ts";
import type { BounceMatch, Effective } from "./matching/match.ts";
import type { MessagePlace } from "./messages/messages.ts";
import type { Report } from "./reading/bounce_report.ts";
import type { BounceVerdict } from "./reading/status.ts";
import { mailboxKeyOf } from "../model/recipient.ts";
import { countOf, countText } from "../text/quantity.ts";

/** The result for one message, or for one recipient that a report names. */
export interface BounceFinding extends MessagePlace {
  readonly kind: Report["kind"];
  /** Key of the recipient in the ledger; where there is none, the address in the report. */
  readonly recipient?: string;
  readonly verdict?: BounceVerdict;
  readonly status?: string;
  readonly code?: number;
  readonly diagnostic?: string;
  readonly matchedBy?: "message-id" | "return-path" | "recipient";
  /** failed: the recipient's state is now failed. noted: counted. known: read before. none: nothing was done. */
  readonly effect: BounceEffect["kind"] | "none";
  /** Soft bounces of the recipient so far. */
  readonly softBounces?: number;
  readonly suppressed: boolean;
  /** Why nothing was done, why no recipient was marked, or why the message could not be read. */
  readonly reason?: string;
}

/** How many of each kind; each recipient of a report counts. */
export interface BouncesResult {
  messages: number;
  hard: number;
  soft: number;
  complaints: number;
  /** Reports about nobody in the ledger. */
  unmatched: number;
  /** Reports without the token that `verp` requires: nothing was done. */
  unproven: number;
  delays: number;
  receipts: number;
  autoReplies: number;
  challenges: number;
  others: number;
  unreadable: number;
  /** Recipients whose state is now failed. */
  failed: number;
  /** Reports that had been read before. */
  known: number;
  /** Addresses that were added to the suppression list. */
  suppressed: number;
}

export function emptyResult(): BouncesResult {
  return {
    messages: 0,
    hard: 0,
    soft: 0,
    complaints: 0,
    unmatched: 0,
    unproven: 0,
    delays: 0,
    receipts: 0,
    autoReplies: 0,
    challenges: 0,
    others: 0,
    unreadable: 0,
    failed: 0,
    known: 0,
    suppressed: 0,
  };
}

/** A message and its meaning; one for each recipient that a report names. */
export type Item =
  | { readonly place: MessagePlace; readonly report: Exclude<Report, Effective> }
  | {
    readonly place: MessagePlace;
    readonly report: Effective;
    readonly match: BounceMatch;
    /** undefined: it is about nobody in the ledger. */
    readonly bounce: Bounce | undefined;
  };

export function findingOf(
  item: Item,
  effect: BounceEffect | undefined,
  suppressed: boolean,
): BounceFinding {
  const { place, report } = item;
  const nothing: BounceFinding = { ...place, kind: report.kind, effect: "none", suppressed: false };
  if (!("match" in item)) {
    return report.kind === "unreadable" ? { ...nothing, reason: report.reason } : nothing;
  }
  const { match } = item;
  const { diagnosis } = match;
  const recipient = whomOf(match);
  return {
    ...nothing,
    ...(recipient !== undefined && { recipient }),
    ...(diagnosis !== undefined && {
      verdict: diagnosis.verdict,
      diagnostic: diagnosis.diagnostic,
    }),
    ...(diagnosis?.status !== undefined && { status: diagnosis.status }),
    ...(diagnosis?.code !== undefined && { code: diagnosis.code }),
    ...(match.kind === "matched" ? { matchedBy: match.by } : { reason: match.reason }),
    ...(match.kind === "matched" && match.among !== undefined && { reason: AMBIGUOUS }),
    ...(effect !== undefined && { effect: effect.kind, softBounces: effect.soft, suppressed }),
  };
}

const AMBIGUOUS =
  "several mails to this address were accepted, and it does not say which it is about";

/** The recipient; where a report does not say which of a mailbox's, the mailbox. */
function whomOf(match: BounceMatch): string | undefined {
  if (match.kind === "unmatched") return match.address;
  const { recipient: { key }, among } = match;
  return among === undefined ? key : mailboxKeyOf(key);
}

const COUNTED_AS = {
  "delay": "delays",
  "receipt": "receipts",
  "auto-reply": "autoReplies",
  "challenge": "challenges",
  "other": "others",
  "unreadable": "unreadable",
} as const;

/** Counts one item. */
export function count(result: BouncesResult, item: Item, effect: BounceEffect | undefined): void {
  if (!("match" in item)) result[COUNTED_AS[item.report.kind]]++;
  else if (item.match.kind === "unmatched") {
    result[item.match.isUnproven ? "unproven" : "unmatched"]++;
  } else if (item.bounce !== undefined) {
    result[item.bounce.kind === "complaint" ? "complaints" : item.bounce.kind]++;
  }
  if (effect?.kind === "failed" || effect?.kind === "known") result[effect.kind]++;
}

/** The line about a finding. */
export function findingText(finding: BounceFinding): string {
  const { file, number, kind, recipient, verdict, status, effect, reason } = finding;
  const what = verdict === undefined ? kind : `${verdict} bounce`;
  const whom = recipient === undefined ? "" : ` of ${recipient}`;
  const code = status === undefined ? "" : ` (${status})`;
  const done = [
    EFFECTS[effect],
    finding.suppressed ? "suppressed" : "",
    verdict === "soft" && (finding.softBounces ?? 0) > 1
      ? `${finding.softBounces} soft bounces so far`
      : "",
    reason ?? "",
  ].filter((text) => text !== "").join(", ");
  return `${file}, message ${number}: ${what}${whom}${code}${done === "" ? "" : `: ${done}`}`;
}

const EFFECTS: Readonly<Record<BounceFinding["effect"], string>> = {
  failed: "marked failed",
  noted: "noted",
  known: "read before",
  none: "",
};

/** The lines about all messages together. */
export function resultLines(result: BouncesResult, dryRun: boolean): readonly string[] {
  const {
    messages,
    hard,
    soft,
    complaints,
    unmatched,
    unproven,
    unreadable,
    failed,
    known,
    suppressed,
  } = result;
  const not = result.delays + result.receipts + result.autoReplies + result.challenges +
    result.others;
  const counted = [
    [hard, "hard"],
    [soft, "soft"],
    [complaints, complaints === 1 ? "complaint" : "complaints"],
    [unmatched, "about nobody in the ledger"],
    [unproven, "without a valid token"],
    [not, not === 1 ? "not a bounce" : "not bounces"],
    [unreadable, "unreadable"],
  ] as const;
  const parts = counted.filter(([n]) => n > 0).map(([n, what]) => `${countText(n)} ${what}`);
  const of = parts.length === 0 ? "" : `: ${parts.join(", ")}`;
  const before = known === 0 ? "" : `, ${countText(known)} read before`;
  return [
    `${countOf(messages, "message")}${of}`,
    `${dryRun ? "Would be: " : ""}${countText(failed)} marked failed, ${
      countText(suppressed)
    } suppressed${before}`,
  ];
}
