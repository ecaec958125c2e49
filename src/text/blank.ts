/**
 * A character that shows something: no white space of any width, no control, none that is ignored in display (zero-width
 * spaces and joiners, soft hyphens, byte order marks, marks of direction, fillers), no empty Braille cell.
 */
const SHOWS = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Returns whether a text shows nothing: it is empty, or made of blanks of whatever kind. */
export function isBlank(text: string): boolean {
  return !SHOWS.test(text);
}
