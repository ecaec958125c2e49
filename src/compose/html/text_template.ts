import { parseHtml } from "./parse_html.ts";
import { LiquidPlaceholders } from "./liquid_placeholders.ts";
import { RenderLimitError } from "../template/render_limit.ts";
import type { TemplateSource } from "../template/template.ts";
import { linkEnd } from "../text_part/link_text.ts";
import { type LinkEnd, TextReader } from "../text_part/reader.ts";

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
 * Undefined where the HTML has tags in places that text has not (an attribute), or around items that have numbers: then the text
 * can only be made from each rendered mail.
 */
export function textTemplateOf(html: TemplateSource): string | undefined {
  const taken = new LiquidPlaceholders(html);
  const reader = readerOf(
    taken.text,
    (text, target) =>
      linkEnd(taken.restore(text), taken.restore(target)) === "" ? "" : ` [${target}]`,
  );
  const text = reader.toString();
  const isWhole = taken.hasAllTags(text, reader.unseen) && !taken.hasTags(reader.numbered);
  return isWhole ? taken.restore(taken.joinTagLines(text)) : undefined;
}

/**
 * HTML as a person would write it in plain text: links with their targets, images within links by what they are called, lines not
 * wrapped. What nobody sees is left out.
 *
 * @param behind What stands behind a link's text.
 * @throws {RenderLimitError} where elements are nested deeper than any author nests them: reading them takes time by the square of
 * the depth, and they may come from a cell.
 */
export function htmlToText(html: string, behind: LinkEnd = linkEnd): string {
  return readerOf(html, behind).toString();
}

/** A reader that has read all of an HTML text. @throws {RenderLimitError} */
function readerOf(html: string, behind: LinkEnd): TextReader {
  const reader = new TextReader(behind);
  const isWhole = parseHtml(html, {
    onopentag: (name, attributes) => reader.begin(name, attributes),
    onclosetag: () => reader.end(),
    ontext: (text) => reader.read(text),
  }, MOST_NESTED);
  if (!isWhole) {
    throw new RenderLimitError(`its HTML is nested more than 10,000 elements deep`);
  }
  return reader;
}

/** Newsletters of tables within tables come to some fifty. */
const MOST_NESTED = 10_000;
