import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { MailingListOptions } from "../compose/content_options.ts";
import type { Mail } from "../model/mail.ts";
import { domainOf } from "../text/domain_of.ts";
import type { Recipient } from "../model/recipient.ts";

/** The mailbox that tests are sent to. */
export interface Inbox {
  /** As of a `Recipient`. */
  readonly key: string;
  readonly address: string;
}

/** The longest line that RFC 5322, 2.1.1 recommends, without CRLF. */
const MAX_LINE = 78;

/**
 * The recipient of a test. Cells and address are the row's, so that the mail reads as the row's will; but the tokens of the
 * unsubscribe link and of VERP, which are derived from the key, are the inbox's: trying the link in a test must not unsubscribe the
 * row's recipient.
 */
export function withTokensOf(inbox: Inbox, recipient: Recipient): Recipient {
  return { ...recipient, key: inbox.key };
}

/**
 * Addresses a mail to the inbox and marks it as a test, before it is signed:
 *
 * - the envelope goes to the inbox alone;
 * - the Subject begins with "[Test] ";
 * - To is the inbox, so that its filters work and a reply to all reaches nobody else; the original To and Cc are kept in
 *   X-Test-Original-To and X-Test-Original-Cc;
 * - X-Test-Mail names the row;
 * - Message-ID is new each time: the mail of the campaign itself, should it go to the same inbox, must not be dropped as a copy;
 * - List-Unsubscribe becomes X-Test-Original-List-Unsubscribe where it can contain the row's address: a mail program shows it as a
 *   button, and one click would unsubscribe that recipient.
 *
 * @param line Of the row, in the list.
 */
export function asTest(
  mail: Mail,
  inbox: Inbox,
  line: number,
  mailingList: MailingListOptions,
): Mail {
  const messageId = `<test-${randomUUID()}@${domainOf(mail.messageId.slice(1, -1))}>`;
  const { fields, body } = split(mail.bytes);
  const to = field("To", latin1(inbox.address));
  const mark = field("X-Test-Mail", `line ${line} of the list`);
  const keepsLink = isLinkOfInbox(mailingList);
  const head = fields.flatMap(({ name, value }) => {
    switch (name.toLowerCase()) {
      case "subject":
        return [field(name, "[Test]", value)];
      case "to":
        return [to, field("X-Test-Original-To", value), mark];
      case "cc":
        return [field("X-Test-Original-Cc", value)];
      case "message-id":
        return [field(name, messageId)];
      case "list-unsubscribe":
        return [field(keepsLink ? name : `X-Test-Original-${name}`, value)];
      case "list-unsubscribe-post":
        return keepsLink ? [field(name, value)] : [];
      default:
        return [field(name, value)];
    }
  });
  // A template's To can be empty.
  if (!head.includes(to)) head.unshift(to, mark);
  const bytes = Buffer.concat([Buffer.from(`${head.join("")}\r\n`, "latin1"), body]);
  const smtpUtf8 = mail.envelope.smtpUtf8 || /[^\0-\x7F]/.test(inbox.address);
  const envelope = { ...mail.envelope, recipient: inbox.address, smtpUtf8 };
  return { ...mail, envelope, messageId, bytes };
}

/** Returns whether the link contains the inbox's token, or there is only a mailbox, which sees who writes to it. */
function isLinkOfInbox({ unsubscribeUrl, unsubscribeMailto }: MailingListOptions): boolean {
  return unsubscribeUrl === undefined
    ? unsubscribeMailto !== undefined
    : !unsubscribeUrl.includes("{{");
}

interface Field {
  readonly name: string;
  /** Octets as latin1 characters, with the folds. */
  readonly value: string;
}

function split(bytes: Uint8Array): { fields: readonly Field[]; body: Uint8Array } {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = all.indexOf("\r\n\r\n");
  const fields = all.toString("latin1", 0, end).split(/\r\n(?![ \t])/).map((text) => {
    const colon = text.indexOf(":");
    return { name: text.slice(0, colon), value: text.slice(colon + 1).replace(/^[ \t\r\n]+/, "") };
  });
  return { fields, body: all.subarray(end + 4) };
}

/** Writes a field with its CRLF, folded before a part whose first line would not fit. */
function field(name: string, ...parts: readonly string[]): string {
  let text = `${name}:`;
  let column = text.length;
  for (const part of parts) {
    const lines = part.split("\r\n");
    const folds = column + 1 + lines[0]!.length > MAX_LINE;
    text += (folds ? "\r\n " : " ") + part;
    column = lines.length > 1 ? lines.at(-1)!.length : (folds ? 1 : column + 1) + part.length;
  }
  return `${text}\r\n`;
}

function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
