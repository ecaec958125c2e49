import type { SourcePlace } from "../model/input_error.ts";

/** Which suppression list to use. */
export interface SuppressionListOptions {
  readonly path: string;
  /** Somebody named it, so it must exist; otherwise it is the one that the campaign's folder may have. */
  readonly named: boolean;
  /** Where it is named, unless by a flag or a variable. */
  readonly place?: SourcePlace | undefined;
  /** The list in the campaign's folder, if the user-wide file names another. */
  readonly unused?: string | undefined;
  /** Path of the user-wide file, whether or not there is one; undefined: the environment names no folder for it. */
  readonly userFile?: string | undefined;
}

/** How an address got onto the suppression list. */
export type SuppressionSource =
  /** The unsubscribe button of the mail program (RFC 8058). */
  | "one-click"
  /** The button on the page that the link leads to. */
  | "page"
  /** A mail to the address of List-Unsubscribe. */
  | "mailto"
  | "import"
  | "hand"
  | "bounce"
  /** The relay refused the address for good. */
  | "relay";

/** An address that must get no mail from any campaign. */
export interface Suppressed {
  /** See `Recipient.key`. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The campaign whose mail was unsubscribed from, or bounced. */
  readonly campaign: string | undefined;
  readonly source: SuppressionSource;
  /** As worded by a person or a server. */
  readonly reason: string | undefined;
}

const SAID: Readonly<Record<SuppressionSource, string>> = {
  "one-click": "unsubscribed",
  "page": "unsubscribed",
  "mailto": "unsubscribed",
  "import": "imported",
  "hand": "added by hand",
  "bounce": "bounced",
  "relay": "refused by the relay",
};

/** Formats for the ledger why somebody gets no mail: "unsubscribed 2026-11-24 (campaign spring)". The date is in UTC. */
export function whySuppressed({ at, campaign, source, reason }: Suppressed): string {
  const day = new Date(at).toISOString().slice(0, 10);
  const details = [campaign && `campaign ${campaign}`, reason].filter(Boolean).join("; ");
  return `${SAID[source] ?? source} ${day}${details && ` (${details})`}`;
}
