import addressparser from "nodemailer/lib/addressparser";
import { InputError } from "../report/input_error.ts";
import { addrSpec } from "./addr_spec.ts";
import { headerText } from "./header.ts";
import { freeWord } from "./protect.ts";
import type { Piece } from "./slots.ts";
import type { Source } from "./template.ts";

/** One mailbox of a header; its name and address are constant or filled by the row. */
export interface Mailbox {
  readonly name: readonly Piece[];
  readonly address: readonly Piece[];
}

/**
 * Reads a header of addresses with its slots: each slot becomes a word, the whole is parsed, and the slots go where
 * their words came out. A slot alone between commas is an address.
 *
 * @throws {InputError} Where the template's own text is no list of mailboxes.
 */
export function readMailboxes(name: string, source: Source, pieces: readonly Piece[]): Mailbox[] {
  const word = freeWord(source.text);
  const text = headerText(
    pieces.map((piece, index) => typeof piece === "string" ? piece : `${word}${index}z`).join(""),
  );
  const slots = new RegExp(`(${word}[0-9]+z)`);
  const slotsIn = (part: string): string[] => part.split(slots).filter((each) => slots.test(each));
  const piecesOf = (part: string): Piece[] =>
    part.split(slots).filter((each) => each !== "")
      .map((each) => slots.test(each) ? pieces[Number(each.slice(word.length, -1))]! : each);

  const mailboxes = addressparser(text, { flatten: true }).map((parsed) =>
    parsed.address === "" && slotsIn(parsed.name)[0] === parsed.name
      ? { name: "", address: parsed.name }
      : parsed
  );
  const found = mailboxes.flatMap((mailbox) => slotsIn(`${mailbox.name} ${mailbox.address}`));
  const addresses = mailboxes.map(({ address }) =>
    slots.test(address) ? address : addrSpec(address)
  );
  const isEmpty = mailboxes.length === 0 && text !== "";
  const isWhole = found.length === slotsIn(text).length &&
    separateAddresses(text) <= mailboxes.length && areWhole(text, mailboxes);
  if (isEmpty || !isWhole || addresses.includes(undefined)) {
    throw new InputError(
      `${name} is not a list of e-mail addresses: found '${source.text.trim()}'`,
      {
        place: { file: source.file, line: source.line, column: source.column },
        hint: `Write ${name}: Name <name@example.com>, or the address alone`,
      },
    );
  }
  return mailboxes.map((mailbox, index) => ({
    name: piecesOf(mailbox.name),
    address: piecesOf(addresses[index]!),
  }));
}

/**
 * How many addresses there seem to be outside quotes. The parser takes a second one for a part of the name and drops
 * comments; here nothing may get lost or be misread.
 */
function separateAddresses(text: string): number {
  const unquoted = unquotedText(text);
  return Math.max(unquoted.split("@").length, unquoted.split("<").length) - 1;
}

/**
 * Whether each address stands alone between commas, or between angle brackets, just as it was read: where blanks divide it, the
 * parser takes a piece for the address and the others for a name (`Acme <news@exa mple.com>` for news@exa).
 */
function areWhole(text: string, mailboxes: readonly { readonly address: string }[]): boolean {
  const bare = unquotedText(text).replace(/\([^()]*\)/g, "");
  const bracketed = [...bare.matchAll(/<([^<>]*)>/g)].map(([, address]) => address!.trim());
  const alone = bare.split(/[,;:]/).map((part) => part.trim());
  const written = new Set([...bracketed, ...alone]);
  return mailboxes.every(({ address }) => written.has(address));
}

function unquotedText(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.?)*("|$)/g, "");
}
