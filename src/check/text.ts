import { escapeLine } from "../text/escape.ts";
import { countOf, countText, sizeText } from "../text/quantity.ts";
import { suppressedLines } from "../suppression/suppression_text.ts";
import type { CheckOptions, CheckReport } from "./check.ts";

import type { DomainFacts } from "./domain/domain.ts";
import type { Finding, Where } from "./finding.ts";
import type { RelayFacts } from "./relay/relay.ts";
import { MOST_LOOKUPS } from "./domain/spf/spf_audit.ts";

/** How many findings of one check are shown; `--json` has more. */
const SHOWN = 10;
/** No line is longer, however wide the terminal: the eye would lose the next one. */
const WIDEST = 110;
const NARROWEST = 50;
const LABEL = 10;

/** What was checked, a line for each thing. */
export function factLines(options: CheckOptions, report: CheckReport): string[] {
  const facts = factsOf(options, report);
  const width = Math.max(LABEL, ...facts.map(([name]) => name.length + 1));
  return facts.map(([name, text]) => `${name.padEnd(width)}${escapeLine(text)}`);
}

type Fact = readonly [name: string, text: string];

function factsOf({ campaign, offline }: CheckOptions, report: CheckReport): readonly Fact[] {
  const { rows, relays, domain } = report;
  const lines: Fact[] = [];
  if (rows !== undefined) {
    const format = rows.delimiter === undefined
      ? "JSON Lines"
      : `separated by ${rows.delimiter === "\t" ? "tab" : `'${rows.delimiter}'`}`;
    lines.push(
      fact(
        "List",
        `${campaign.recipients}: ${
          countOf(rows.rows + rows.notChosen, "row")
        }, ${rows.encoding}, ${format}`,
      ),
      ...chosenFact(campaign, rows),
      fact("Columns", rows.columns.join(", ")),
      fact("Template", `${campaign.template}: ${rows.subject}`),
      fact("From", rows.from),
      fact("Result", resultText(rows)),
    );
  }
  lines.push(...suppressedFacts(report));
  if (rows?.sizes !== undefined) {
    const { mean, largest } = rows.sizes;
    lines.push(
      fact(
        "Size",
        `${sizeText(mean)} on average, ${sizeText(largest.bytes)} at most (line ${largest.line})`,
      ),
    );
  }
  for (const relay of relays) if (relay.reached) lines.push(fact("Relay", relayText(relay)));
  if (domain !== undefined) lines.push(fact("Domain", domainText(domain)));
  if (offline) lines.push(fact("Network", "not checked (--offline)"));
  return lines;
}

function resultText(
  { recipients, suppressed, invalid, duplicates }: NonNullable<CheckReport["rows"]>,
): string {
  return [
    `${countText(recipients - suppressed)} can be mailed`,
    ...(suppressed > 0 ? [`${countText(suppressed)} suppressed`] : []),
    `${countText(invalid)} invalid`,
    countOf(duplicates, "duplicate"),
  ].join(", ");
}

function chosenFact(
  { where }: CheckOptions["campaign"],
  { rows, notChosen }: NonNullable<CheckReport["rows"]>,
): readonly Fact[] {
  if (where === undefined) return [];
  const chosen = `${countOf(rows, "row")} where ${where.expression}`;
  return [fact("Chosen", `${chosen}; ${countText(notChosen)} not chosen`)];
}

function fact(name: string, text: string): Fact {
  return [name, text];
}

function suppressedFacts({ suppression, rows }: CheckReport): readonly Fact[] {
  if (suppression === undefined) return [];
  const suppressed = rows && { count: rows.suppressed, isSoFar: false };
  return suppressedLines(suppression, suppressed).map((line) => fact("Suppressed", line));
}

function relayText(relay: RelayFacts): string {
  const { certificateDays: days, mechanism, maxSize, mailMax } = relay;
  const parts = [
    relay.secure ? "TLS" : "not encrypted",
    ...(days === undefined ? [] : [`certificate valid for ${countOf(days, "day")}`]),
    ...(mechanism === undefined ? [] : [`login ${mechanism.toUpperCase()}`]),
    ...relay.extensions.filter((name) => name !== "SIZE" || maxSize === undefined),
    ...(maxSize === undefined ? [] : [`SIZE ${sizeText(maxSize)}`]),
    ...(mailMax === undefined ? [] : [`MAILMAX ${mailMax}`]),
  ];
  return `${relay.name}: ${parts.join(", ")}`;
}

function domainText({ domain, spf, dkim, dmarc }: DomainFacts): string {
  const parts = [
    spf.record === undefined
      ? "no SPF"
      : `SPF with ${spf.lookups} of ${MOST_LOOKUPS} lookups${
        spf.relays.some(({ result }) => result === "pass") ? ", passed by the relay" : ""
      }`,
    dkim.length === 0 ? "no DKIM of ours" : `DKIM ${dkim.join(" and ")}`,
    dmarc === undefined ? "no DMARC" : `DMARC p=${dmarc.policy}`,
  ];
  return `${domain}: ${parts.join("; ")}`;
}

/**
 * The findings as text, those of one check together, errors first.
 *
 * @param columns Width of the terminal.
 */
export function findingLines(
  { findings, countOf: countOfCheck }: Pick<CheckReport, "findings" | "countOf">,
  columns: number,
): string[] {
  const width = Math.min(WIDEST, Math.max(NARROWEST, columns));
  const groups = Map.groupBy(
    findings,
    ({ level, check, why, fix }) => [level, check, why, fix].join("\n"),
  );
  return [...groups.values()].flatMap((group) => {
    const { check } = group[0]!;
    const kept = findings.filter((finding) => finding.check === check).length;
    const unshown = Math.max(0, group.length - SHOWN) + countOfCheck(check) - kept;
    return groupLines(group, unshown, width);
  });
}

function groupLines(group: readonly Finding[], unshown: number, width: number): string[] {
  const { level, check, why, fix } = group[0]!;
  return [
    "",
    `${level.padEnd(LABEL)}${check}`,
    ...group.slice(0, SHOWN).flatMap((finding) =>
      wrapped("", `${placeText(finding.where)}${escapeLine(finding.what)}`, width)
    ),
    ...(unshown > 0
      ? wrapped("", `and ${countText(unshown)} more (--json lists them)`, width)
      : []),
    ...wrapped("why", escapeLine(why), width),
    ...fix.split("\n").flatMap((line, at) =>
      wrapped(at === 0 ? "fix" : "", escapeLine(line.trim()), width)
    ),
  ];
}

/** `file:line: `; empty where the text names the place itself. */
export function placeText(where: Where | undefined): string {
  if (where === undefined || !("file" in where)) return "";
  const parts = [where.file, where.line, where.column].filter((part) => part !== undefined);
  return `${escapeLine(parts.join(":"))}: `;
}

/** A label with text beside it, broken at blanks; a word that is longer than a line stays whole, so that it can be copied. */
function wrapped(label: string, text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && LABEL + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((part, at) => `${(at === 0 ? label : "").padEnd(LABEL)}${part}`);
}

/** `Found 2 errors, 1 warning`, without the levels that have none. */
export function totalLine({ levels }: Pick<CheckReport, "levels">): string {
  const counted = (["error", "warning", "note"] as const)
    .filter((level) => levels[level] > 0)
    .map((level) => countOf(levels[level], level));
  return counted.length === 0 ? "No problems found" : `Found ${counted.join(", ")}`;
}
