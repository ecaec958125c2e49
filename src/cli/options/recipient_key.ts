import * as value from "../settings/values.ts";
import { parseMailbox } from "../../list/address.ts";
import type { Inbox } from "../../preview/test_mail.ts";

/** The key (see `Recipient`) of a recipient that the user names. @throws {InputError} unless it is an address */
export function keyOf(given: value.Given): string {
  return mailboxOf(given).key;
}

/** The mailbox that the user names, and its key. @throws {InputError} unless it is an address */
export function mailboxOf(given: value.Given): Inbox {
  const mailbox = parseMailbox(given.text);
  if (mailbox.kind === "mailbox") return { key: mailbox.key, address: mailbox.address };
  throw value.unusable(given, "an e-mail address", mailbox.reason);
}
