import addressparser from "nodemailer/lib/addressparser";
import type { Recipient } from "../produce/recipient.ts";
import { InputError } from "../report/input_error.ts";
import { addrSpec } from "./addr_spec.ts";
import { encodedWords } from "./encoded_word.ts";
import { FoldedHeader, headerText, isPlain } from "./header.ts";
import type { Unmailable } from "./mail.ts";
import { freeWord } from "./protect.ts";
import { type Compiled, join, type Piece, Rendering } from "./slots.ts";
import type { Source } from "./template.ts";

/** Longest name that is written as atoms or a quoted string, so that it needs no folding. */
const LONGEST_QUOTED = 60;

/** One mailbox of a header; its name and address are constant or filled by the row. */
interface Mailbox {
  readonly name: readonly Piece[];
  readonly address: readonly Piece[];
}

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
    const rendering = new Rendering(recipient.fields, dialect);
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

/** A display name (RFC 5322, 3.2.5): atoms, a quoted string, or encoded words where it is neither short nor ASCII. */
function phrase(name: string, column: number): string {
  if (!isPlain(name) || name.length > LONGEST_QUOTED) return encodedWords(name, column);
  const isAtoms = /^[A-Za-z0-9!#$%&'*+\/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+\/=?^_`{|}~-]+)*$/.test(
    name,
  );
  return isAtoms ? name : `"${name.replace(/["\\]/g, "\\$&")}"`;
}

/** Each slot becomes a word, the whole is read as an address list, and the slots are put back where the words came out. */
function readMailboxes(name: string, source: Source, pieces: readonly Piece[]): Mailbox[] {
  const word = freeWord(source.text);
  const text = headerText(
    pieces.map((piece, index) => typeof piece === "string" ? piece : `${word}${index}z`).join(""),
  );
  const words = new RegExp(`(${word}[0-9]+z)`);
  const piecesOf = (part: string): Piece[] =>
    part.split(words).filter((each) => each !== "").map((each) =>
      words.test(each) ? pieces[Number(each.slice(word.length, -1))]! : each
    );
  const fail = (found: string): never => {
    throw new InputError(`${name} is not a list of e-mail addresses: found '${found}'`, {
      place: { file: source.file, line: source.line, column: source.column },
      hint: `Write ${name}: Name <name@example.com>, or the address alone`,
    });
  };
  const parsed = addressparser(text, { flatten: true }).map(({ name: display, address }) =>
    // A slot alone is an address.
    address === "" && new RegExp(`^${word}[0-9]+z$`).test(display)
      ? { display: "", address: display }
      : { display, address }
  );
  const readBack = parsed.map(({ display, address }) => `${display} ${address}`).join(" ");
  const slots = (each: string): string => String(each.match(new RegExp(words, "g"))?.toSorted());
  const unquoted = text.replace(/"(?:[^"\\]|\\.)*"/g, "");
  // The parser forgives a second address in a name, and drops comments; nothing may get lost or be misread here.
  const isSure = slots(readBack) === slots(text) &&
    Math.max(unquoted.split("@").length, unquoted.split("<").length) - 1 <= parsed.length;
  if (!isSure) fail(source.text.trim());
  return parsed.map(({ display, address }) => {
    const isSlotted = words.test(address);
    const checked = isSlotted ? address : addrSpec(address);
    if (checked === undefined) return fail(display === "" ? address : `${display} <${address}>`);
    return { name: piecesOf(display), address: piecesOf(checked) };
  });
}
