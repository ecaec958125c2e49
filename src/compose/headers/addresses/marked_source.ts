import {
  type Template as Node,
  Tokenizer,
  TokenKind,
  type TopLevelToken,
  TypeGuards,
} from "liquidjs";
import type { Compiled, Slot } from "../../template/slots.ts";
import { placeAt, type TemplateSource } from "../../template/template.ts";
import type { SourcePlace } from "../../../model/input_error.ts";

/** Marks a slot in {@linkcode MarkedSource.text}. */
export const SLOT = "\0";
/** Replaces a character that is not the author's text: the rest of a slot, or what `{{-` removes. */
export const NOTHING = "\x01";

/** A slot of a header, and the author's own text within its tags. */
export interface MarkedSlot {
  readonly slot: Slot;
  /** Of `{% if … %}text{% endif %}`: what it may put out besides values, each piece with its start. */
  readonly texts: readonly TextWithin[];
  /** Of `{{ Rep | default: "text" }}` and `{{ "text" }}`: what it puts out unchanged. */
  readonly literals: readonly TextWithin[];
}

/** A text of the author's, and its start. */
export interface TextWithin {
  readonly text: string;
  readonly at: number;
}

/**
 * A header's value with its Liquid replaced, character by character, so that a reader of addresses never sees a value, and
 * its findings have their place in the file.
 */
export class MarkedSource {
  /** As long as the source's text. */
  readonly text: string;
  /** In the order of their marks. */
  readonly slots: readonly MarkedSlot[];
  readonly source: TemplateSource;

  constructor(source: TemplateSource, { dialect, pieces }: Pick<Compiled, "dialect" | "pieces">) {
    const nodes = dialect.engine.parse(source);
    const slots = pieces.filter((piece) => typeof piece !== "string");
    const marked: MarkedSlot[] = [];
    let text = "";
    nodes.forEach((node, index) => {
      const [begin, end] = [node.token.begin, nodes[index + 1]?.token.begin ?? source.text.length];
      const written = source.text.slice(begin, end);
      if (isText(node)) text += authorsText(written, node.str);
      else {
        text += (SLOT + NOTHING.repeat(written.length)).slice(0, written.length);
        const isComment = "name" in node && node.name === "comment";
        const within = isComment ? [] : tokensWithin(source, begin, end);
        const slot = slots[marked.length]!;
        marked.push({ slot, texts: textsOf(within, begin), literals: literalsOf(within, begin) });
      }
    });
    this.source = source;
    this.text = text;
    this.slots = marked;
  }

  /** The place of the character at an offset. */
  place(at: number): SourcePlace {
    return placeAt(this.source, at);
  }
}

function isText(node: Node): node is Node & { readonly str: string } {
  return node.token.kind === TokenKind.HTML && "str" in node;
}

/** Text of the same length: what whitespace control removes is marked, control characters except line ends become spaces. */
function authorsText(written: string, kept: string): string {
  const start = written.indexOf(kept);
  // deno-lint-ignore no-control-regex
  const text = kept.replace(/[\0-\x09\x0B-\x1F\x7F]/g, " ");
  return NOTHING.repeat(start) + text + NOTHING.repeat(written.length - start - kept.length);
}

function tokensWithin(source: TemplateSource, begin: number, end: number): TopLevelToken[] {
  return new Tokenizer(source.text.slice(begin, end), undefined, source.file).readTopLevelTokens();
}

/** The author's text between the tags of a block. */
function textsOf(tokens: readonly TopLevelToken[], begin: number): TextWithin[] {
  return tokens.filter(({ kind }) => kind === TokenKind.HTML)
    .map((token) => ({ text: token.getText(), at: begin + token.begin }));
}

/** Texts that an output shows unchanged: its value, or the argument of `default`, if no other filter follows. */
function literalsOf(tokens: readonly TopLevelToken[], begin: number): TextWithin[] {
  return tokens.filter((token) => token.kind === TokenKind.Output).flatMap((token) => {
    const inner = new Tokenizer(token.input, undefined, token.file, [
      token.begin + 2 + (token.getText().startsWith("{{-") ? 1 : 0),
      token.end - 2 - (token.getText().endsWith("-}}") ? 1 : 0),
    ]).readFilteredValue();
    if (inner.filters.some(({ name }) => name !== "default")) return [];
    const values = [...inner.initial.postfix, ...inner.filters.flatMap(({ args }) => args)];
    return values.flatMap((value) =>
      !Array.isArray(value) && TypeGuards.isQuotedToken(value)
        ? [{ text: value.content, at: begin + value.begin }]
        : []
    );
  });
}
