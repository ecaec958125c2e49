import type { ListOptions } from "../cli/options.ts";
import { InputError } from "../report/input_error.ts";
import { type Decoder, decoderFor, MARK_LENGTH, TextFault } from "./decode.ts";
import { found } from "./found.ts";
import { findDelimiter } from "./header.ts";
import { countBreaks, joined, recordEnd, skipIdle } from "./lines.ts";
import type { BadRow, CsvRow } from "./recipient.ts";
import { type Dialect, OpenQuote, RECORD_LIMIT, RecordParser } from "./records.ts";
import { openSource, type Source, type Surroundings } from "./source.ts";

/** Records that were read in one go, in the order of the file: some hundred, never none. */
export type Batch = readonly (CsvRow | BadRow)[];

/** A CSV file of any kind, opened: what it is written in, and its records, a header's too. */
export interface RecordFile {
  /** How messages call it. */
  readonly file: string;
  /** As WHATWG names it: "utf-8". */
  readonly encoding: string;
  /** One character. */
  readonly delimiter: string;
  /** Throws an `InputError` for what is wrong with the file as a whole. */
  readonly batches: AsyncGenerator<Batch, void>;
  close(): Promise<void>;
}

/**
 * Bytes that the parser gets at once: some hundred rows. It is how long the program is busy without a look at its
 * sockets (a third of a millisecond), and how much is read ahead.
 */
const STEP = 16 * 1024;

/** Bytes of a header line that are looked at for the delimiter. */
const HEADER_LIMIT = 64 * 1024;

const NONE = new Uint8Array(0);

/**
 * Opens a CSV file, finds out encoding and delimiter, and tells its records apart.
 *
 * @throws {InputError} if the file, the encoding or the delimiter cannot be used.
 */
export async function openRecords(
  options: ListOptions,
  surroundings: Surroundings,
  { comments }: { readonly comments: boolean },
): Promise<RecordFile> {
  const given = options.delimiter === undefined ? undefined : usableDelimiter(options.delimiter);
  refuseUnknownEncoding(options.encoding);
  const source = await openSource(options.recipients, surroundings);
  try {
    const text = await openText(source, options.encoding);
    const head = await readHeaderLine(text, comments);
    const delimiter = given ?? findDelimiter(head.line, options.emailColumn);
    return {
      file: source.file,
      encoding: text.encoding,
      delimiter,
      batches: batches(text, head.text, { delimiter, comments }),
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The text of a source as UTF-8. */
interface Text {
  readonly file: string;
  readonly encoding: string;
  /** The next piece; undefined at the end. @throws {TextFault} */
  read(): Promise<Uint8Array | undefined>;
}

async function openText(source: Source, label: string | undefined): Promise<Text> {
  let head: Uint8Array = NONE;
  let ended = false;
  while (head.length < MARK_LENGTH && !ended) {
    const chunk = await source.read();
    if (chunk === undefined) ended = true;
    else head = joined(head, chunk);
  }
  const { decoder, mark } = decoderFor(head, label);
  const pieces = decodedPieces(source, decoder, head.subarray(mark), ended);
  return {
    file: source.file,
    encoding: decoder.encoding,
    read: async () => {
      const { done, value } = await pieces.next();
      return done ? undefined : value;
    },
  };
}

async function* decodedPieces(
  source: Source,
  decoder: Decoder,
  head: Uint8Array,
  ended: boolean,
): AsyncGenerator<Uint8Array, void> {
  yield decoder.decode(head);
  if (!ended) {
    for (let chunk; (chunk = await source.read()) !== undefined;) yield decoder.decode(chunk);
  }
  yield decoder.end();
}

/** Reads until the first record is there whole; gives it, and all the text read so far. */
async function readHeaderLine(
  text: Text,
  comments: boolean,
): Promise<{ readonly text: Uint8Array; readonly line: string }> {
  let bytes: Uint8Array = NONE;
  for (;;) {
    const start = skipIdle(bytes, 0, comments);
    const end = recordEnd(bytes, start);
    const whole = end >= 0 || bytes.length > HEADER_LIMIT;
    const piece = whole ? undefined : await readAfter(text, bytes);
    if (piece === undefined) {
      const line = bytes.subarray(start, end < 0 ? start + HEADER_LIMIT : end);
      return { text: bytes, line: new TextDecoder().decode(line) };
    }
    bytes = joined(bytes, piece);
  }
}

function readAfter(text: Text, before: Uint8Array): Promise<Uint8Array | undefined> {
  return text.read().catch((error) => {
    throw faultOfFile(error, text.file, (rest) => {
      const all = joined(before, rest);
      return 1 + countBreaks(all, 0, all.length);
    });
  });
}

async function* batches(
  text: Text,
  first: Uint8Array,
  dialect: Dialect,
): AsyncGenerator<Batch, void> {
  const parser = new RecordParser(dialect);
  try {
    let piece: Uint8Array | undefined = first;
    while (piece !== undefined) {
      for (let at = 0; at < piece.length; at += STEP) {
        const rows = await parser.push(piece.subarray(at, at + STEP));
        if (rows.length > 0) yield rows;
      }
      piece = await text.read();
    }
    const rows = await parser.end();
    if (rows.length > 0) yield rows;
  } catch (error) {
    throw faultOfFile(error, text.file, (rest) => parser.lineAfter(rest));
  }
}

/** What went wrong while reading, as the user shall see it. */
function faultOfFile(
  error: unknown,
  file: string,
  lineAfter: (text: Uint8Array) => number,
): unknown {
  if (error instanceof TextFault) {
    const place = { file, line: lineAfter(error.before) };
    return new InputError(error.message, { place, hint: error.hint, cause: error });
  }
  if (error instanceof OpenQuote) {
    const limit = `${RECORD_LIMIT / 1024 / 1024} MiB`;
    return new InputError(`A quote opens on this line and is not closed within ${limit}`, {
      place: { file, line: error.line },
      hint: 'Close it, or write a quote that belongs to the text as two: ""',
      cause: error,
    });
  }
  return error;
}

function refuseUnknownEncoding(label: string | undefined): void {
  try {
    new TextDecoder(label);
  } catch (cause) {
    throw new InputError(`There is no encoding ${found(label ?? "")}`, {
      hint: "Some there are: utf-8, windows-1252, iso-8859-15, utf-16le, shift_jis, gb18030",
      cause,
    });
  }
}

/** One ASCII character that means nothing else in a CSV file; "\t" and "tab" are a tab, which few can type. */
function usableDelimiter(given: string): string {
  const delimiter = given === "\\t" || given.toLowerCase() === "tab" ? "\t" : given;
  if (/^[\t\x20-\x7e]$/.test(delimiter) && !/["\w]/.test(delimiter)) return delimiter;
  throw new InputError(`Delimiter must be one character between fields: found ${found(given)}`, {
    hint: "Write --delimiter ';' or --delimiter tab",
  });
}
