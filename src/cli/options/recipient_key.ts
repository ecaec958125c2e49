import * as value from "../settings/values.ts";
import { parseMailbox } from "../../list/address.ts";
import type { Inbox } from "../../preview/test_mail.ts";

/** The key of a recipient (see `Recipient`) named by the user. */
export function keyOf(given: value.Given): string {
  return mailboxOf(given).key;
}

export function mailboxOf(given: value.Given): Inbox {
  const mailbox = parseMailbox(given.text);
  if (mailbox.kind === "mailbox") return { key: mailbox.key, address: mailbox.address };
  throw value.unusable(given, "an e-mail address", mailbox.reason);
}
