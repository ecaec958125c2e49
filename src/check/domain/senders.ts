import type { DkimSettings } from "../../compose/dkim/dkim_settings.ts";

/** Who sends, as a receiver sees it. */
export interface Senders {
  /** The address in From; domains are A-labels in all addresses. */
  readonly from: string;
  readonly envelope: string;
  readonly replyTo: string | undefined;
  readonly dkim: DkimSettings | undefined;
  /** Hosts of the relays. */
  readonly relays: readonly string[];
  /** Recipients of the campaign; undefined: not known. */
  readonly recipients: number | undefined;
}
