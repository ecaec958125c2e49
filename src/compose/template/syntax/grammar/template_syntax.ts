import { type TagToken, Tokenizer, TokenKind, type TopLevelToken, TypeGuards } from "liquidjs";
import { nearest } from "../../../../text/nearest.ts";
import { quote } from "../../../../text/quote.ts";
import { inputErrorOf } from "../../liquid.ts";
import type { TemplateSource } from "../../template.ts";
import { handlebarsHint } from "./foreign_words.ts";
import { TagSyntax, unknownTagHint } from "./tag_syntax.ts";
import { type SyntaxContext, ValueSyntax } from "./value_syntax.ts";

/** Tags that continue to their `end…`, and the tags that divide them. */
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  if: ["elsif", "else"],
  unless: ["elsif", "else"],
  case: ["when", "else"],
  for: ["else"],
  tablerow: [],
  capture: [],
  block: [],
  raw: [],
};

/** A comment of Jinja, Twig and Django, which may contain Liquid. */
const COMMENT = /\{#(?:[^{}]|\{\{[^{}]*\}\}|\{%[^{}]*%\})*#\}/y;

/**
 * Checks that a template says nothing that Liquid would skip, and nothing in another language.
 *
 * liquidjs reads leniently: of `{{ First name }}` it takes `First`, and of `{{ Name or "friend" }}` it makes "true".
 *
 * @throws {InputError} With the place, and what to write instead.
 */
export function checkSyntax(source: TemplateSource, context: SyntaxContext): void {
  let tokens: readonly TopLevelToken[];
  try {
    tokens = new Tokenizer(source.text, context.engine.operators, source.file).readTopLevelTokens();
  } catch {
    // Something is not closed, which the parser reports.
    return;
  }
  try {
    new SyntaxCheck(source, context).all(tokens);
  } catch (error) {
    throw inputErrorOf(error, source);
  }
}

/** A tag that waits for its `end…`. */
interface OpenBlock {
  readonly name: string;
  /** Its last divider: `elsif`, `when`, `else`. */
  divider?: string;
}

class SyntaxCheck {
  readonly #source: TemplateSource;
  readonly #context: SyntaxContext;
  readonly #values: ValueSyntax;
  readonly #tags: TagSyntax;
  readonly #open: OpenBlock[] = [];
  #isComment = false;

  constructor(source: TemplateSource, context: SyntaxContext) {
    this.#source = source;
    this.#context = context;
    this.#values = new ValueSyntax(source, context);
    this.#tags = new TagSyntax(this.#values);
  }

  all(tokens: readonly TopLevelToken[]): void {
    for (const token of tokens) {
      if (this.#isComment) {
        if (isTag(token) && token.name === "endcomment") this.#isComment = false;
      } else if (isTag(token)) {
        this.#tag(token);
      } else {
        this.#refuseUnseen(token);
        if (token.kind === TokenKind.Output) this.#output(token);
        else this.#text(token);
      }
    }
  }

  #text({ begin, end }: TopLevelToken): void {
    if (this.#open.at(-1)?.name === "raw") return;
    const text = this.#source.text.slice(begin, end);
    for (const { index } of text.matchAll(/\{#/g)) {
      COMMENT.lastIndex = begin + index;
      const [comment] = COMMENT.exec(this.#source.text) ?? [];
      if (comment === undefined) continue;
      this.#values.fail(
        begin + index,
        `${quote(comment)} is not a comment in Liquid: it would be mailed`,
        "Write {% comment %}…{% endcomment %}, or {% # … %} on one line.",
      );
    }
  }

  #output(token: TopLevelToken): void {
    const [begin, end] = (token as TopLevelToken & { contentRange: [number, number] }).contentRange;
    const content = this.#source.text.slice(begin, end);
    const hint = handlebarsHint(content);
    if (hint !== undefined && !this.#context.variables.knows([content])) {
      this.#values.fail(begin, `An output cannot begin with ${quote(content)}`, hint);
    }
    const { operators } = this.#context.engine;
    const reading = new Tokenizer(this.#source.text, operators, this.#source.file, [begin, end]);
    this.#values.filtered(reading, "output");
  }

  #tag(token: TagToken): void {
    const { name } = token;
    if (name === "comment") {
      this.#isComment = true;
      return;
    }
    const isEnd = name.startsWith("end") && Object.hasOwn(BLOCKS, name.slice(3));
    if (isEnd) this.#close(token);
    else if (["else", "elsif", "when"].includes(name)) this.#divide(token);
    else if (!this.#context.engine.hasTag(name)) this.#failUnknown(token);
    else this.#refuseUnseen(token);
    this.#tags.check(token);
    if (name === "liquid") this.all(token.tokenizer.readLiquidTagTokens() as TopLevelToken[]);
    if (Object.hasOwn(BLOCKS, name)) this.#open.push({ name });
  }

  #close({ name, begin }: TagToken): void {
    const open = this.#open.at(-1)?.name;
    if (open === name.slice(3)) {
      this.#open.pop();
      return;
    }
    const hint = open === undefined ? undefined : `'end${open}' comes first.`;
    this.#values.fail(begin, `'${name}' has no '${name.slice(3)}' before it`, hint);
  }

  #divide({ name, begin }: TagToken): void {
    const open = this.#open.at(-1);
    const openers = Object.keys(BLOCKS).filter((one) => BLOCKS[one]!.includes(name));
    if (open === undefined || !openers.includes(open.name)) {
      const names = openers.map((one) => `'${one}'`).join(" or ");
      this.#values.fail(begin, `'${name}' is not within ${names}`);
    }
    if (open.divider === "else") {
      this.#values.fail(begin, `'${name}' after 'else' has no effect`, `'else' must come last.`);
    }
    open.divider = name;
  }

  /** Refuses what is between `case` and its first `when`, where nothing is shown. */
  #refuseUnseen({ begin, end }: TopLevelToken): void {
    const open = this.#open.at(-1);
    const text = this.#source.text.slice(begin, end);
    if (open?.name !== "case" || open.divider !== undefined || text.trim() === "") return;
    this.#values.fail(
      begin + text.search(/\S/),
      `${quote(text.trim())} between 'case' and 'when' is never shown`,
    );
  }

  #failUnknown({ name, begin }: TagToken): never {
    const { tagNames } = this.#context.engine;
    const guess = nearest(name, tagNames);
    this.#values.fail(
      begin,
      `Unknown tag '${name}'`,
      unknownTagHint(name) ?? (guess === undefined ? undefined : `Did you mean '${guess}'?`),
    );
  }
}

function isTag(token: TopLevelToken): token is TagToken {
  return TypeGuards.isTagToken(token);
}
