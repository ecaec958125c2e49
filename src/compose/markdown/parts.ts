import {
  type Context,
  type Emitter,
  type Liquid,
  type Parser,
  Tag,
  type TagToken,
  type Template as Node,
  Tokenizer,
  TokenKind,
  type TopLevelToken,
} from "liquidjs";
import { type Format, formatOf, type TemplateSource } from "../template/template.ts";
import { withTableTags } from "./table_tags.ts";

/** The tag that the program puts around text of one format. */
const PART = "__part";

/** A range of a template or of a file that it includes, in one format. */
export interface TemplatePart {
  readonly format: Format;
  /** The format of what it goes into; undefined: the format being rendered. */
  readonly target: Format | undefined;
  /** It fills a block of a layout. */
  readonly isBlock: boolean;
}

/** Returns whether a layout is around the template, or it is one: blocks may have another format than the place they go into. */
export function isFramed(source: TemplateSource): boolean {
  return /\{%-?\s*(?:layout|block)\b/.test(source.text);
}

/**
 * A template's text with tags around the parts in its format: a whole file, which another may include, and its blocks, which a
 * layout in another format may frame.
 */
export function withParts({ file, ...written }: TemplateSource): string {
  const format = formatOf(file);
  if (format === "text") return written.text;
  const source = {
    file,
    text: format === "markdown" ? withTableTags({ file, ...written }) : written.text,
  };
  const begin = (rest: string, trim = ""): string => `{% ${PART} ${format} ${rest} ${trim}%}`;
  const end = (trim = ""): string => `{%${trim} end${PART} %}`;
  let text = "";
  let isOpen = false;
  const tokens = new Tokenizer(source.text, undefined, source.file).readTopLevelTokens();
  const layout = tokens.find((token) =>
    token.kind === TokenKind.Tag && /^\{%-?\s*layout\b/.test(token.getText())
  );
  if (layout === undefined) {
    text = begin("- -");
    isOpen = true;
  }
  for (const token of tokens) {
    const written = token.getText();
    const [, before = "", name = ""] =
      /^\{%(-?)\s*(\w+)/.exec(token.kind === TokenKind.Tag ? written : "") ?? [];
    const after = written.endsWith("-%}") ? "-" : "";
    if (name === "endblock") text += end(before);
    text += written;
    if (name === "block") text += begin("- block", after);
    if (token === layout && !isOpen) {
      const file = /["']([^"']*)["']/.exec(written)?.[1] ?? "";
      text += begin(`${formatOf(file)} -`, after);
      isOpen = true;
    }
  }
  return text + end();
}

/**
 * Teaches Liquid the tags of {@linkcode withParts}.
 *
 * @param enter Called when a part begins; returns a function that converts its text.
 */
export function registerParts(
  liquid: Liquid,
  enter: (part: TemplatePart) => (rendered: string) => string,
): void {
  liquid.registerTag(
    PART,
    class extends Tag {
      readonly #part: TemplatePart;
      readonly #nodes: Node[] = [];

      constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid, parser: Parser) {
        super(token, remaining, liquid);
        const [format, target, block] = token.args.trim().split(/\s+/);
        this.#part = {
          format: format as Format,
          target: target === "-" ? undefined : target as Format,
          isBlock: block === "block",
        };
        const stream = parser.parseStream(remaining)
          .on("template", (node: Node) => void this.#nodes.push(node))
          .on(`tag:end${PART}`, () => void stream.stop());
        stream.start();
      }

      override *render(context: Context, emitter: Emitter): Generator<unknown, void, string> {
        const leave = enter(this.#part);
        emitter.write(leave(yield this.liquid.renderer.renderTemplates(this.#nodes, context)));
      }
    },
  );
}
