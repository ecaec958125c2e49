import type { DkimSettings } from "./dkim/dkim_settings.ts";
import type { Withheld } from "./files/withheld.ts";
import type { Origins } from "./template/origins.ts";
import type { TokenSecret } from "./unsubscribe/unsubscribe_token.ts";
import type { Verp } from "./unsubscribe/verp.ts";

/**
 * What it means that a template names others than the recipient in To, Cc or Bcc. deliver: each gets a copy of every
 * mail. header: they are shown (in Bcc, left out) and get none. refuse: the template is refused.
 */
export type Copies = "deliver" | "header" | "refuse";

/** The settings of a campaign that its mails depend on. */
export interface MailSettings {
  readonly campaign: string;
  /** IANA name of the time zone that dates are shown in; undefined: UTC. */
  readonly timezone?: string | undefined;
  /** How the list writes dates, in `strftime`'s directives, or "excel"; undefined: in an unambiguous form. */
  readonly dateFormat?: string | undefined;
  /** Replace the template's From and Reply-To. */
  readonly from?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly mailingList?: MailingListOptions | undefined;
  /** Where the settings that replace headers were given, by their flags. */
  readonly origins?: Origins | undefined;
  /** Gives each mail its own envelope sender at this mailbox, which bounces return to; undefined: they return to From. */
  readonly verp?: Verp | undefined;
  /** undefined: header. */
  readonly copies?: Copies | undefined;
  /** Files that are never sent, whatever a cell says, such as the list itself. */
  readonly withheld?: Withheld | undefined;
}

/** What to make the mails from. */
export interface ContentOptions extends MailSettings {
  readonly template: string;
  /** A file with the text part of a Markdown or HTML template. */
  readonly text: string | undefined;
  readonly withheld: Withheld;
  readonly from: string | undefined;
  readonly replyTo: string | undefined;
  readonly mailingList: MailingListOptions;
  /** undefined: mails are not signed. */
  readonly dkim: DkimSettings | undefined;
}

/** The settings of a mailing list that recipients can leave (RFC 2369, 2919, 8058). */
export interface MailingListOptions {
  /** The URL of `unsubscribe serve`; or, with Liquid in it, the user's own link. */
  readonly unsubscribeUrl?: string | undefined;
  /** A mailbox that receives unsubscribe requests. */
  readonly unsubscribeMailto?: string | undefined;
  /** The secret of the links' tokens. */
  readonly unsubscribeSecret?: TokenSecret | undefined;
  /** `news.example.com` or `Acme News <news.example.com>`. */
  readonly listId?: string | undefined;
  /** Gmail's: groups complaints, such as `spring:acme:newsletter:acme`. */
  readonly feedbackId?: string | undefined;
}
