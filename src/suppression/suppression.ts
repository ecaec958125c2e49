/** How an address came onto the suppression list. */
export type SuppressionSource =
  /** The mail program's own button (RFC 8058). */
  | "one-click"
  /** The button of the page behind the link. */
  | "page"
  /** A mail to the address of List-Unsubscribe. */
  | "mailto"
  | "import"
  | "hand"
  | "bounce";

/** An address that must get no mail from any campaign. */
export interface Suppressed {
  /** See `Recipient.key`. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The campaign whose mail the person unsubscribed by, or whose mail came back. */
  readonly campaign: string | undefined;
  readonly source: SuppressionSource;
  /** In a person's words, or a server's. */
  readonly reason: string | undefined;
}

const SAID: Readonly<Record<SuppressionSource, string>> = {
  "one-click": "unsubscribed",
  "page": "unsubscribed",
  "mailto": "unsubscribed",
  "import": "imported",
  "hand": "added by hand",
  "bounce": "bounced",
};

/** Why somebody gets no mail, for the ledger: "unsubscribed 2026-11-24 (campaign spring)". The day is UTC's. */
export function whySuppressed({ at, campaign, source, reason }: Suppressed): string {
  const day = new Date(at).toISOString().slice(0, 10);
  const details = [campaign && `campaign ${campaign}`, reason].filter(Boolean).join("; ");
  return `${SAID[source] ?? source} ${day}${details && ` (${details})`}`;
}
