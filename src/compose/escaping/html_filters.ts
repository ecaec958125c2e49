import { Drop, type Liquid } from "liquidjs";
import { escapeHtml } from "../../text/escape_html.ts";
import { outputText } from "../template/output_text.ts";

/** The result of a filter that turns text into HTML. */
export class Html extends Drop {
  /** The filter's result, as the next filter sees it. */
  readonly #value: string;
  /** The same, safe to insert into HTML as it is. */
  readonly html: string;
  /** The same in plain text. */
  readonly text: string;

  constructor(value: string, html: string, text: string) {
    super();
    this.#value = value;
    this.html = html;
    this.text = text;
  }

  override valueOf(): string {
    return this.#value;
  }
}

/**
 * Registers the filters that turn text into HTML so that it happens once: their result is not escaped again in HTML, and is
 * plain in plain text.
 */
export function registerHtmlFilters(liquid: Liquid): void {
  const filters: Record<string, (value: unknown) => Html> = {
    newline_to_br: (value) => changed(value, (text) => text.replace(/\r?\n/g, "<br />\n")),
    escape: escapedOnce,
    xml_escape: escapedOnce,
    escape_once: (value) => {
      const text = outputText(value).replace(
        /&(amp|lt|gt|#34|#39);/g,
        (entity) => CHARACTERS[entity]!,
      );
      return new Html(escapeHtml(text), escapeHtml(text), text);
    },
  };
  for (const [name, filter] of Object.entries(filters)) liquid.registerFilter(name, filter);
}

const CHARACTERS: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&#34;": '"',
  "&#39;": "'",
};

function changed(value: unknown, change: (text: string) => string): Html {
  const text = outputText(value);
  return value instanceof Html
    ? new Html(change(text), change(value.html), value.text)
    : new Html(change(text), change(escapeHtml(text)), text);
}

function escapedOnce(value: unknown): Html {
  const html = escapeHtml(outputText(value));
  return new Html(html, html, outputText(value));
}
