import { differingLines } from "../list/file/differing_rows.ts";
import { escapeLine } from "../text/escape.ts";
import { countOf, countText, durationText, rateText } from "../text/quantity.ts";
import { suppressedLines } from "../suppression/suppression_text.ts";
import { localTimeText } from "../time/local_time.ts";
import type { Plan } from "./plan.ts";

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
    ["Duplicate", differingLines(plan.scan?.differing)],
    [
      "Suppressed",
      suppressedLines(plan.suppression, plan.suppressed).map((line) => escapeLine(line)),
    ],
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
  return `${toSendCount(toSend, scan)}${before}`;
}

function toSendCount(toSend: number, scan: Plan["scan"]): string {
  const { recipients = toSend, copies = 0 } = scan ?? {};
  if (copies === 0) return countOf(toSend, "recipient");
  if (toSend !== recipients + copies) return `${countOf(toSend, "mail")}, copies included`;
  return `${countOf(recipients, "recipient")} and ${countOf(copies, "copy", "copies")}`;
}

function againFact({ again, readmitted }: Plan): string[] {
  return [
    ...(again === 0
      ? []
      : [`${countOf(again, "recipient")} of an earlier run, if they are in the list`]),
    ...(readmitted === 0
      ? []
      : [`${countOf(readmitted, "recipient")} left out by an earlier run can be mailed now`]),
  ];
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

/** "At least 7 recipients of an earlier list have not been reached". */
export function leftBehindText(count: number): string {
  return `At least ${countOf(count, "recipient")} of an earlier list ${
    count === 1 ? "has" : "have"
  } not been reached`;
}

/** What a header that names others means: a mail goes to its row's address and nowhere else. */
function shownFact({ header, text, showsRecipient, copied }: Plan["shown"][number]): string {
  const who = `'${escapeLine(text)}'`;
  const how = header === "Bcc" ? "left out of the mails" : "shown in every mail";
  if (copied) return `${who}: ${how}; everybody named there gets a copy`;
  const nobody = showsRecipient ? "besides the recipient, nobody" : "nobody";
  const noCopy = `${nobody} named there gets a copy unless they are in the list too`;
  return header === "To" && !showsRecipient
    ? `${who}: recipients see this, not their own address; ${noCopy}`
    : `${who}: ${how}; ${noCopy}`;
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
