import type { Rate } from "../model/relay.ts";
import { escapeLine } from "../text/escape.ts";
import { countOf, countText, durationText, rateText } from "../text/quantity.ts";
import {
  type LeftOut,
  suppressedLines,
  type SuppressionFacts,
} from "../suppression/suppression_facts.ts";
import { localTimeText } from "../time/local_time.ts";

/** What `send` is about to do, shown before the first mail. */
export interface Plan {
  readonly campaign: string;
  /** Path of the list, or "-". */
  readonly list: string;
  /** The condition that chooses rows; undefined: all are chosen. */
  readonly where?: string | undefined;
  /** Undefined if the list cannot be scanned (standard input), unless a dry run has read it. */
  readonly scan: {
    /** Of the chosen ones. */
    readonly rows: number;
    readonly notChosen?: number;
    readonly recipients: number;
    readonly invalid: number;
    readonly duplicates: number;
    /** The first few bad rows, to be named. */
    readonly examples: readonly { readonly line: number; readonly reason: string }[];
    readonly encoding: string;
    readonly delimiter: string | undefined;
  } | undefined;
  /** What recipients are left out by. */
  readonly suppression: SuppressionFacts;
  /** Recipients of the list who are left out, or those of them who are in the ledger already; undefined: unknown. */
  readonly leftOut: LeftOut | undefined;
  /** Recipients in this ledger who are already settled. */
  readonly settled: number;
  /** Recipients that will get a mail now; undefined if only the rows themselves show it: standard input, a list that changed. */
  readonly toSend: number | undefined;
  readonly inDoubt: number;
  /** Settled recipients in this ledger who are tried again all the same. */
  readonly again: number;
  /** Recipients waiting in the ledger who are not in the list; the first few by address. */
  readonly missing: { readonly count: number; readonly examples: readonly string[] };
  /** They are to be skipped. */
  readonly dropMissing: boolean;
  readonly ledger: string;
  readonly relays: readonly string[];
  /** How each of them is reached: "STARTTLS, login". */
  readonly links: readonly string[];
  /** Folder of the sandbox; undefined if all relays are real. */
  readonly outbox: string | undefined;
  readonly from: string;
  readonly subject: string;
  /** Headers that name others than the recipient, as they are written. */
  readonly shown: readonly {
    readonly header: "To" | "Cc" | "Bcc";
    readonly text: string;
    /** The recipient's own address is shown as well. */
    readonly showsRecipient: boolean;
  }[];
  /** A recipient and the Subject of their mail; undefined if there is nobody to send to, or the list is not known yet. */
  readonly example: {
    readonly address: string;
    readonly subject: string | undefined;
    /** They are the first of this run; otherwise just one of the list, who may have got the mail before. */
    readonly first: boolean;
  } | undefined;
  readonly connections: number;
  readonly rate: Rate | undefined;
  /** The time zone of the sending time that the mails show; undefined if they do not show it. */
  readonly timezone: string | undefined;
  /** How long it takes because of the rate alone, in ms; undefined without a rate. */
  readonly leastMs: number | undefined;
  /** When the first mail may leave, and when the last one must have; ms since the epoch. */
  readonly startAt: number | undefined;
  readonly until: number | undefined;
  /** What differs from the last run with this ledger, one sentence each. */
  readonly changes: readonly string[];
}

const LABEL_WIDTH = 10;
/** More would push the rest of the plan out of a small window; all are in the ledger once it runs. */
const EXAMPLES_SHOWN = 8;
const DELIMITERS: ReadonlyMap<string, string> = new Map([
  [",", "comma"],
  [";", "semicolon"],
  ["\t", "tab"],
  ["|", "pipe"],
]);

/** The plan as people read it: one fact a line, labels in a column of their own; no final line end. */
export function planText(plan: Plan): string {
  const facts: readonly (readonly [string, readonly string[]])[] = [
    ["List", [listFact(plan)]],
    ["Chosen", chosenFact(plan)],
    ["Invalid", invalidFacts(plan)],
    ["Suppressed", suppressedLines(plan.suppression, plan.leftOut).map((line) => escapeLine(line))],
    ["To send", [toSendFact(plan)]],
    ["Again", againFact(plan)],
    ["In doubt", inDoubtFact(plan)],
    ["Missing", missingFact(plan)],
    ["From", [escapeLine(plan.from)]],
    ...plan.shown.map((shown) => [shown.header, [shownFact(shown)]] as const),
    ["Subject", [escapeLine(plan.subject)]],
    [plan.example?.first ? "First" : "Example", exampleFact(plan)],
    ["Relay", relayFacts(plan)],
    ["Speed", [speedFact(plan)]],
    ["Time", timeFact(plan)],
    ["Timezone", timezoneFact(plan)],
    ["Ledger", [escapeLine(plan.ledger)]],
    ["Changed", plan.changes.map((change) => escapeLine(change))],
  ];
  const shown = facts.filter(([, lines]) => lines.length > 0);
  const width = Math.max(LABEL_WIDTH, ...shown.map(([label]) => label.length + 1));
  return [
    `Campaign ${escapeLine(plan.campaign)}`,
    ...shown.flatMap(([label, lines]) =>
      lines.map((line, at) => `  ${(at === 0 ? label : "").padEnd(width)}${line}`)
    ),
  ].join("\n");
}

