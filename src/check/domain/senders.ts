import type { DkimSettings } from "../../compose/dkim/dkim_settings.ts";

/** Who sends, as a receiver sees it. */
export interface Senders {
  /** Addresses, domains as A-labels: that of From, the envelope sender, where answers go. */
  readonly from: string;
  readonly envelope: string;
  readonly replyTo: string | undefined;
  readonly dkim: DkimSettings | undefined;
  /** Hosts of the relays. */
  readonly relays: readonly string[];
  /** Recipients of the campaign; undefined: not known. */
  readonly recipients: number | undefined;
}
