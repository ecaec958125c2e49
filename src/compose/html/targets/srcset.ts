import type { Range } from "../document/start_tag.ts";

/** The URLs of a `srcset` (WHATWG HTML, 4.8.4.2.2), as ranges of its text. */
export function srcsetUrls(text: string): Range[] {
  const urls: Range[] = [];
  const isSpace = (at: number) => /[\t\n\f\r ]/.test(text[at] ?? "");
  for (let at = 0; at < text.length;) {
    while (isSpace(at) || text[at] === ",") at++;
    const begin = at;
    while (at < text.length && !isSpace(at)) at++;
    let end = at;
    while (end > begin && text[end - 1] === ",") end--;
    if (end > begin) urls.push({ begin, end });
    if (end < at) continue;
    // Descriptors, up to the next comma that is not within brackets.
    for (let depth = 0; at < text.length && (depth > 0 || text[at] !== ","); at++) {
      if (text[at] === "(") depth++;
      else if (text[at] === ")") depth--;
    }
  }
  return urls;
}
