import type { Where } from "../compose/template/syntax/where.ts";

/** Where to read the recipients from, and how. */
export interface ListOptions {
  /** A path, or "-" for standard input. */
  readonly recipients: string;
  /** A WHATWG encoding label; undefined: by byte order mark, otherwise UTF-8. */
  readonly encoding: string | undefined;
  /** One character; undefined: detected from the header line. */
  readonly delimiter: string | undefined;
  readonly emailColumn: string | undefined;
  /** The column that, together with the address, identifies a recipient; undefined: the address alone does. */
  readonly keyColumn?: string | undefined;
  /** Only rows for which this is true are read; undefined: all. */
  readonly where?: Where | undefined;
}
