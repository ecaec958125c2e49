/**
 * Returns a value in a form that can go into a header: one line without control characters or white space at its ends.
 *
 * A line break, with the white space after it, becomes one space; so does any other control character. A lone
 * surrogate becomes U+FFFD. U+FEFF, which has no width, is removed: some readers drop it at the start of an encoded
 * word, as a byte order mark.
 */
export function headerText(value: string): string {
  if (/^[!-~]([ -~]*[!-~])?$/.test(value)) return value;
  const line = value
    .replace(/[\r\n]+[ \t]*/g, " ")
    // deno-lint-ignore no-control-regex
    .replace(/[\0-\x1F\x7F]/g, " ")
    .replaceAll("\uFEFF", "")
    .toWellFormed();
  // Not trim(), which also removes no-break spaces, nor an expression for the end, which takes quadratic time.
  let [start, end] = [0, line.length];
  while (line[start] === " ") start++;
  while (end > start && line[end - 1] === " ") end--;
  return line.slice(start, end);
}
