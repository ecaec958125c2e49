import { InputError, type SourcePlace } from "../../../model/input_error.ts";
import { placeAt } from "../../template/template.ts";
import type { Assembly, HtmlFile } from "./assembly.ts";

/** An error of a template's HTML at a place of its assembly. */
export function htmlError(
  assembly: Assembly,
  at: number,
  message: string,
  hint?: string,
): InputError {
  const { file, offset } = assembly.place(at);
  return new InputError(message, {
    place: placeInSource(file, offset),
    hint,
  });
}

/** The place in the author's source. HTML made from Markdown has other places, so the text itself is searched for. */
function placeInSource({ html, written }: HtmlFile, offset: number): SourcePlace {
  const start = html.indexOf(written.text.trimEnd());
  const isThere = start >= 0 && offset >= start;
  const at = isThere ? offset - start : likeliest(html.slice(offset), written.text);
  return placeAt(written, at);
}

/** Where the longest prefix of `text` that occurs in `written` is; 0 if there is none. */
function likeliest(text: string, written: string): number {
  for (let length = Math.min(200, text.length); length > 0; length--) {
    const at = written.indexOf(text.slice(0, length));
    if (at >= 0) return at;
  }
  return 0;
}
