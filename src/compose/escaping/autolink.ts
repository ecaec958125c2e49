import { escapeHtml } from "../../text/escape_html.ts";
import { linkTarget } from "./link_target.ts";

/** Liquid's name for the filter that the program adds to an output alone within angle brackets in Markdown. */
export const AUTOLINK = "autolink";

/** CommonMark 0.31, 6.5. */
const ADDRESS =
  /^[\w.!#$%&'*+\/=?^`{|}~-]+@[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;
const URI = /^[a-z][a-z\d+.-]{1,31}:[^\0-\x20<>]*$/i;

/** A value within angle brackets is the text of a link, as Markdown has it: an address, or a URL that runs nothing. */
export function isAutolink(value: string): boolean {
  return ADDRESS.test(value) || (URI.test(value) && linkTarget(value) === value);
}

/** A value that stands alone within angle brackets, as HTML: a link, or what is written. */
export function autolink(value: string): string {
  const text = escapeHtml(value);
  if (!isAutolink(value)) return `&lt;${text}&gt;`;
  const target = ADDRESS.test(value) ? `mailto:${text}` : text;
  return `<a href="${target}">${text}</a>`;
}

/** The same where no HTML is read. */
export function autolinkText(value: string): string {
  return isAutolink(value) ? value : `<${value}>`;
}
