import { InputError } from "../../../model/input_error.ts";
import type { Compiled, Piece } from "../../template/slots.ts";
import type { TemplateSource } from "../../template/template.ts";
import { type Fail, type Token, tokensOf } from "./address_tokens.ts";
import { type HeaderMailbox, MailboxReader } from "./mailbox_reader.ts";
import { MarkedSource } from "./marked_source.ts";

/** Mailboxes under a name, `Friends: a@x.example, b@x.example;`; possibly none. */
export interface Group {
  readonly kind: "group";
  readonly name: readonly Piece[];
  readonly mailboxes: readonly HeaderMailbox[];
}

/**
 * Reads a header of addresses (RFC 5322, 3.4) with its slots. A slot alone between commas is an address; values are never
 * read, so that none can add a mailbox.
 *
 * All of the author's text becomes part of a name or an address, or is an error with its place. Text in parentheses before an address
 * in angle brackets belongs to the name, as does a colon that begins no group; `address (name)` is an older form of
 * `name <address>` (RFC 5322, 3.4). Semicolons separate as commas do.
 *
 * @param hasGroups The header may contain groups.
 * @throws {InputError} If the template's own text is not a list of addresses.
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
        `Write ${name}: Name <name@example.com>, or just the address. Put a name that contains any of ,;:<>@ or quotes in double quotes.`,
    });
  };
  const mailboxes = new MailboxReader(source.text, fail);
  const entries = new AddressList(mailboxes, hasGroups).read(tokensOf(marked, fail));
  if (entries.length === 0 && source.text.trim() !== "") fail(0, "it contains no address");
  return entries;
}

/** Finds where mailboxes and groups begin and end. */
class AddressList {
  readonly #mailboxes: MailboxReader;
  readonly #hasGroups: boolean;
  readonly #entries: (HeaderMailbox | Group)[] = [];
  /** The group that is open. */
  #group: { name: readonly Piece[]; mailboxes: HeaderMailbox[] } | undefined;
  /** Tokens since the last separator. */
  #item: Token[] = [];

  constructor(mailboxes: MailboxReader, hasGroups: boolean) {
    this.#mailboxes = mailboxes;
    this.#hasGroups = hasGroups;
  }

  read(tokens: readonly Token[]): (HeaderMailbox | Group)[] {
    const lastEnd = tokens.findLastIndex((token) => markOf(token) === ";");
    tokens.forEach((token, index) => {
      const mark = markOf(token);
      if (mark === "," || mark === ";") {
        this.#endItem();
        if (mark === ";") this.#endGroup();
      } else if (mark === ":" && index < lastEnd && this.#mayOpenGroup()) {
        this.#group = { name: this.#mailboxes.nameOf(this.#item), mailboxes: [] };
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
    (this.#group?.mailboxes ?? this.#entries).push(this.#mailboxes.read(item));
  }
}

function markOf({ kind, pieces }: Token): Piece | undefined {
  return kind === "mark" ? pieces[0] : undefined;
}
