import { countText } from "../../text/quantity.ts";
import { MOST_NESTED, parseHtml } from "../html/parse_html.ts";
import { RenderLimitError } from "../template/render_limit.ts";
import { linkEnd } from "./link_text.ts";
import { type LinkEnd, TextReader } from "./reader.ts";

/**
 * Converts HTML to plain text as a person would write it: links with their targets, images in links as their
 * descriptions, lines not wrapped, hidden content omitted.
 *
 * @param behind Returns what follows a link's text.
 * @throws {RenderLimitError} if elements are nested deeper than any author nests them: reading takes time quadratic in
 * the depth, and they may come from a cell.
 */
export function htmlToText(html: string, behind: LinkEnd = linkEnd): string {
  return readerOf(html, behind).toString();
}

/** Returns a reader that has read a whole HTML text. @throws {RenderLimitError} */
export function readerOf(html: string, behind: LinkEnd): TextReader {
  const reader = new TextReader(behind);
  const isWhole = parseHtml(html, {
    onopentag: (name, attributes) => reader.begin(name, attributes),
    onclosetag: () => reader.end(),
    ontext: (text) => reader.read(text),
  });
  if (!isWhole) {
    throw new RenderLimitError(
      `its HTML is nested more than ${countText(MOST_NESTED)} elements deep`,
    );
  }
  return reader;
}
