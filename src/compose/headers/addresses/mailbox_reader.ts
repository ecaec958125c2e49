import { isBlank } from "../../../text/blank.ts";
import type { Piece } from "../../template/slots.ts";
import { headerText } from "../header_text.ts";
import { addrSpec } from "./addr_spec.ts";
import { appendPiece, type Fail, type Token } from "./address_tokens.ts";
import type { MarkedSlot } from "./marked_source.ts";

/** One mailbox of a header; its name and address are constant or filled by the row. */
export interface HeaderMailbox {
  readonly kind: "mailbox";
  readonly name: readonly Piece[];
  readonly address: readonly Piece[];
}

const ONE_TAG_EACH =
  "Use one tag for the name and another for the address: {% if Rep %}{{ Rep_Name }}{% else %}Support{% endif %} <{{ Rep | default: 's@example.com' }}>.";
const WITHOUT_QUOTES = "Omit the quotes. A name that comes from a tag is quoted if necessary.";
const ADDRESS_ALONE =
  "Write only the address there, and the name before it: Support <{{ Rep | default: 's@example.com' }}>.";

/** Reads the tokens between two separators as one mailbox (RFC 5322, 3.4). */
export class MailboxReader {
  readonly #text: string;
  readonly #fail: Fail;

  /** @param text The header's value as written, for messages. */
  constructor(text: string, fail: Fail) {
    this.#text = text;
    this.#fail = fail;
  }

  read(item: readonly Token[]): HeaderMailbox {
    for (const { slots } of item) this.#refuseWithin(slots, /[<>"]/);
    const index = item.findIndex(({ kind }) => kind === "angle");
    if (index < 0) return this.#withoutAngle(item);
    const [before, rest] = [item.slice(0, index), item.slice(index + 1)];
    const [first] = rest;
    const isOldName = before.length === 0 && rest.length === 1 && first!.kind === "comment";
    if (first !== undefined && !isOldName) {
      this.#fail(
        first.at,
        `${this.#excerpt(rest)} follows an address; is a comma missing?`,
      );
    }
    return {
      kind: "mailbox",
      name: isOldName ? this.#commentOf(first!) : this.nameOf(before),
      address: this.#addressOf(item[index]!),
    };
  }

  /** A display name as readers see it. */
  nameOf(tokens: readonly Token[]): Piece[] {
    if (tokens.length === 1 && tokens[0]!.kind === "comment") return this.#commentOf(tokens[0]!);
    const name: Piece[] = [];
    for (const token of tokens) {
      this.#refuseWithin(token.slots, /@/);
      const at = token.kind === "word" &&
        token.pieces.some((piece) => typeof piece === "string" && piece.includes("@"));
      if (at) this.#fail(token.at, `${this.#excerpt([token])} comes before another address`);
      if (token.spaced && name.length > 0) appendPiece(name, " ");
      if (token.kind === "comment") appendPiece(name, "(");
      for (const piece of token.pieces) appendPiece(name, piece);
      if (token.kind === "comment") appendPiece(name, ")");
    }
    return name;
  }

  /** An address without angle brackets, perhaps with a name in parentheses. */
  #withoutAngle(item: readonly Token[]): HeaderMailbox {
    const [word, ...others] = item.filter(({ kind }) => kind !== "comment");
    const comments = item.filter(({ kind }) => kind === "comment");
    const isOne = word?.kind === "word" && others.length === 0 && comments.length < 2;
    if (!isOne) {
      this.#fail(item[0]!.at, `${this.#excerpt(item)} has no address in angle brackets`);
    }
    const [comment] = comments;
    return {
      kind: "mailbox",
      name: comment === undefined ? [] : this.#commentOf(comment),
      address: this.#addressOf(word!),
    };
  }

  #addressOf(token: Token): readonly Piece[] {
    this.#refuseWithin(token.slots, /[,;"()]/);
    const { pieces } = token;
    this.#refuseLiterals(token);
    if (pieces.every((piece) => typeof piece === "string")) {
      const address = addrSpec(headerText(pieces.join("")));
      if (address === undefined) {
        this.#fail(token.at, `${this.#excerpt([token])} is not an e-mail address`);
      }
      return [address!];
    }
    const around = pieces.map((piece) => typeof piece === "string" ? piece : "x").join("").trim();
    const isBroken = /[\s"(),:;<>[\]\\]/.test(around);
    if (isBroken) this.#fail(token.at, `${this.#excerpt([token])} is not an e-mail address`);
    return pieces;
  }

  #commentOf(token: Token): Piece[] {
    this.#refuseWithin(token.slots, /@/);
    return [...token.pieces];
  }

  /** Text between tags is part of a name or an address, depending on its place: it cannot be a list itself. */
  #refuseWithin(slots: readonly MarkedSlot[], wrong: RegExp): void {
    for (const { text, at } of slots.flatMap(({ texts }) => texts)) {
      const found = text.search(wrong);
      if (found < 0) continue;
      const mark = text[found]!;
      this.#fail(
        at + found,
        `'${mark}' is inside a Liquid tag, which can choose a name or an address, but not both`,
        mark === '"' ? WITHOUT_QUOTES : ONE_TAG_EACH,
      );
    }
  }

  /** A literal that is not an address would make every mail fail that uses it. */
  #refuseLiterals({ pieces, slots }: Token): void {
    for (const { text, at } of slots.flatMap(({ literals }) => literals)) {
      const isWrong = pieces.length === 1 && slots[0]!.texts.length === 0
        ? addrSpec(headerText(text)) === undefined
        : /[\s<>,;:"()]/.test(text.trim());
      if (isBlank(text) || !isWrong) continue;
      this.#fail(at, `'${text}' is used as an address but is not one`, ADDRESS_ALONE);
    }
  }

  /** The tokens as written, in one line, cut if long. */
  #excerpt(tokens: readonly Token[]): string {
    const text = this.#text.slice(tokens[0]!.at, tokens.at(-1)!.end);
    const line = text.replaceAll(/\s+/g, " ");
    return `'${line.length > 60 ? `${line.slice(0, 60)}…` : line}'`;
  }
}
