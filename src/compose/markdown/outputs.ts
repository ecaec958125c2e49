import { Captured } from "../template/captured.ts";
import { Html } from "../escaping/html_filters.ts";
import { outputText } from "../template/output_text.ts";
import type { Format } from "../template/template.ts";
import { markupToText } from "../text_part/markup.ts";
import type { WordKind, Words } from "./words.ts";

/** What an output has put out. */
export interface OutputValue {
  /** Its form in plain text. */
  readonly text: string;
  /** HTML that is inserted as it is; undefined for text, which is escaped where it is used. */
  readonly html: string | undefined;
  /** It was counted or calculated. */
  readonly isNumber?: boolean;
}

/** Records what is put out while a template is rendered, and returns words for it. */
export class Outputs {
  readonly values: OutputValue[] = [];
  readonly #words: Words;
  /** HTML of files that Markdown includes, by their numbers. */
  readonly #html: string[] = [];
  /** What is being rendered. */
  format: Format;

  constructor(words: Words, format: Format) {
    this.#words = words;
    this.format = format;
  }

  /** An output, escaped where it is used. */
  escaped(value: unknown): string {
    if (value instanceof Captured) return value.markup;
    if (value instanceof Html) return this.#word({ text: value.text, html: value.html });
    const text = outputText(value);
    if (this.#words.areIn(text)) return text;
    return this.#word({ text, html: undefined, isNumber: typeof value === "number" });
  }

  /** An output that is inserted as it is. */
  raw(value: unknown): string {
    if (value instanceof Captured) return value.markup;
    const html = outputText(value);
    // Already rendered by a layout's block.
    if (this.#words.areIn(html)) return html;
    return this.#word({
      html,
      get text() {
        return markupToText(html);
      },
    });
  }

  captured(rendered: string): Captured {
    return new Captured(this.withValues(rendered), rendered);
  }

  /** HTML within Markdown. */
  html(html: string): string {
    return this.#words.of(this.#html.push(html) - 1, "html");
  }

  /** `text` with its words, and the comments that contain them, replaced by the HTML. */
  withHtml(text: string): string {
    if (this.#html.length === 0) return text;
    const word = this.#words.pattern("html");
    return text.replace(
      // Within code, a comment is text.
      new RegExp(`(?:<!--|&lt;!--)?${word}(?:-->|--&gt;)?`, "g"),
      (_, number) => this.withHtml(this.#html[Number(number)]!),
    );
  }

  /**
   * Markdown with the numbers that may begin an item of a list: `{{ forloop.index }}. Name`. Elsewhere the number does not
   * matter.
   */
  withNumbers(markdown: string): string {
    const word = this.#words.pattern("value");
    const begin = new RegExp(
      `^([ \\t>]*(?:[-*+][ \\t]+)*)((?:\\d|${word})+)(?=[.)](?:\\s|$))`,
      "gm",
    );
    return markdown.replace(
      begin,
      (line, before: string, number: string) => {
        const digits = number.replace(
          new RegExp(word, "g"),
          (word, index) =>
            this.values[Number(index)]!.isNumber ? this.values[Number(index)]!.text : word,
        );
        return /^\d+$/.test(digits) ? before + digits : line;
      },
    );
  }

  /** `rendered` as text: words replaced by their values. */
  withValues(rendered: string): string {
    return this.withHtml(rendered).replace(
      this.#words.all,
      (word, number, ending) =>
        ending === "z" || ending === "m" ? this.values[Number(number)]!.text : word,
    );
  }

  #word(value: OutputValue): string {
    const kind: WordKind = value.html === undefined ? "value" : "markup";
    return this.#words.of(this.values.push(value) - 1, kind);
  }
}
