import { LiquidError } from "liquidjs";
import type { Recipient } from "../../../model/recipient.ts";
import { addrSpec } from "./addr_spec.ts";
import { headerText } from "../header_text.ts";
import type { Unmailable } from "../../../model/mail.ts";
import { type Compiled, join, type Piece, Rendering, type Slot } from "../../template/slots.ts";
import type { TemplateSource } from "../../template/template.ts";
import { type Group, readAddresses } from "./address_list.ts";
import type { HeaderMailbox } from "./mailbox_reader.ts";
import { HeaderWriter } from "../header_writer.ts";

/** A header line, and the addresses in it. */
export interface RenderedAddresses {
  /** With its CRLF; empty if the row has no address for it. */
  readonly line: string;
  readonly addresses: readonly string[];
}

/** Headers that may hold groups (RFC 5322, 3.6.2 and 3.6.3). */
const WITH_GROUPS = ["to", "cc", "bcc", "reply-to"];

/** A mailbox in one mail. */
interface Filled {
  readonly name: string;
  readonly address: string;
}

/**
 * A header of addresses (RFC 5322, 3.4), taken apart at compile time.
 *
 * A value fills a slot that is known beforehand: it cannot add a mailbox, and is never read as an address list.
 */
export class AddressHeader {
  readonly name: string;
  readonly entries: readonly (HeaderMailbox | Group)[];
  readonly #dialect: Compiled["dialect"];
  readonly #globals: Compiled["globals"];

  private constructor(
    name: string,
    entries: readonly (HeaderMailbox | Group)[],
    { dialect, globals }: Pick<Compiled, "dialect" | "globals">,
  ) {
    this.name = name;
    this.entries = entries;
    this.#dialect = dialect;
    this.#globals = globals;
  }

  /** @throws {InputError} If the template's own text is not a list of addresses. */
  static read(name: string, source: TemplateSource, compiled: Compiled): AddressHeader {
    const hasGroups = WITH_GROUPS.includes(name.toLowerCase());
    return new AddressHeader(name, readAddresses(name, source, compiled, hasGroups), compiled);
  }

  /** The header that holds one address, filled by the row. */
  static of(name: string, address: Slot, dialect: Compiled["dialect"]): AddressHeader {
    const mailbox: HeaderMailbox = { kind: "mailbox", name: [], address: [address] };
    return new AddressHeader(name, [mailbox], { dialect, globals: new Set() });
  }

  get isConstant(): boolean {
    return this.entries.every(({ name }) => isText(name)) &&
      this.mailboxes.every(({ name, address }) => isText(name) && isText(address));
  }

  /** The only address, if it is the same in every mail. */
  get constantAddress(): string | undefined {
    const [first, ...others] = this.mailboxes;
    return others.length === 0 && first !== undefined && isText(first.address)
      ? first.address.join("")
      : undefined;
  }

  render(recipient: Recipient): RenderedAddresses | Unmailable {
    const rendering = new Rendering(recipient, {
      dialect: this.#dialect,
      globals: this.#globals,
    });
    const header = new HeaderWriter(this.name);
    const addresses: string[] = [];
    const filled: { readonly group: string | undefined; readonly members: Filled[] }[] = [];
    for (const entry of this.entries) {
      const members: Filled[] = [];
      const group = entry.kind === "group" ? headerText(join(entry.name, rendering)) : undefined;
      for (const mailbox of entry.kind === "group" ? entry.mailboxes : [entry]) {
        const member = this.#fill(mailbox, rendering, recipient);
        if (member === undefined) continue;
        if ("kind" in member) return member;
        members.push(member);
        addresses.push(member.address);
      }
      if (members.length > 0 || (group !== undefined && group !== "")) {
        filled.push({ group, members });
      }
    }
    filled.forEach(({ group, members }, index) => {
      const isLast = index === filled.length - 1;
      writeEntry(header, group === "" ? undefined : group, members, isLast ? "" : ",");
    });
    return { line: filled.length === 0 ? "" : header.line, addresses };
  }

  get mailboxes(): readonly HeaderMailbox[] {
    return this.entries.flatMap((entry) => entry.kind === "group" ? entry.mailboxes : [entry]);
  }

  /** The address of a mailbox as a row fills it, whatever it is; undefined if Liquid fails for the row. */
  addressOf({ address }: HeaderMailbox, recipient: Recipient): string | undefined {
    const compiled = { dialect: this.#dialect, globals: this.#globals };
    try {
      return headerText(join(address, new Rendering(recipient, compiled)));
    } catch (error) {
      if (!LiquidError.is(error)) throw error;
      return undefined;
    }
  }

  /** Undefined if both name and address are empty for the row. */
  #fill(
    mailbox: HeaderMailbox,
    rendering: Rendering,
    recipient: Recipient,
  ): Filled | Unmailable | undefined {
    const name = headerText(join(mailbox.name, rendering));
    const written = headerText(join(mailbox.address, rendering));
    if (written === "" && name === "") return undefined;
    // The row's own address has already been parsed, more leniently than others: it may be quoted.
    const { columns } = this.#dialect.variables;
    const isRecipient = written === recipient.fields[columns.email]?.trim();
    const address = isRecipient ? recipient.address : addrSpec(written);
    if (address !== undefined) return { name, address };
    const step = /[<,;]|@.*@/.test(written)
      ? "put one address there, without a name"
      : "is it the right column?";
    return {
      kind: "unmailable",
      reason: `${this.name} is not one e-mail address: '${written}'; ${step}`,
    };
  }
}

function isText(pieces: readonly Piece[]): boolean {
  return pieces.every((piece) => typeof piece === "string");
}

/** @param end What follows: a comma, or nothing. */
function writeEntry(
  header: HeaderWriter,
  group: string | undefined,
  members: readonly Filled[],
  end: string,
): void {
  const isGroup = group !== undefined;
  if (isGroup) header.phrase(group, members.length === 0 ? `:;${end}` : ":");
  members.forEach(({ name, address }, index) => {
    const isLast = index === members.length - 1;
    const after = isLast ? (isGroup ? `;${end}` : end) : ",";
    if (name !== "") header.phrase(name);
    header.word((name === "" ? address : `<${address}>`) + after);
  });
}
