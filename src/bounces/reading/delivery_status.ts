import { fieldsOf } from "./parsed_message.ts";
import { diagnose, type Diagnosis } from "./status.ts";

/** What a report says about one recipient (RFC 3464, 2.3). */
export interface RecipientStatus {
  /** Addresses as written: the original recipient first, then the final one. */
  readonly addresses: readonly string[];
  readonly action: Action;
  readonly diagnosis: Diagnosis;
}

/** RFC 3464, 2.3.3; `other` is delivered, relayed or expanded. */
export type Action = "failed" | "delayed" | "other";

/** How many recipients of one report are read: our mails have one, a forwarded one can have several. */
const MAX_RECIPIENTS = 100;

/** Where the fields of a recipient begin; an original recipient right before the final one belongs to it (RFC 3464, 2.3.1). */
const RECIPIENT_STARTS =
  /^(?:original-recipient[ \t]*:.*\n(?:[ \t].*\n){0,10})?final-recipient[ \t]*:/gim;

/**
 * Reads the content of a message/delivery-status part: blocks of fields, the first about the mail, each other one about one
 * recipient. Servers omit empty lines or insert too many, so a block is recognised by its fields.
 */
export function readDeliveryStatus(text: string): readonly RecipientStatus[] {
  const recipients: RecipientStatus[] = [];
  for (const block of blocksOf(text)) {
    if (recipients.length === MAX_RECIPIENTS) break;
    const fields = fieldsOf(block);
    const recipient = recipientOf((name) => fields.get(name) ?? "");
    if (recipient !== undefined) recipients.push(recipient);
  }
  return recipients;
}

function blocksOf(text: string): readonly string[] {
  return text.split(/\n[ \t]*\n/).flatMap((block) => {
    // Two recipients without an empty line between them.
    const starts = [...block.matchAll(RECIPIENT_STARTS)].map(({ index }) => index);
    if (starts.length < 2) return [block];
    return starts.map((start, at) => block.slice(at === 0 ? 0 : start, starts[at + 1]));
  });
}

function recipientOf(field: (name: string) => string): RecipientStatus | undefined {
  const addresses = ["original-recipient", "final-recipient", "x-actual-recipient"]
    .map((name) => addressOf(field(name)))
    .filter((address) => address !== "");
  const status = field("status");
  const action = actionOf(field("action"), status);
  if (addresses.length === 0 || action === undefined) return undefined;
  return {
    addresses: [...new Set(addresses)],
    action,
    diagnosis: diagnose(status, withoutType(field("diagnostic-code"))),
  };
}

/** Without an action, the class of the status decides. */
function actionOf(action: string, status: string): Action | undefined {
  const word = /^[a-z]+/i.exec(action)?.[0].toLowerCase();
  if (word === "delayed") return word;
  // Some servers write "failure".
  if (word?.startsWith("fail")) return "failed";
  if (word !== undefined) return "other";
  if (status === "") return undefined;
  return status.startsWith("5") ? "failed" : status.startsWith("4") ? "delayed" : "other";
}

/** The address of `rfc822; <ann@example.com>`; `+` and two digits encode an octet, as in commands (RFC 3461, 4). */
function addressOf(field: string): string {
  const address = withoutType(field).replace(/^<(.*)>$/, "$1").trim();
  return address.replaceAll(/\+([0-9A-F]{2})(?=.*@)/g, (whole, hex: string) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    return character === "+" || character === "=" ? character : whole;
  });
}

/** The value of `type; value` (RFC 3464, 2.1.2), where some write `rfc/822;` or `rfc822:`; comments after the value stay. */
function withoutType(field: string): string {
  return field.replace(/^(?:[\w.\/-]+[ \t]*;|rfc822[ \t]*:)[ \t]*/i, "");
}
