import { countText } from "../../text/quantity.ts";
import { MOST_NESTED, parseHtml } from "../html/parse_html.ts";
import { RenderLimitError } from "../template/render_limit.ts";
import { linkEnd } from "./link_text.ts";
import { type LinkEnd, TextReader } from "./reader.ts";

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
