import { type QuoteType, Tokenizer, type TokenizerCallbacks } from "htmlparser2";
import { decodeHTMLAttribute } from "entities/decode";

/** A range of a text, up to `end`. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** An attribute of a start tag. Places are those of the text. */
export interface Attribute extends Range {
  /** In lower case. */
  readonly name: string;
  /** Its value within its quotes, as written; undefined if it has none. */
  readonly valueRange: Range | undefined;
  /** "" if there are none. */
  readonly quote: '"' | "'" | "";
  /** Entities decoded, Liquid as masks; "" if there is none. */
  readonly value: string;
  /** A branch decides whether its tag has it. */
  readonly isConditional: boolean;
}

/** A start tag of a text. */
export interface StartTag extends Range {
  /** In lower case. */
  readonly name: string;
  /** End of the name. */
  readonly nameEnd: number;
  /** All that are written, including repeated ones, which a browser ignores. */
  readonly attributes: readonly Attribute[];
}

/**
 * Reads the start tag in a range of a text.
 *
 * A document parser reports each attribute once; with Liquid between them, the second of two may be the one that counts.
 *
 * @param values The same text, from which values are taken.
 * @param offset Added to all places.
 */
export function readStartTag(text: string, values: string, range: Range, offset = 0): StartTag {
  const { begin, end } = moved(range, offset);
  const source = text.slice(range.begin, range.end);
  const reader = new TagReader(source, values.slice(range.begin, range.end), begin);
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: false }, reader);
  tokenizer.write(source);
  tokenizer.end();
  const { name, attributes } = reader;
  return {
    begin,
    end,
    name: source.slice(name.begin, name.end).toLowerCase(),
    nameEnd: begin + name.end,
    attributes,
  };
}

/** Collects what a tokenizer finds in the text of one start tag. */
class TagReader implements TokenizerCallbacks {
  /** The tag's name, as a range of its text. */
  name: Range = { begin: 0, end: 0 };
  readonly attributes: Attribute[] = [];
  readonly #source: string;
  readonly #values: string;
  readonly #offset: number;
  // The attribute being read: its name, and the data of its value, which may come in pieces.
  #attribute: Range = this.name;
  #first: number | undefined;
  #last = 0;

  constructor(source: string, values: string, offset: number) {
    this.#source = source;
    this.#values = values;
    this.#offset = offset;
  }

  onopentagname(begin: number, end: number): void {
    this.name = { begin, end };
  }

  onattribname(begin: number, end: number): void {
    this.#attribute = { begin, end };
    this.#first = undefined;
    this.#last = end;
  }

  onattribdata(begin: number, end: number): void {
    this.#first ??= begin;
    this.#last = end;
  }

  onattribend(quote: QuoteType, end: number): void {
    const name = this.#attribute;
    const hasValue = quote !== 0;
    // An empty value has no data that gives its place; it is before its closing quote.
    const empty = end - (quote > 1 ? 1 : 0);
    const range = this.#first === undefined
      ? { begin: empty, end: empty }
      : { begin: this.#first, end: this.#last };
    this.attributes.push({
      name: this.#source.slice(name.begin, name.end).toLowerCase(),
      valueRange: hasValue ? moved(range, this.#offset) : undefined,
      quote: quote === 3 ? '"' : quote === 2 ? "'" : "",
      isConditional: false,
      value: hasValue ? decodeHTMLAttribute(this.#values.slice(range.begin, range.end)) : "",
      begin: this.#offset + name.begin,
      end: this.#offset + end,
    });
  }

  // A start tag holds nothing else, and entities are decoded by value.
  onattribentity(): void {}
  onopentagend(): void {}
  onselfclosingtag(): void {}
  oncdata(): void {}
  onclosetag(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onend(): void {}
  onprocessinginstruction(): void {}
  ontext(): void {}
  ontextentity(): void {}
}

function moved({ begin, end }: Range, by: number): Range {
  return { begin: begin + by, end: end + by };
}
