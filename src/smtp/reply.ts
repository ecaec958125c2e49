/** A reply of RFC 5321, 4.2, all its lines. */
export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** RFC 3463 status such as "5.1.1", where the text begins with one. */
  readonly enhanced: string | undefined;
  /** The lines' texts without code and enhanced code, joined by one space; as the server sent it, not escaped for a terminal. */
  readonly text: string;
  /** The text of each line, without the code (enhanced code kept): what EHLO's reader needs. */
  readonly lines: readonly string[];
}
