import { Tokenizer } from "htmlparser2";
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
  /** Its value within its quotes, as written; undefined where it has none. */
  readonly valueRange: Range | undefined;
  /** "" where there are none. */
  readonly quote: '"' | "'" | "";
  /** Entities decoded, Liquid as masks; "" where there is none. */
  readonly value: string;
  /** A branch decides whether its tag has it. */
  readonly isConditional: boolean;
}

/** A start tag of a text. */
export interface StartTag extends Range {
  /** In lower case. */
  readonly name: string;
  /** Behind the name. */
  readonly nameEnd: number;
  /** All that are written, those too that a browser ignores as they are there already. */
  readonly attributes: readonly Attribute[];
}

/**
 * Reads the start tag that stands in a range of a text.
 *
 * A parser of documents tells each attribute once; with Liquid between them, the second of two may be the one that counts.
 *
 * @param values The same text, of which values are taken.
 * @param offset Added to all places.
 */
export function readStartTag(text: string, values: string, range: Range, offset = 0): StartTag {
  const source = text.slice(range.begin, range.end);
  const valueSource = values.slice(range.begin, range.end);
  const { begin, end } = moved(range, offset);
  const attributes: Attribute[] = [];
  let name = { begin: 0, end: 0 };
  let attribute = name;
  let first: number | undefined;
  let last = 0;
  const ignore = () => {};
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: false }, {
    onopentagname: (start, end) => name = { begin: start, end },
    onattribname: (start, end) => {
      attribute = { begin: start, end };
      first = undefined;
      last = end;
    },
    onattribdata: (start, end) => {
      first ??= start;
      last = end;
    },
    onattribentity: ignore,
    onattribend: (quote, end) => {
      const written = source.slice(attribute.begin, attribute.end);
      const hasValue = quote !== 0;
      // An empty value has no data to tell its place; it stands before its closing quote.
      const empty = end - (quote > 1 ? 1 : 0);
      const range = first === undefined
        ? { begin: empty, end: empty }
        : { begin: first, end: last };
      attributes.push({
        name: written.toLowerCase(),
        valueRange: hasValue ? moved(range, begin) : undefined,
        quote: quote === 3 ? '"' : quote === 2 ? "'" : "",
        isConditional: false,
        value: hasValue ? decodeHTMLAttribute(valueSource.slice(range.begin, range.end)) : "",
        begin: begin + attribute.begin,
        end: begin + end,
      });
    },
    onopentagend: ignore,
    onselfclosingtag: ignore,
    oncdata: ignore,
    onclosetag: ignore,
    oncomment: ignore,
    ondeclaration: ignore,
    onend: ignore,
    onprocessinginstruction: ignore,
    ontext: ignore,
    ontextentity: ignore,
  });
  tokenizer.write(source);
  tokenizer.end();
  return {
    begin,
    end,
    name: source.slice(name.begin, name.end).toLowerCase(),
    nameEnd: begin + name.end,
    attributes,
  };
}

function moved({ begin, end }: Range, by: number): Range {
  return { begin: begin + by, end: end + by };
}
