import { htmlToText } from "./html_to_text.ts";
import { parseHtml } from "../html/parse_html.ts";

/** Elements that are visible without an end tag. */
const SEEN_ALONE = "br hr img p li dt dd tr td th".split(" ");

/**
 * A value that goes into HTML as it is (`raw`), as text. One without elements and entities is already text, even with an angle
 * bracket in it.
 *
 * @throws {RenderLimitError} see `htmlToText`
 */
export function markupToText(value: string): string {
  return /[<&]/.test(value) && isMarkup(value) ? htmlToText(value).trimEnd() : value;
}

function isMarkup(value: string): boolean {
  let found = /&(?:#\d+|#x[\da-f]+|[a-z][a-z\d]*);/i.test(value);
  parseHtml(value, {
    onclosetag: (name, isImplied) => void (found ||= !isImplied || SEEN_ALONE.includes(name)),
    oncomment: () => void (found = true),
  });
  return found;
}