function listName(list: string): string {
  return list === "-" ? "standard input" : escapeLine(list);
}

function listFact({ list, scan }: Plan): string {
  if (scan === undefined) return `${listName(list)}: checked row by row while sending`;
  const format = `${escapeLine(scan.encoding.toUpperCase())}, ${formatOf(scan.delimiter)}`;
  const duplicates = scan.duplicates > 0 ? [countOf(scan.duplicates, "duplicate")] : [];
  return [
    `${listName(list)}: ${countOf(scan.rows + (scan.notChosen ?? 0), "row")} (${format})`,
    ...duplicates,
  ].join(", ");
}

function chosenFact({ where, scan }: Plan): string[] {
  if (where === undefined) return [];
  const condition = `where ${escapeLine(where)}`;
  if (scan === undefined) return [`rows ${condition}`];
  return [
    `${countOf(scan.rows, "row")} ${condition}; ${countText(scan.notChosen ?? 0)} not chosen`,
  ];
}

function formatOf(delimiter: string | undefined): string {
  if (delimiter === undefined) return "JSON Lines";
  return DELIMITERS.get(delimiter) ?? `"${escapeLine(delimiter)}"`;
}

function invalidFacts({ list, scan }: Plan): string[] {
  if (scan === undefined || scan.invalid === 0) return [];
  const shown = scan.examples.slice(0, EXAMPLES_SHOWN);
  const more = scan.invalid - shown.length;
  return [
    `${countOf(scan.invalid, "row gets", "rows get")} no mail:`,
    ...shown.map(({ line, reason }) => `${listName(list)}:${line}: ${escapeLine(reason)}`),
    ...(more > 0 && shown.length > 0 ? [`and ${countText(more)} more`] : []),
  ];
}

function toSendFact({ toSend, settled, scan }: Plan): string {
  const before = settled > 0 ? `; ${countText(settled)} already settled` : "";
  if (toSend === undefined) {
    return `${
      scan ? "everybody who is not settled yet, row by row" : "every recipient that arrives"
    }${before}`;
  }
  if (toSend === 0) return `nothing${before}`;
  return `${countOf(toSend, "recipient")}${before}`;
}

function againFact({ again }: Plan): string[] {
  if (again === 0) return [];
  return [`${countOf(again, "recipient")} of an earlier run, if they are in the list`];
}

function inDoubtFact({ inDoubt }: Plan): string[] {
  if (inDoubt === 0) return [];
  return [`${countOf(inDoubt, "recipient")} from an earlier run, see "settle" and --in-doubt`];
}

function missingFact({ missing, dropMissing }: Plan): string[] {
  if (missing.count === 0) return [];
  const what = dropMissing ? "they will be skipped (--drop-missing)" : "they keep waiting";
  return [`${missingText(missing)} and not in the list: ${what}`];
}

/** "3 recipients are waiting (a@x.test, b@x.test and 1 more)". */
export function missingText({ count, examples }: Plan["missing"]): string {
  const more = count - examples.length;
  const names = examples.map((address) => escapeLine(address)).join(", ");
  const rest = more > 0 ? ` and ${countText(more)} more` : "";
  return `${countOf(count, "recipient")} ${count === 1 ? "is" : "are"} waiting (${names}${rest})`;
}

/** What a header that names others means: a mail goes to its row's address and nowhere else. */
function shownFact({ header, text, showsRecipient }: Plan["shown"][number]): string {
  const who = `'${escapeLine(text)}'`;
  const noCopy = `${
    showsRecipient ? "besides the recipient, nobody" : "nobody"
  } named there gets a copy unless they are in the list too`;
  if (header === "Bcc") return `${who}: left out of the mails; ${noCopy}`;
  return header === "To" && !showsRecipient
    ? `${who}: recipients see this, not their own address; ${noCopy}`
    : `${who}: shown in every mail; ${noCopy}`;
}

function exampleFact({ example }: Plan): string[] {
  if (example === undefined) return [];
  const { address, subject } = example;
  return [escapeLine(address) + (subject === undefined ? "" : `: ${escapeLine(subject)}`)];
}

function relayFacts({ outbox, relays, links }: Plan): readonly string[] {
  if (outbox === undefined) {
    return relays.map((relay, at) =>
      escapeLine(relay) + (links[at] === undefined ? "" : `: ${links[at]}`)
    );
  }
  const folder = escapeLine(outbox.endsWith("/") ? outbox : `${outbox}/`);
  return [`sandbox: nothing leaves this machine; mails go to ${folder}`];
}

function speedFact({ connections, rate, leastMs }: Plan): string {
  return [
    countOf(connections, "connection"),
    ...(rate === undefined ? [] : [`at most ${rateText(rate)}`]),
    ...(leastMs === undefined ? [] : [`so at least ${durationText(leastMs)}`]),
  ].join(", ");
}

function timeFact({ startAt, until }: Plan): string[] {
  const parts = [
    ...(startAt === undefined ? [] : [`from ${localTimeText(startAt)}`]),
    ...(until === undefined ? [] : [`until ${localTimeText(until)}`]),
  ];
  if (parts.length === 0) return [];
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return [`${parts.join(" ")} (${timeZone})`];
}

function timezoneFact({ timezone }: Plan): string[] {
  return timezone === undefined ? [] : [`${escapeLine(timezone)}, for 'now' in the template`];
}
