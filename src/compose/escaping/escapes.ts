import type { FilterImplOptions, Liquid } from "liquidjs";
import { AUTOLINK, autolink } from "./autolink.ts";
import { escapeHtml } from "../../text/escape_html.ts";
import { Html, registerHtmlFilters } from "./html_filters.ts";
import { outputText } from "../template/output_text.ts";
import { LINK_TARGET, linkTarget } from "./link_target.ts";
import { percentEncoded } from "./percent_encoding.ts";

/** How outputs are escaped in one kind of text. */
export interface Escape {
  /** Escapes every output whose last filter is not `raw`; undefined: outputs stay as they are. */
  readonly outputEscape?: (value: unknown) => string;
  /** Adds to the tags and filters of Liquid. */
  readonly register?: (liquid: Liquid) => void;
}

const HTML: Escape = {
  outputEscape: (value) => value instanceof Html ? value.html : escapeHtml(outputText(value)),
  register(liquid) {
    registerHtmlFilters(liquid);
    liquid.registerFilter(LINK_TARGET, (value) => linkTarget(outputText(value)));
    liquid.registerFilter(AUTOLINK, raw((value) => autolink(outputText(value))));
  },
};

export const ESCAPES = {
  none: {},
  html: HTML,
  url: { outputEscape: (value: unknown) => percentEncoded(outputText(value)) },
} as const;

/** A filter after which nothing is escaped. */
export function raw(handler: (value: unknown) => unknown): FilterImplOptions {
  return { raw: true, handler };
}
