import { isBlank } from "../../../text/blank.ts";
import { InputError } from "../../../model/input_error.ts";
import { addrSpec } from "./addr_spec.ts";
import { headerText } from "../header_text.ts";
import type { Compiled, Piece } from "../../template/slots.ts";
import type { TemplateSource } from "../../template/template.ts";
import { appendPiece, type Fail, type Token, tokensOf } from "./address_tokens.ts";
import { type MarkedSlot, MarkedSource } from "./marked_source.ts";

/** One mailbox of a header; its name and address are constant or filled by the row. */
export interface HeaderMailbox {
  readonly kind: "mailbox";
  readonly name: readonly Piece[];
  readonly address: readonly Piece[];
}

/** Mailboxes under a name, `Friends: a@x.example, b@x.example;`; there may be none. */
export interface Group {
  readonly kind: "group";
  readonly name: readonly Piece[];
  readonly mailboxes: readonly HeaderMailbox[];
}

/**
 * Reads a header of addresses (RFC 5322, 3.4) with its slots. A slot alone between commas is an address; a value is never
 * looked at, so that none can add a mailbox.
 *
 * All the author's text ends up in a name or an address, or is an error with its place. Text in parentheses before an address
 * in angle brackets belongs to the name, as does a colon that begins no group; `address (name)` is an older form of
 * `name <address>` (RFC 5322, 3.4). Semicolons separate as commas do.
 *
 * @param hasGroups The header may hold groups.
 * @throws {InputError} Where the template's own text is no list of addresses.
 */
export function readAddresses(
  name: string,
  source: TemplateSource,
  compiled: Pick<Compiled, "dialect" | "pieces">,
  hasGroups: boolean,
): (HeaderMailbox | Group)[] {
  const marked = new MarkedSource(source, compiled);
  const fail: Fail = (at, what, hint) => {
    throw new InputError(`${name} is not a list of e-mail addresses: ${what}`, {
      place: marked.place(at),
      hint: hint ??
        `Write ${name}: Name <name@example.com>, or the address alone; a name with any of ,;:<>@ or quotes in it goes in double quotes`,
    });
  };
  const entries = new List(marked, fail, hasGroups).read();
  if (entries.length === 0 && source.text.trim() !== "") fail(0, "it holds none");
  return entries;
}

const ONE_TAG_EACH =
  "Let one tag decide about the name and another about the address: {% if Rep %}{{ Rep_Name }}{% else %}Support{% endif %} <{{ Rep | default: 's@example.com' }}>";
const WITHOUT_QUOTES =
  "Leave the quotes away: what a tag puts into a name is quoted where it needs to be";
const ADDRESS_ALONE =
  "Write the address alone there; a name stands before it: Support <{{ Rep | default: 's@example.com' }}>";

class List {
  readonly #source: MarkedSource;
  readonly #fail: Fail;
  readonly #hasGroups: boolean;
  readonly #entries: (HeaderMailbox | Group)[] = [];
  /** The group that is open. */
  #group: { name: readonly Piece[]; mailboxes: HeaderMailbox[] } | undefined;
  /** Tokens since the last separator. */
  #item: Token[] = [];

  constructor(source: MarkedSource, fail: Fail, hasGroups: boolean) {
    this.#source = source;
    this.#fail = fail;
    this.#hasGroups = hasGroups;
  }

  read(): (HeaderMailbox | Group)[] {
    const tokens = tokensOf(this.#source, this.#fail);
    const lastEnd = tokens.findLastIndex((token) => markOf(token) === ";");
    tokens.forEach((token, index) => {
      const mark = markOf(token);
      if (mark === "," || mark === ";") {
        this.#endItem();
        if (mark === ";") this.#endGroup();
      } else if (mark === ":" && index < lastEnd && this.#mayOpenGroup()) {
        this.#group = { name: this.#nameOf(this.#item), mailboxes: [] };
        this.#item = [];
      } else this.#item.push(token);
    });
    this.#endItem();
    return this.#entries;
  }

  #mayOpenGroup(): boolean {
    return this.#hasGroups && this.#group === undefined && this.#item.length > 0 &&
      this.#item.every(({ kind }) => kind !== "angle");
  }

  #endGroup(): void {
    if (this.#group !== undefined) this.#entries.push({ kind: "group", ...this.#group });
    this.#group = undefined;
  }

