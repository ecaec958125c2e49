import { convert, type HtmlToTextOptions } from "html-to-text";
import { Protected } from "./protect.ts";
import type { Source } from "./template.ts";

/** Modest, so that mail looks like mail in a client's own dress: a readable width, the system's font, no colours. */
const FRAGMENT_STYLE =
  "max-width:40em;margin:0 auto;padding:1em;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif";

/** The HTML is a document of its author's own, not a fragment of one. */
export function isDocument(html: string): boolean {
  return /<html[\s>]/i.test(html);
}

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

/** HTML as a person would write it in plain text: links with their targets, no images, lines not wrapped. */
export function htmlToText(html: string): string {
  return convert(html, OPTIONS) + "\n";
}

const asWritten = { uppercase: false };
const OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
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
