import {
  type DefaultTreeAdapterMap,
  type DefaultTreeAdapterTypes,
  Parser,
  type Token,
  TokenizerMode,
} from "parse5";
import type { OutlookCondition } from "./scope.ts";
import { type Range, readStartTag, type StartTag } from "./start_tag.ts";

/** A part of an HTML text other than its characters. What follows a raw tag, up to the next part, is not HTML. */
export type TokenPart =
  & Range
  & ({ readonly kind: "tag"; readonly tag: StartTag; readonly isRaw: boolean } | {
    /** A bogus comment, `<!x>` or `</{{ x }}>`, is not written as one. */
    readonly kind: "comment" | "bogus-comment" | "doctype" | "end-tag";
  });

/** Parses an HTML text into its parts: the only place where HTML is read (WHATWG HTML, 13.2.5). */
export class Tokens {
  readonly document: DefaultTreeAdapterTypes.Document;
  /** In order. */
  readonly parts: readonly TokenPart[];
  /** Content of comments and elements that some programs read as HTML. */
  readonly hidden: readonly Range[];
  /** Outlook's conditions around what other programs read. */
  readonly conditions: readonly OutlookCondition[];

  /**
   * @param values The same text, of which values of attributes are taken.
   * @param begin Where the text begins in the whole; all places are those of the whole.
   */
  constructor(text: string, values: string = text, begin = 0) {
    const found = new FoundTokens(text, values, begin);
    const parser = new TokenParser(found);
    parser.tokenizer.write(text, true);
    this.document = parser.document;
    this.parts = [...found.parts.values()].sort((a, b) => a.begin - b.begin);
    this.conditions = found.conditions;
    this.hidden = [...found.hidden, ...noscripts(this.parts, begin + text.length)];
  }
}

/** The content of each `<noscript>`, up to the next part or the text's end. */
function noscripts(parts: readonly TokenPart[], textEnd: number): Range[] {
  return parts.flatMap((part, index) =>
    part.kind === "tag" && part.tag.name === "noscript"
      ? [{ begin: part.end, end: parts[index + 1]?.begin ?? textEnd }]
      : []
  );
}

/** Collects the tokens of a text that begins at `begin` in the whole. */
class FoundTokens implements Listener {
  readonly parts = new Map<number, TokenPart>();
  readonly hidden: Range[] = [];
  readonly conditions: OutlookCondition[] = [];
  readonly #text: string;
  readonly #values: string;
  readonly #begin: number;

  constructor(text: string, values: string, begin: number) {
    this.#text = text;
    this.#values = values;
    this.#begin = begin;
  }

  tag(token: Token.TagToken, isRaw: boolean): void {
    const { startOffset, endOffset } = token.location!;
    const range = { begin: startOffset, end: endOffset };
    const tag = readStartTag(this.#text, this.#values, range, this.#begin);
    this.parts.set(tag.begin, { kind: "tag", tag, isRaw, begin: tag.begin, end: tag.end });
  }

  other(token: Token.TagToken | Token.DoctypeToken, kind: "end-tag" | "doctype"): void {
    const range = this.#rangeOf(token);
    this.parts.set(range.begin, { kind, ...range });
  }

  comment(token: Token.CommentToken): void {
    const range = this.#rangeOf(token);
    const isWritten = this.#text.startsWith("<!--", range.begin - this.#begin);
    this.parts.set(range.begin, { kind: isWritten ? "comment" : "bogus-comment", ...range });
    const condition = conditionOf(token.data);
    if (condition === "begins") this.conditions.push({ at: range.end, begins: true });
    else if (condition === "ends") this.conditions.push({ at: range.begin, begins: false });
    else if (condition !== undefined) {
      const at = range.begin + "<!--".length + condition.begin;
      this.hidden.push({ begin: at, end: at + condition.end - condition.begin });
    }
  }

  #rangeOf({ location }: { readonly location: Token.Location | null }): Range {
    return {
      begin: this.#begin + location!.startOffset,
      end: this.#begin + location!.endOffset,
    };
  }
}

interface Listener {
  /** @param isRaw Its content, up to its end, is not HTML. */
  tag(token: Token.TagToken, isRaw: boolean): void;
  comment(token: Token.CommentToken): void;
  other(token: Token.TagToken | Token.DoctypeToken, kind: "end-tag" | "doctype"): void;
}

/** Reports every token in the text; the tree alone lacks those that a browser ignores. */
class TokenParser extends Parser<DefaultTreeAdapterMap> {
  readonly #listener: Listener;

  constructor(listener: Listener) {
    super({ sourceCodeLocationInfo: true });
    this.#listener = listener;
  }

  override onStartTag(token: Token.TagToken): void {
    super.onStartTag(token);
    this.#listener.tag(token, this.tokenizer.state !== TokenizerMode.DATA);
  }

  override onEndTag(token: Token.TagToken): void {
    // Implied end tags have no place.
    if (token.location !== null) this.#listener.other(token, "end-tag");
    super.onEndTag(token);
  }

  override onComment(token: Token.CommentToken): void {
    this.#listener.comment(token);
    super.onComment(token);
  }

  override onDoctype(token: Token.DoctypeToken): void {
    this.#listener.other(token, "doctype");
    super.onDoctype(token);
  }
}

/**
 * A conditional comment (https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/compatibility/ms537512(v=vs.85)):
 * one with content that only Outlook reads, or one that begins or ends what the others read.
 */
function conditionOf(data: string): "begins" | "ends" | Range | undefined {
  const text = data.trim();
  if (text === "<![endif]" || text === "[endif]") return "ends";
  if (!text.toLowerCase().startsWith("[if")) return undefined;
  const begin = data.indexOf("]>") + "]>".length;
  if (begin < "]>".length) return "begins";
  const end = data.lastIndexOf("<![endif]");
  const content = data.slice(begin, end < begin ? data.length : end);
  return ["<!", "<!--"].includes(content.trim())
    ? "begins"
    : { begin, end: begin + content.length };
}
