import type { Recipient } from "../produce/recipient.ts";
import { addrSpec } from "./addr_spec.ts";
import { encodedWords } from "./encoded_word.ts";
import { FoldedHeader, foldPlain, headerText, isPlain } from "./header.ts";
import type { Unmailable } from "./mail.ts";
import { type Mailbox, readMailboxes } from "./mailbox_list.ts";
import { type Compiled, join, Rendering } from "./slots.ts";
import type { Source } from "./template.ts";

/** A header line, and the addresses in it. */
export interface RenderedAddresses {
  /** With its CRLF; empty where the row left no address. */
  readonly line: string;
  readonly addresses: readonly string[];
}

/**
 * A header of addresses (RFC 5322, 3.4), taken apart at compile time.
 *
 * A value fills a place that is known before: it cannot add a mailbox, and what it holds is never read as an address
 * list.
 */
export class AddressHeader {
  readonly name: string;
  readonly mailboxes: readonly Mailbox[];
  readonly #compiled: Compiled;

  /** @throws {InputError} Where the template's own text is no list of mailboxes. */
  constructor(name: string, source: Source, compiled: Compiled) {
    this.name = name;
    this.#compiled = compiled;
    this.mailboxes = readMailboxes(name, source, compiled.pieces);
  }

  get isConstant(): boolean {
    return this.#compiled.pieces.every((piece) => typeof piece === "string");
  }

  /** The only address, where it is the same in every mail. */
  get constantAddress(): string | undefined {
    const [first, ...others] = this.mailboxes;
    const [address, ...rest] = first?.address ?? [];
    return others.length === 0 && rest.length === 0 && typeof address === "string"
      ? address
      : undefined;
  }

  render(recipient: Recipient): RenderedAddresses | Unmailable {
    const { dialect } = this.#compiled;
    const rendering = new Rendering(recipient, this.#compiled);
    const header = new FoldedHeader(this.name);
    const addresses: string[] = [];
    for (const mailbox of this.mailboxes) {
      const name = headerText(join(mailbox.name, rendering));
      const written = headerText(join(mailbox.address, rendering));
      if (written === "" && name === "") continue;
      // The row's own address has been read already, and more leniently than others: it may be quoted.
      const isRecipient = written === recipient.fields[dialect.vocabulary.columns.email]?.trim();
      const address = isRecipient ? recipient.address : addrSpec(written);
      if (address === undefined) {
        return {
          kind: "unmailable",
          reason: `${this.name} is not one e-mail address: '${written}'`,
        };
      }
      if (addresses.length > 0) header.append(",");
      if (name !== "") header.addWord(phrase(name, header.column + 1));
      header.addWord(name === "" ? address : `<${address}>`);
      addresses.push(address);
    }
    return { line: addresses.length === 0 ? "" : `${header.text}\r\n`, addresses };
  }
}

/**
 * A display name (RFC 5322, 3.2.5): atoms, or a quoted string; encoded words only where it has to be, as some readers
 * (Python's `email` before 3.13.2) put a space between two of them in a name.
 */
export function phrase(name: string, column: number): string {
  const isAtoms = /^[A-Za-z0-9!#$%&'*+\/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+\/=?^_`{|}~-]+)*$/.test(
    name,
  );
  const plain = isPlain(name)
    ? foldPlain(isAtoms ? name : `"${name.replace(/["\\]/g, "\\$&")}"`, column)
    : undefined;
  return plain ?? encodedWords(name, column);
}
