import { registerCapture } from "../template/captured.ts";
import { raw } from "../escaping/escapes.ts";
import type { Folder } from "../files/folder.ts";
import { registerHtmlFilters } from "../escaping/html_filters.ts";
import { Engine } from "../template/liquid.ts";
import type { Format, TemplateSource } from "../template/template.ts";
import { compile, type Compiled, fill, type SlotDialect } from "../template/slots.ts";
import type { RowScope } from "../template/template_variables.ts";
import { BoundedMap } from "../template/bounded_map.ts";
import { type Converter, converterWith } from "./convert.ts";
import { Outputs, type OutputValue } from "./outputs.ts";
import { isFramed, registerParts, type TemplatePart, withParts } from "./parts.ts";
import { withTableTags } from "./table_tags.ts";
import { type BranchCoverage, registerTrial } from "./branch_coverage.ts";
import type { Words } from "./words.ts";

/** The result of a template for one row: its HTML, with words for the values. */
export interface RenderedMarkdown {
  readonly html: string;
  readonly values: readonly OutputValue[];
}

/** Characters of Markdown and its HTML that are cached, as another row may give the same. */
const MOST_KEPT = 8_000_000;

/**
 * Liquid for templates whose Markdown cannot be read before their tags have been followed: renders them with words in place of
 * values, and converts the result from Markdown. So the tags can decide about Markdown, and the values are data.
 */
export class OutcomeEngine {
  readonly #engine: Engine;
  readonly #format: Format;
  readonly #words: Words;
  readonly #convert: Converter;
  readonly #converted = new BoundedMap<string>(MOST_KEPT);
  /** The outputs of the current rendering. */
  #outputs: Outputs;
  #trial: BranchCoverage | undefined;

  /** @param format Format of the template itself. */
  constructor(folder: Folder, format: Format, words: Words) {
    this.#format = format;
    this.#words = words;
    this.#outputs = new Outputs(words, format);
    this.#convert = converterWith({
      pattern: words.pattern("value"),
      autolink: (number) => words.of(number, "autolink"),
    });
    this.#engine = new Engine(folder, {
      outputEscape: (value) => this.#outputs.escaped(value),
      register: (liquid) => {
        registerHtmlFilters(liquid);
        registerCapture(liquid, (rendered) => this.#outputs.captured(rendered));
        liquid.registerFilter("raw", raw((value) => this.#outputs.raw(value)));
        registerParts(liquid, (part) => this.#enter(part));
        registerTrial(liquid, () => this.#trial);
      },
    }, withParts);
  }

  /** Compiles the template itself; see {@linkcode compile}. */
  compile(
    source: TemplateSource,
    { reader, variables }: Pick<SlotDialect, "reader" | "variables">,
  ): Compiled {
    const escape = (value: string): string => this.#outputs.escaped(value);
    return compile(source, { engine: this.#engine, reader, variables, escape }, () => {
      if (isFramed(source)) return withParts(source);
      return this.#format === "markdown" ? withTableTags(source) : source.text;
    });
  }

  /** @throws What liquidjs throws. */
  render(compiled: Compiled, row: RowScope, trial?: BranchCoverage): RenderedMarkdown {
    this.#outputs = new Outputs(this.#words, this.#format);
    this.#trial = trial;
    const outputs = this.#outputs;
    const rendered = fill(compiled, row);
    const html = this.#format === "markdown"
      ? this.#htmlOf(outputs.withNumbers(rendered), false)
      : rendered;
    return { html: outputs.withHtml(html), values: outputs.values };
  }

  #enter({ format, target, isBlock }: TemplatePart): (rendered: string) => string {
    const outputs = this.#outputs;
    const around = outputs.format;
    outputs.format = format;
    return (rendered) => {
      outputs.format = around;
      const into = target ?? around;
      if (into === format) return rendered;
      if (into === "markdown") return outputs.html(rendered);
      return this.#htmlOf(outputs.withNumbers(rendered), isBlock && !rendered.includes("\n"));
    };
  }

  #htmlOf(markdown: string, inline: boolean): string {
    const key = inline ? `${markdown}\0` : markdown;
    const known = this.#converted.get(key);
    if (known !== undefined) return known;
    const html = this.#convert(this.#withHtmlAlone(markdown), inline);
    this.#converted.set(key, html, html.length);
    return html;
  }

  /** Wraps HTML of included files that is alone on its line in comments: Markdown copies those without a paragraph. */
  #withHtmlAlone(markdown: string): string {
    if (!this.#words.areIn(markdown)) return markdown;
    const word = this.#words.pattern("html");
    const quoteOrItem = "(?: {0,3}>[ \\t]?| {0,3}(?:[-*+]|\\d{1,9}[.)])[ \\t]+)*";
    return markdown.replace(
      new RegExp(`^(${quoteOrItem} {0,3})((?:${word}[ \\t]*)+)$`, "gm"),
      (_, before, words: string) => before + words.replace(new RegExp(word, "g"), "<!--$&-->"),
    );
  }
}
