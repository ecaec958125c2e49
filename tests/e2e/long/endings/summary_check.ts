/** Compares the summary on stderr with the counts and the rows of `export`. */
import { type Counts, suppressedOf, totalOf } from "./counts.ts";
import type { Run } from "./round.ts";

/** Most recipients of each state that are named. */
const NAMED = 5;

/** The names of the JSON's counts in the summary. */
const NAMES: Readonly<Record<keyof Counts, string>> = {
  sent: "sent",
  failed: "failed",
  invalid: "invalid",
  skipped: "skipped",
  in_doubt: "in doubt",
  deferred: "deferred",
  queued: "still to send",
};
const SECTIONS = [
  ["Failed", "failed", "failed"],
  ["Invalid", "invalid", "invalid"],
  ["In doubt", "in_doubt", "in-doubt"],
] as const;

export function summaryFaults(run: Run, counts: Counts): string[] {
  const { code, stderr } = run.ended;
  const stopped = /^ {2}Reason +\S/m.test(stderr);
  return [
    ...(stopped === (code === 3) ? [] : [`summary ${stopped ? "has a" : "lacks the"} reason`]),
    ...countFaults(stderr, counts, suppressedOf(run.rows)),
    ...SECTIONS.flatMap(([title, count, state]) => sectionFaults(run, title, counts[count], state)),
  ];
}

/** "Total     25 recipients: 24 sent, 1 failed"; counts of 0 are omitted. */
function countFaults(stderr: string, counts: Counts, suppressed: number): string[] {
  const found = /^ {2}Total +(\d[\d,]*) recipients?: (.+)$/m.exec(stderr);
  const total = totalOf(counts);
  if (total === 0) return [];
  const expected = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([field, count]) => {
      const of = field === "skipped" && suppressed > 0 ? ` (${suppressed} suppressed)` : "";
      return `${count} ${NAMES[field as keyof Counts]}${of}`;
    }).join(", ");
  const said = `${found?.[1]}: ${found?.[2]}`;
  return said === `${total}: ${expected}`
    ? []
    : [`summary says ${said}, not ${total}: ${expected}`];
}

/** A title, then "line 7  address  reason" for up to five, then how many more. */
function sectionFaults(run: Run, title: string, count: number, state: string): string[] {
  const section = new RegExp(`^  ${title}\\n((?: {4}.*\\n?)*)`, "m").exec(run.ended.stderr)?.[1] ??
    "";
  const lines = [...section.matchAll(/^ {4}line (\d+) +(.*)$/gm)];
  const more = Number(/^ {4}and ([\d,]+) more$/m.exec(section)?.[1] ?? 0);
  const faults = [];
  if (lines.length !== Math.min(NAMED, count) || lines.length + more !== count) {
    faults.push(`summary: ${title} names ${lines.length} and ${more} more, of ${count}`);
  }
  for (const [, line, text] of lines) {
    const row = run.rows.find(({ _line }) => _line === line);
    // The summary shows the domain in lower case.
    const says = (what: string) => text!.toLowerCase().includes(what.toLowerCase());
    const isSo = row?.["_state"] === state && says(row["Email"]!) && says(row["_reason"]!);
    if (!isSo) faults.push(`summary: ${title} names line ${line}: ${text}`);
  }
  return faults;
}
