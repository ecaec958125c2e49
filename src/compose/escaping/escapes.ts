import type { FilterImplOptions, Liquid } from "liquidjs";
import { AUTOLINK, autolink } from "./autolink.ts";
import { escapeHtml } from "../../text/escape_html.ts";
import { Html, registerHtmlFilters } from "./html_filters.ts";
import { outputText } from "../template/output_text.ts";
import { LINK_TARGET, linkTarget } from "./link_target.ts";
import { percentEncoded } from "./percent_encoding.ts";

/** What happens to an output by the kind of text it goes into. */
export interface Escape {
  /** What every output becomes whose last filter is not `raw`; undefined: it stays as it is. */
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
