/**
 * A visible character: not white space, a control, a character ignored in display (zero-width spaces and joiners, soft
 * hyphens, byte order marks, directional marks, fillers), or the empty Braille cell.
 */
const SHOWS = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Returns whether a text shows nothing: it is empty, or consists of blanks of any kind. */
export function isBlank(text: string): boolean {
  return !SHOWS.test(text);
}
