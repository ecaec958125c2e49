import type { MailingListOptions } from "../compose/content_options.ts";
import type { OpenSuppression, SuppressingOptions } from "./suppressing.ts";

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

/** How many recipients of a list are suppressed. */
export interface SuppressedCount {
  readonly count: number;
  /** Only those count who are in the ledger already. */
  readonly isSoFar: boolean;
}
