import type { MailingListOptions } from "../compose/content_options.ts";
import type { OpenSuppression, SuppressingOptions } from "./suppressing.ts";
import { countOf } from "../text/quantity.ts";
import type { SuppressionListOptions } from "./suppression.ts";

/** What a campaign leaves recipients out by. */
export interface SuppressionFacts {
  /** Path of the list, whether or not there is one. */
  readonly list: string;
  /** Addresses on it; undefined: there is no list. */
  readonly listed: number | undefined;
  readonly files: readonly string[];
  /** Addresses in the files. */
  readonly filed: number;
  /** The mails offer to unsubscribe, so somebody may have left. */
  readonly isOffered: boolean;
}

/** What to leave recipients out by, and what the mails offer. */
export interface SuppressionFactsOptions extends SuppressingOptions {
  readonly mailingList: Pick<MailingListOptions, "unsubscribeUrl" | "unsubscribeMailto">;
}

/** What is known of it once it is open. */
export function suppressionFacts(
  { suppress, suppressionList, mailingList }: SuppressionFactsOptions,
  { filed, listed }: Pick<OpenSuppression, "filed" | "listed">,
): SuppressionFacts {
  const { unsubscribeUrl, unsubscribeMailto } = mailingList;
  return {
    list: suppressionList.path,
    listed,
    files: suppress,
    filed,
    isOffered: (unsubscribeUrl ?? unsubscribeMailto) !== undefined,
  };
}

/** Returns whether nobody is left out although the mails offer to unsubscribe. */
export function isListMissed({ listed, files, isOffered }: SuppressionFacts): boolean {
  return isOffered && listed === undefined && files.length === 0;
}

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

/** How many recipients of a list are left out. */
export interface LeftOut {
  readonly count: number;
  /** Only those count who are in the ledger already. */
  readonly isSoFar: boolean;
}

/** "left.db: 1,204 addresses; 3 recipients left out"; empty if there is nothing to say. */
export function suppressedLines(
  facts: SuppressionFacts,
  leftOut: LeftOut | undefined,
): readonly string[] {
  const text = suppressionText(facts);
  if (text === undefined) return [];
  const isUsed = facts.listed !== undefined || facts.files.length > 0;
  if (leftOut === undefined || !isUsed) return [text];
  const { count, isSoFar } = leftOut;
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
