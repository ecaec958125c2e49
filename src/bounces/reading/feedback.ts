import { fieldsOf, headOf, type ParsedMessage } from "./parsed_message.ts";

/** A recipient's word that a mail was not wanted, passed on by the provider (RFC 5965). */
export interface Feedback {
  /** Kinds such as "abuse" (RFC 5965, 7.3). */
  readonly type: string;
  /** The recipient's word against the mail; others are about authentication, or in its favour. */
  readonly isComplaint: boolean;
  readonly addresses: readonly string[];
  /** The envelope sender of the mail; "" where it is not told. */
  readonly returnPath: string;
}

const COMPLAINTS = ["abuse", "fraud", "opt-out", "opt-out-list", "miscategorized", "other"];

/** The feedback that a letter brings; undefined where it is no such report. */
export function readFeedback(letter: ParsedMessage): Feedback | undefined {
  const part = letter.parts.find(({ type }) => type === "message/feedback-report");
  if (part === undefined) return ofOutlook(letter);
  const fields = fieldsOf(part.text);
  const type = (fields.get("feedback-type") ?? "").toLowerCase();
  const recipients = [fields.get("original-rcpt-to"), fields.get("removal-recipient")];
  return {
    type,
    isComplaint: COMPLAINTS.includes(type),
    addresses: recipients.filter((field) => field !== undefined).map(bare),
    returnPath: bare(fields.get("original-mail-from") ?? ""),
  };
}

/** Outlook.com's Junk Mail Reporting Program sends the mail itself, with the recipient in a field of its own. */
function ofOutlook(letter: ParsedMessage): Feedback | undefined {
  if (!/^\s*complaint about message from /i.test(letter.subject)) return undefined;
  for (const { type, text } of letter.parts) {
    if (type !== "message/rfc822") continue;
    const fields = fieldsOf(headOf(text));
    const recipient = fields.get("x-hmxmroriginalrecipient");
    if (recipient === undefined) continue;
    return {
      type: "abuse",
      isComplaint: true,
      addresses: [bare(recipient)],
      returnPath: bare(fields.get("return-path") ?? ""),
    };
  }
  return undefined;
}

function bare(field: string): string {
  return field.replace(/^rfc822[ \t]*;[ \t]*/i, "").replace(/^<(.*)>$/, "$1").trim();
}
