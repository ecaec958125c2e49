import type { Columns, Recipient } from "../../../model/recipient.ts";
import { InputError } from "../../../model/input_error.ts";
import type { Unmailable } from "../../../model/mail.ts";
import type { TemplateHeader } from "../../template/template.ts";
import type { AddressHeader } from "./address_header.ts";
import type { OthersShown } from "./others_shown.ts";
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
          "--copies deliver sends these copies.",
          `--copies header sends no copy: ${
            addresses.name.toLowerCase() === "bcc" ? "Bcc is left out" : "they are only shown"
          }.`,
          "Or remove the header, and give whoever should get a mail a row of the list.",
        ].join("\n  "),
      },
    );
  }
}

/** Whom a template names besides the recipient, and who get copies. */
export interface NamedForCopies {
  /** Returns the addresses that a row's mail is copied to, as the headers show them. */
  of(recipient: Recipient): readonly string[] | Unmailable;
  /** The headers as written: what decides who gets copies. */
  readonly source: string;
  /** Marks a header whose mailboxes get copies. */
  mark(shown: OthersShown): OthersShown;
}

/**
 * Reads whom the mails are copied to; undefined if the template names nobody besides the recipient.
 *
 * @param unsubscribing The mails have a link or a header to unsubscribe with.
 * @throws {InputError} if they have: whoever gets a copy could unsubscribe the recipient with it
 */
export function namedForCopies(
  headers: readonly NamingHeader[],
  columns: Columns,
  unsubscribing: boolean,
): NamedForCopies | undefined {
  const naming = headers.filter(({ addresses }) => othersIn(addresses, columns).length > 0);
  const [first] = naming;
  if (first === undefined) return undefined;
  if (unsubscribing) {
    throw new InputError(
      "--copies deliver cannot be combined with unsubscribing: whoever gets a copy could unsubscribe the recipient with it",
      {
        place: first.written.place,
        hint: "Omit the unsubscribe settings or headers, or give --copies header.",
      },
    );
  }
  return {
    source: JSON.stringify(naming.map(({ written: { name, value } }) => [name, value.text])),
    mark(shown) {
      const copied = naming.some(({ written: { name } }) =>
        name.toLowerCase() === shown.header.toLowerCase()
      );
      return copied ? { ...shown, copied } : shown;
    },
    of(recipient) {
      const all: string[] = [];
      for (const { addresses } of naming) {
        const rendered = addresses.render(recipient);
        if ("kind" in rendered) return rendered;
        all.push(...rendered.addresses);
      }
      return all;
    },
  };
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
