import { Drop, type Liquid } from "liquidjs";
import { escapeHtml } from "../../text/escape_html.ts";
import { outputText } from "../template/output_text.ts";

/** The value of a filter that makes HTML of text. */
export class Html extends Drop {
  /** What the filter gives, as a filter after it sees it. */
  readonly #value: string;
  /** The same, safe to put into HTML as it is. */
  readonly html: string;
  /** The same where no HTML is read. */
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
 * Has the filters that make HTML of text do so once: what they give is not escaped again in HTML, and is text in text.
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
