import { escapeHtml } from "../../text/escape_html.ts";
import { linkTarget } from "./link_target.ts";

/** Liquid's name for the filter that the program adds to an output alone in angle brackets in Markdown. */
export const AUTOLINK = "autolink";

/** CommonMark 0.31, 6.5. */
const ADDRESS =
  /^[\w.!#$%&'*+\/=?^`{|}~-]+@[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;
const URI = /^[a-z][a-z\d+.-]{1,31}:[^\0-\x20<>]*$/i;

/** Returns whether a value in angle brackets is a link, as in Markdown: an address, or a URL that runs nothing. */
export function isAutolink(value: string): boolean {
  return ADDRESS.test(value) || (URI.test(value) && linkTarget(value) === value);
}

/** Formats a value that is alone in angle brackets as HTML: a link, or the text as written. */
export function autolink(value: string): string {
  const text = escapeHtml(value);
  if (!isAutolink(value)) return `&lt;${text}&gt;`;
  const target = ADDRESS.test(value) ? `mailto:${text}` : text;
  return `<a href="${target}">${text}</a>`;
}

/** The same in plain text. */
export function autolinkText(value: string): string {
  return isAutolink(value) ? value : `<${value}>`;
}