  #endItem(): void {
    const item = this.#item;
    this.#item = [];
    if (item.length === 0) return;
    (this.#group?.mailboxes ?? this.#entries).push(this.#mailboxOf(item));
  }

  #mailboxOf(item: readonly Token[]): HeaderMailbox {
    for (const { slots } of item) this.#refuseWithin(slots, /[<>"]/);
    const index = item.findIndex(({ kind }) => kind === "angle");
    if (index < 0) return this.#bareOf(item);
    const [before, rest] = [item.slice(0, index), item.slice(index + 1)];
    const [first] = rest;
    const isOldName = before.length === 0 && rest.length === 1 && first!.kind === "comment";
    if (first !== undefined && !isOldName) {
      this.#fail(
        first.at,
        `${this.#quote(rest)} follows an address; is a comma missing?`,
      );
    }
    return {
      kind: "mailbox",
      name: isOldName ? this.#commentOf(first!) : this.#nameOf(before),
      address: this.#addressOf(item[index]!),
    };
  }

  /** An address without angle brackets, perhaps with a name in parentheses. */
  #bareOf(item: readonly Token[]): HeaderMailbox {
    const [word, ...others] = item.filter(({ kind }) => kind !== "comment");
    const comments = item.filter(({ kind }) => kind === "comment");
    const isOne = word?.kind === "word" && others.length === 0 && comments.length < 2;
    if (!isOne) {
      this.#fail(item[0]!.at, `${this.#quote(item)} has no address in angle brackets`);
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
        this.#fail(token.at, `${this.#quote([token])} is no e-mail address`);
      }
      return [address!];
    }
    const around = pieces.map((piece) => typeof piece === "string" ? piece : "x").join("").trim();
    const isBroken = /[\s"(),:;<>[\]\\]/.test(around);
    if (isBroken) this.#fail(token.at, `${this.#quote([token])} is no e-mail address`);
    return pieces;
  }

  /** A display name as its reader is to see it. */
  #nameOf(tokens: readonly Token[]): Piece[] {
    if (tokens.length === 1 && tokens[0]!.kind === "comment") return this.#commentOf(tokens[0]!);
    const name: Piece[] = [];
    for (const token of tokens) {
      this.#refuseWithin(token.slots, /@/);
      const at = token.kind === "word" &&
        token.pieces.some((piece) => typeof piece === "string" && piece.includes("@"));
      if (at) this.#fail(token.at, `${this.#quote([token])} stands before another address`);
      if (token.spaced && name.length > 0) appendPiece(name, " ");
      if (token.kind === "comment") appendPiece(name, "(");
      for (const piece of token.pieces) appendPiece(name, piece);
      if (token.kind === "comment") appendPiece(name, ")");
    }
    return name;
  }

  #commentOf(token: Token): Piece[] {
    this.#refuseWithin(token.slots, /@/);
    return [...token.pieces];
  }

  /** Text between tags is taken for what its place says, a name or an address: it can be no list of its own. */
  #refuseWithin(slots: readonly MarkedSlot[], wrong: RegExp): void {
    for (const { texts } of slots) {
      for (const { text, at } of texts) {
        const found = text.search(wrong);
        if (found < 0) continue;
        this.#fail(
          at + found,
          `'${
            text[found]
          }' stands within a Liquid tag, which may decide about a name or an address, but not about both`,
          text[found] === '"' ? WITHOUT_QUOTES : ONE_TAG_EACH,
        );
      }
    }
  }

  /** A value that is known before any row is, and is no address, would make every mail fail that shows it. */
  #refuseLiterals({ pieces, slots }: Token): void {
    for (const { text, at } of slots.flatMap(({ literals }) => literals)) {
      const isWrong = pieces.length === 1 && slots[0]!.texts.length === 0
        ? addrSpec(headerText(text)) === undefined
        : /[\s<>,;:"()]/.test(text.trim());
      if (isBlank(text) || !isWrong) continue;
      this.#fail(at, `'${text}' is put where an address is needed, and is none`, ADDRESS_ALONE);
    }
  }

  #quote(tokens: readonly Token[]): string {
    const text = this.#source.source.text.slice(tokens[0]!.at, tokens.at(-1)!.end);
    const line = text.replaceAll(/\s+/g, " ");
    return `'${line.length > 60 ? `${line.slice(0, 60)}…` : line}'`;
  }
}

function markOf({ kind, pieces }: Token): Piece | undefined {
  return kind === "mark" ? pieces[0] : undefined;
}
