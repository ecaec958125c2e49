import type { ListOptions } from "../cli/options.ts";
import { InputError } from "../report/input_error.ts";
import { type Decoder, decoderFor, MARK_LENGTH, TextFault } from "./decode.ts";
import { found } from "./found.ts";
import { findDelimiter } from "./header.ts";
import { countBreaks, joined, LineSkipper, recordEnd, skipIdle } from "./lines.ts";
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
 * @param reading `fromLine`: the records between the first and this physical line, on which one starts, are passed
 * over without being parsed.
 * @throws {InputError} if the file, the encoding or the delimiter cannot be used.
 */
export async function openRecords(
  options: ListOptions,
  surroundings: Surroundings,
  { comments, fromLine = 1 }: { readonly comments: boolean; readonly fromLine?: number },
): Promise<RecordFile> {
  const given = options.delimiter === undefined ? undefined : usableDelimiter(options.delimiter);
  refuseUnknownEncoding(options.encoding);
  const source = await openSource(options.recipients, surroundings);
  try {
    const text = await openText(source, options.encoding);
    const head = await readHead(text, comments);
    const delimiter = given ?? findDelimiter(head.line, options.emailColumn);
    return {
      file: source.file,
      encoding: text.encoding,
      delimiter,
      batches: batches(text, head, { delimiter, comments }, fromLine),
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

/** The beginning of a file: at least its first record. */
interface Head {
  /** All text read so far. */
  readonly text: Uint8Array;
  /** The line on which the first record starts; one too long is cut short. */
  readonly line: string;
  /** Where the first record ends, its line end not counted. */
  readonly end: number;
}

async function readHead(text: Text, comments: boolean): Promise<Head> {
  let bytes: Uint8Array = NONE;
  for (;;) {
    const start = skipIdle(bytes, 0, bytes.length, comments);
    const breakAt = recordEnd(bytes, start);
    const whole = breakAt >= 0 || bytes.length > HEADER_LIMIT;
    const piece = whole ? undefined : await readAfter(text, bytes);
    if (piece === undefined) {
      const end = breakAt < 0 ? bytes.length : breakAt;
      const line = new TextDecoder().decode(
        bytes.subarray(start, Math.min(end, start + HEADER_LIMIT)),
      );
      return { text: bytes, line, end };
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
  head: Head,
  dialect: Dialect,
  fromLine: number,
): AsyncGenerator<Batch, void> {
  let parser = new RecordParser(dialect);
  let lineAfter = (rest: Uint8Array) => parser.lineAfter(rest);
  try {
    let piece: Uint8Array | undefined = head.text;
    if (fromLine > 1) {
      const first = head.text.subarray(0, head.end);
      yield [...await parser.push(first), ...await parser.end()];
      const skipper = new LineSkipper(1 + countBreaks(first, 0, first.length), fromLine);
      lineAfter = (rest) => skipper.line + countBreaks(rest, 0, rest.length);
      piece = skipper.pass(head.text.subarray(head.end));
      while (piece?.length === 0) piece = await passOver(text, skipper);
      parser = new RecordParser(dialect, skipper.line);
      lineAfter = (rest) => parser.lineAfter(rest);
    }
    for (; piece !== undefined; piece = await text.read()) {
      for (let at = 0; at < piece.length; at += STEP) {
        const rows = await parser.push(piece.subarray(at, at + STEP));
        if (rows.length > 0) yield rows;
      }
    }
    const rows = await parser.end();
    if (rows.length > 0) yield rows;
  } catch (error) {
    throw faultOfFile(error, text.file, lineAfter);
  }
}

async function passOver(text: Text, skipper: LineSkipper): Promise<Uint8Array | undefined> {
  const piece = await text.read();
  return piece && skipper.pass(piece);
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
