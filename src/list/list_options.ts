/** What to read the recipients from. */
export interface ListOptions {
  /** A path, or "-" for standard input. */
  readonly recipients: string;
  /** A WHATWG encoding label; undefined: byte order mark, else UTF-8. */
  readonly encoding: string | undefined;
  /** One character; undefined: found from the header line. */
  readonly delimiter: string | undefined;
  readonly emailColumn: string | undefined;
}
