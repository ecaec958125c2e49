import type { FilterImplOptions, Liquid } from "liquidjs";
import { AUTOLINK, autolink, autolinkText } from "./autolink.ts";
import { Captured, registerCapture } from "./captured.ts";
import { escapeHtml } from "./escape_html.ts";
import { Html, registerHtmlFilters, textOf } from "./html_filters.ts";
import { LINK_TARGET, linkTarget } from "./link_target.ts";
import { markupToText } from "./text_part/markup.ts";

/** What happens to an output by the kind of text it goes into. */
export interface Escape {
  /** What every output becomes whose last filter is not `raw`; undefined: it stays as it is. */
  readonly outputEscape?: (value: unknown) => string;
  /** Adds to the tags and filters of Liquid. */
  readonly register?: (liquid: Liquid) => void;
}

const HTML: Escape = {
  outputEscape: (value) => value instanceof Html ? value.html : escapeHtml(textOf(value)),
  register(liquid) {
    registerHtmlFilters(liquid);
    liquid.registerFilter(LINK_TARGET, (value) => linkTarget(textOf(value)));
    liquid.registerFilter(AUTOLINK, raw((value) => autolink(textOf(value))));
  },
};

/** What the template has as HTML is text by now; what its values have is not. */
const TEXT_OF_HTML: Escape = {
  outputEscape: (value) => value instanceof Html ? value.text : textOf(value),
  register(liquid) {
    registerHtmlFilters(liquid);
    registerCapture(liquid, (text) => new Captured(text, text));
    liquid.registerFilter(
      "raw",
      raw((value) => value instanceof Captured ? value.text : markupToText(textOf(value))),
    );
    liquid.registerFilter(AUTOLINK, raw((value) => autolinkText(textOf(value))));
  },
};

export const ESCAPES = {
  none: {},
  html: HTML,
  url: { outputEscape: (value: unknown) => percentEncoded(textOf(value)) },
  "text of html": TEXT_OF_HTML,
} as const;

/** A filter after which nothing is escaped. */
export function raw(handler: (value: unknown) => unknown): FilterImplOptions {
  return { raw: true, handler };
}

/** A value as part of a URL. */
export function percentEncoded(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}
