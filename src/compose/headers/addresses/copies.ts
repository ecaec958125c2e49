import type { Columns, Recipient } from "../../../model/recipient.ts";
import { InputError } from "../../../model/input_error.ts";
import type { TemplateHeader } from "../../template/template.ts";
import type { AddressHeader } from "./address_header.ts";
import type { HeaderMailbox } from "./mailbox_reader.ts";

/** A header that names whom a mail goes to in other programs: To, Cc or Bcc. */
export interface NamingHeader {
  readonly written: TemplateHeader;
  readonly addresses: AddressHeader;
}

/**
 * Refuses a template that names others than the recipient in To, Cc or Bcc. In a mail program that means a copy; here it
 * would be a copy for each recipient of the list, which is rarely meant.
 *
 * A To with one constant mailbox, such as that of the newsletter itself, is no more than what recipients see.
 *
 * @throws {InputError} at the first such header, with the ways out
 */
export function refuseCopies(headers: readonly NamingHeader[], columns: Columns): void {
  for (const { written, addresses } of headers) {
    const others = othersIn(addresses, columns);
    if (others.length === 0) continue;
    const text = written.value.text.replaceAll(/\s+/g, " ").trim();
    throw new InputError(
      `${written.name} names somebody besides the recipient, which could mean a copy of every mail: found '${text}'`,
      {
        place: written.place,
        hint: [
          "For a list of 500, that would be 500 copies for each person named, so it has to be said:",
          `--copies header sends no copy: ${
            addresses.name.toLowerCase() === "bcc" ? "Bcc is left out" : "they are only shown"
          }.`,
          "Or remove the header, and give whoever should get a mail a row of the list.",
        ].join("\n  "),
      },
    );
  }
}

/** The mailboxes of a header that are another's in some mail. */
function othersIn(header: AddressHeader, columns: Columns): readonly HeaderMailbox[] {
  const { mailboxes } = header;
  if (header.name.toLowerCase() === "to" && header.constantAddress !== undefined) return [];
  return mailboxes.filter((mailbox) => !isRecipients(mailbox, header, columns));
}

/**
 * Returns whether a mailbox is always the recipient's own. Values tell, as an expression can take many forms: in two rows
 * made up for the purpose, one with an address in every column and one with nothing but the recipient's.
 */
function isRecipients(mailbox: HeaderMailbox, header: AddressHeader, columns: Columns): boolean {
  const { names, email } = columns;
  const own = "recipient@example.com";
  const rows = [
    names.map((_, at) => at === email ? own : `column-${at}@example.com`),
    names.map((_, at) => at === email ? own : ""),
  ];
  return rows.every((fields) => {
    const row: Recipient = { kind: "recipient", key: own, line: 0, address: own, fields };
    return header.addressOf(mailbox, row)?.toLowerCase() === own;
  });
}
