import { countOf } from "../text/quantity.ts";
import type { SuppressionListOptions } from "./suppression.ts";
import { isListMissed, type SuppressedCount, type SuppressionFacts } from "./suppression_facts.ts";

// Texts about the suppression, the same in a plan and in the report of `check`.

/** "left.db: 1,204 addresses; competitors.txt: 12 addresses"; undefined: nothing is used, and nothing missed. */
function suppressionText(facts: SuppressionFacts): string | undefined {
  const { list, listed, files, filed } = facts;
  const addresses = (count: number) => countOf(count, "address", "addresses");
  const parts = [
    ...(listed === undefined ? [] : [`${list}: ${addresses(listed)}`]),
    ...(files.length === 0 ? [] : [`${files.join(", ")}: ${addresses(filed)}`]),
  ];
  if (parts.length > 0) return parts.join("; ");
  return isListMissed(facts) ? `none: there is no '${list}'` : undefined;
}

/** "left.db: 1,204 addresses; 3 recipients left out"; empty if there is nothing to say. */
export function suppressedLines(
  facts: SuppressionFacts,
  suppressed: SuppressedCount | undefined,
): readonly string[] {
  const text = suppressionText(facts);
  if (text === undefined) return [];
  const isUsed = facts.listed !== undefined || facts.files.length > 0;
  if (suppressed === undefined || !isUsed) return [text];
  const { count, isSoFar } = suppressed;
  const whom = count === 0 ? "no recipient" : countOf(count, "recipient");
  return [`${text}; ${whom} left out${isSoFar ? " so far" : ""}`];
}

/** Says that nobody who has left is left out, and which list was looked for. */
export function missedText({ list }: SuppressionFacts): string {
  return `The mails offer to unsubscribe, but there is no suppression list '${list}': people who left earlier are not recognized`;
}

/** The ways to a list, as advice. */
export function waysToList({ userFile }: SuppressionListOptions): string {
  const wide = userFile === undefined ? "" : ` or suppression_list in ${userFile}`;
  return `Name the list with --suppression-list, list under [unsubscribe] in campaign.toml${wide}, or create one with 'unsubscribe import'`;
}

/** Says that the list in the campaign's folder is not used, since another one is named for all campaigns. */
export function unusedText({ path, unused, place }: SuppressionListOptions): string | undefined {
  if (unused === undefined || place === undefined) return undefined;
  const by = place.line === undefined ? place.file : `${place.file}:${place.line}`;
  return `The suppression list '${unused}' is not used, because ${by} names '${path}'`;
}

/** How to use both lists, as advice. */
export function waysToMerge({ unused }: SuppressionListOptions): string {
  return `Add its addresses to the other one: unsubscribe list --suppression-list ${unused} > left.csv, then unsubscribe import left.csv`;
}
