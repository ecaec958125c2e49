import { fieldsOf, headOf, type ParsedMessage } from "./parsed_message.ts";

/** A recipient's complaint about a mail, forwarded by the provider (RFC 5965). */
export interface Feedback {
  /** Kinds such as "abuse" (RFC 5965, 7.3). */
  readonly type: string;
  /** Other feedback is about authentication, or in favour of the mail. */
  readonly isComplaint: boolean;
  readonly addresses: readonly string[];
  /** The envelope sender of the mail; "" where it is not given. */
  readonly returnPath: string;
}

const COMPLAINTS = ["abuse", "fraud", "opt-out", "opt-out-list", "miscategorized", "other"];

/** The feedback in a message; undefined where it contains none. */
export function readFeedback(message: ParsedMessage): Feedback | undefined {
  const part = message.parts.find(({ type }) => type === "message/feedback-report");
  if (part === undefined) return readOutlookComplaint(message);
  const fields = fieldsOf(part.text);
  const type = (fields.get("feedback-type") ?? "").toLowerCase();
  const recipients = [fields.get("original-rcpt-to"), fields.get("removal-recipient")];
  return {
    type,
    isComplaint: COMPLAINTS.includes(type),
    addresses: recipients.filter((field) => field !== undefined).map(withoutTypeAndBrackets),
    returnPath: withoutTypeAndBrackets(fields.get("original-mail-from") ?? ""),
  };
}

/** Outlook.com's Junk Mail Reporting Program sends the mail itself, with the recipient in a field of its own. */
function readOutlookComplaint(message: ParsedMessage): Feedback | undefined {
  if (!/^\s*complaint about message from /i.test(message.subject)) return undefined;
  for (const { type, text } of message.parts) {
    if (type !== "message/rfc822") continue;
    const fields = fieldsOf(headOf(text));
    const recipient = fields.get("x-hmxmroriginalrecipient");
    if (recipient === undefined) continue;
    return {
      type: "abuse",
      isComplaint: true,
      addresses: [withoutTypeAndBrackets(recipient)],
      returnPath: withoutTypeAndBrackets(fields.get("return-path") ?? ""),
    };
  }
  return undefined;
}

function withoutTypeAndBrackets(field: string): string {
  return field.replace(/^rfc822[ \t]*;[ \t]*/i, "").replace(/^<(.*)>$/, "$1").trim();
}
