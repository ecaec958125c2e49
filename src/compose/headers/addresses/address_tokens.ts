import type { Piece } from "../../template/slots.ts";
import { type MarkedSlot, type MarkedSource, NOTHING, SLOT } from "./marked_source.ts";

/** A token of a list of addresses (RFC 5322, 3.2), with slots where the row fills in. */
export interface Token {
  /**
   * - `word`: neither white space nor a special
   * - `quoted`, `comment`, `angle`: what is between `"…"`, `(…)` and `<…>`, quoted pairs resolved
   * - `mark`: `,`, `;` or `:`
   */
  readonly kind: "word" | "quoted" | "comment" | "angle" | "mark";
  readonly pieces: readonly Piece[];
  readonly slots: readonly MarkedSlot[];
  /** Offsets into the source: of the first character, and after the last. */
  readonly at: number;
  readonly end: number;
  /** White space comes before it. */
  readonly spaced: boolean;
}

/** Throws an error for an offset of the source. */
export type Fail = (at: number, what: string, hint?: string) => never;

const BLANK = /[ \n]/;
const SPECIAL = /["(<>,;: \n]/;

/** Splits a header's value into tokens, in one pass. */
export function tokensOf(source: MarkedSource, fail: Fail): Token[] {
  const scanner = new Scanner(source, fail);
  const tokens: Token[] = [];
  for (let token = scanner.next(); token !== undefined; token = scanner.next()) tokens.push(token);
  return tokens;
}

class Scanner {
  readonly #text: string;
  readonly #slots: readonly MarkedSlot[];
  readonly #fail: Fail;
  #at = 0;
  #slot = 0;
  // The token being read.
  #pieces: Piece[] = [];
  #taken: MarkedSlot[] = [];

  constructor({ text, slots }: MarkedSource, fail: Fail) {
    this.#text = text;
    this.#slots = slots;
    this.#fail = fail;
  }

  next(): Token | undefined {
    let spaced = false;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!;
      if (BLANK.test(character)) spaced = true;
      else if (character !== NOTHING) break;
    }
    const at = this.#at;
    if (at >= this.#text.length) return undefined;
    [this.#pieces, this.#taken] = [[], []];
    const kind = this.#read(this.#text[at]!);
    return { kind, pieces: this.#pieces, slots: this.#taken, at, end: this.#at, spaced };
  }

  #read(first: string): Token["kind"] {
    switch (first) {
      case '"':
        this.#readQuoted();
        return "quoted";
      case "(":
        this.#readComment();
        return "comment";
      case "<":
        this.#readAngle();
        return "angle";
      case ",":
      case ";":
      case ":":
        this.#take();
        return "mark";
      case ">":
        return this.#fail(this.#at, "'>' has no '<' before it");
      default:
        while (this.#at < this.#text.length && !SPECIAL.test(this.#text[this.#at]!)) this.#take();
        return "word";
    }
  }

  #readQuoted(): void {
    const start = this.#at++;
    while (this.#peek(start, "the quote is not closed") !== '"') this.#takeQuoted();
    this.#at++;
  }

  /** Comments nest (RFC 5322, 3.2.2). */
  #readComment(): void {
    const start = this.#at++;
    for (let depth = 1;; this.#takeQuoted()) {
      const character = this.#peek(start, "the parenthesis is not closed");
      if (character === "(") depth++;
      if (character === ")" && --depth === 0) break;
    }
    this.#at++;
  }

  #readAngle(): void {
    const start = this.#at++;
    while (this.#peek(start, "'<' is not closed") !== ">") {
      if (this.#text[this.#at] === "<") this.#fail(start, "'<' is not closed");
      this.#take();
    }
    this.#at++;
  }

  #peek(start: number, what: string): string {
    return this.#at < this.#text.length ? this.#text[this.#at]! : this.#fail(start, what);
  }

  /** Takes a character, or the one after a backslash. */
  #takeQuoted(): void {
    const isPair = this.#text[this.#at] === "\\" && /["\\()]/.test(this.#text[this.#at + 1] ?? "");
    if (isPair) this.#at++;
    this.#take();
  }

  /** Takes a character or a slot; a line end with the white space after it is one space. */
  #take(): void {
    const character = this.#text[this.#at++]!;
    if (character === NOTHING) return;
    if (character === SLOT) {
      const slot = this.#slots[this.#slot++]!;
      this.#pieces.push(slot.slot);
      this.#taken.push(slot);
      return;
    }
    if (character === "\n") { while (BLANK.test(this.#text[this.#at] ?? "")) this.#at++; }
    appendPiece(this.#pieces, character === "\n" ? " " : character);
  }
}

/** Adds text or a slot to pieces, text to the text before it. */
export function appendPiece(pieces: Piece[], piece: Piece): void {
  const last = pieces.length - 1;
  if (typeof piece === "string" && typeof pieces[last] === "string") pieces[last] += piece;
  else pieces.push(piece);
}
