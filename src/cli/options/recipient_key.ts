import * as value from "../settings/values.ts";
import { parseMailbox } from "../../list/address.ts";
import { keyPartOf } from "../../list/key_part.ts";
import type { Inbox } from "../../preview/test_mail.ts";

/** The key of the mailbox that the user names. @throws {InputError} unless it is an address */
export function keyOf(given: value.Given): string {
  return mailboxOf(given).key;
}

/**
 * The name (see `isNamedIn()`) of recipients: an address, or an address and a cell of the key column.
 *
 * @throws {InputError} unless it begins with an address
 */
export function nameOf(given: value.Given): string {
  return readName(given.text) ?? keyOf(given);
}

/** The same; undefined unless the text begins with an address. */
export function readName(text: string): string | undefined {
  const [, address = "", cell = ""] = /^\s*(\S+)\s+(\S.*)$/s.exec(text) ?? [];
  const mailbox = parseMailbox(address);
  const part = keyPartOf(cell);
  const isKey = mailbox.kind === "mailbox" && typeof part === "string" &&
    parseMailbox(cell).kind !== "mailbox";
  if (isKey) return `${mailbox.key} ${part}`;
  const whole = parseMailbox(text);
  return whole.kind === "mailbox" ? whole.key : undefined;
}

/** The mailbox that the user names, and its key. @throws {InputError} unless it is an address */
export function mailboxOf(given: value.Given): Inbox {
  const mailbox = parseMailbox(given.text);
  if (mailbox.kind === "mailbox") return { key: mailbox.key, address: mailbox.address };
  throw value.unusable(given, "an e-mail address", mailbox.reason);
}
