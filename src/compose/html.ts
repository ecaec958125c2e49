import { convert, type HtmlToTextOptions } from "html-to-text";
import { parseHtml } from "./parse_html.ts";
import { Protected } from "./protect.ts";
import { RenderLimitError } from "./render_limit.ts";
import type { Source } from "./template.ts";

/** Modest, so that mail looks like mail in a client's own dress: a readable width, the system's font, no colours. */
const FRAGMENT_STYLE =
  "max-width:40em;margin:0 auto;padding:1em;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif";

/** A fragment as a whole document. */
export function documentAround(html: string, language: string | undefined): string {
  const lang = language === undefined ? "" : ` lang="${language}"`;
  return `<!DOCTYPE html>
<html${lang}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
</head>
<body style="${FRAGMENT_STYLE}">
${html.trimEnd()}
</body>
</html>
`;
}

/**
 * The text part of an HTML template, as a template: Liquid stays where it was, without HTML escaping.
 *
 * Undefined where the HTML has tags in places that text has not (an attribute, a style): then the text can only be
 * made from each rendered mail.
 */
export function textTemplateOf(html: Source): string | undefined {
  const taken = new Protected(html);
  const text = htmlToText(taken.withoutComments(taken.text));
  return taken.hasAllTags(text) ? taken.restore(taken.joinTagLines(text)) : undefined;
}

/**
 * HTML as a person would write it in plain text: links with their targets, no images, lines not wrapped.
 *
 * @throws {RenderLimitError} where elements are nested deeper than any author nests them. Without a limit it would be the
 * stack that runs out, at a depth that depends on who is calling.
 */
export function htmlToText(html: string): string {
  const text = isTooDeep(html) ? TOO_DEEP : convert(html, OPTIONS);
  if (text.includes(TOO_DEEP)) {
    throw new RenderLimitError(`its HTML is nested more than ${MOST_NESTED} elements deep`);
  }
  return text + "\n";
}

/** Whether elements are nested deeper than the reader of HTML bears, which takes time by the square of the depth. */
function isTooDeep(html: string): boolean {
  const tags = html.matchAll(START_TAG);
  for (let left = MOST_UNASKED; !tags.next().done;) {
    if (--left < 0) return !parseHtml(html, {}, MOST_NESTED);
  }
  return false;
}

const START_TAG = /<[a-z]/gi;
/** HTML with fewer start tags than this takes 20 ms at the most, however they are nested. */
const MOST_UNASKED = 10_000;

/** Newsletters of tables within tables come to some fifty; the stack runs out at about three thousand. */
const MOST_NESTED = 500;
/** What html-to-text puts in the place of what is nested deeper; nobody can have written it. */
const TOO_DEEP = `\u{F0000}${crypto.randomUUID()}`;

const asWritten = { uppercase: false };
const OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
  limits: { maxDepth: MOST_NESTED, ellipsis: TOO_DEEP },
  selectors: [
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: asWritten })),
    { selector: "a", options: { hideLinkHrefIfSameAsText: true } },
    ...["head", "title", "img", "style", "div.preheader"].map((selector) => ({
      selector,
      format: "skip",
    })),
    { selector: "table", format: "block" },
    { selector: "tr", format: "block", options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    ...["td", "th"].map((selector) => ({
      selector,
      format: "inlineSurround",
      options: { prefix: "", suffix: " " },
    })),
  ],
};
