import type { ListOptions } from "../list_options.ts";
import { InputError } from "../../model/input_error.ts";
import { sizeText } from "../../text/quantity.ts";
import { TextFault } from "./decoder.ts";
import { delimiterOfExport, findDelimiter, usableDelimiter } from "./delimiter.ts";
import { refuseOtherText } from "./file_kind.ts";
import type { Batch } from "../fit.ts";
import { type Head, readHead } from "./head.ts";
import { JsonLinesParser } from "./json_lines.ts";
import { concatBytes, countBreaks, LineSkipper } from "./lines.ts";
import { openText, refuseUnknownEncoding, type SourceText } from "./source_text.ts";
import { OpenQuote, RECORD_LIMIT, RecordParser } from "./record_parser.ts";
import { openSource, type SourceDependencies } from "../file/source.ts";

/** An open CSV or JSON Lines file: its encoding and format, and its records, the header first. */
export interface RecordFile {
  /** Its name in messages. */
  readonly file: string;
  /** WHATWG name: "utf-8". */
  readonly encoding: string;
  /** One character; undefined: JSON Lines, whose rows all have the header's width. */
  readonly delimiter: string | undefined;
  /** The delimiter, if it comes from a `sep=` line in the file. */
  readonly separator: string | undefined;
  /** Throws an `InputError` if something is wrong with the file as a whole. */
  readonly batches: AsyncGenerator<Batch, void>;
  close(): Promise<void>;
}

/**
 * Bytes passed to the parser at once: a few hundred rows. It limits how long parsing keeps the program from its
 * sockets (a third of a millisecond), and how much is read ahead.
 */
const STEP = 16 * 1024;

/**
 * Opens a file, detects format, encoding and delimiter, and parses its records.
 *
 * A file is JSON Lines if its name says so (.jsonl, .ndjson), or if it begins like an object.
 *
 * @param reading `fromLine`: records between the first and this physical line, on which one starts, are skipped
 * without being parsed.
 * @throws {InputError} if the file, the encoding or the delimiter cannot be used, or if the file is something else,
 * such as a spreadsheet.
 */
export async function openRecords(
  options: ListOptions,
  dependencies: SourceDependencies,
  { comments, fromLine = 1 }: { readonly comments: boolean; readonly fromLine?: number },
): Promise<RecordFile> {
  const given = options.delimiter === undefined ? undefined : usableDelimiter(options.delimiter);
  refuseUnknownEncoding(options.encoding);
  const source = await openSource(options.recipients, dependencies);
  try {
    const text = await openText(source, options.encoding);
    const head = await readHead((before, line) => readAfter(text, before, line), {
      comments,
      delimiter: given,
      isNamedJsonLines: /\.(?:jsonl|ndjson)$/i.test(options.recipients),
    });
    refuseOtherText(head, source.file);
    const delimiter = head.format === "csv"
      ? delimiterOf(head, given, options.emailColumn, source.file)
      : undefined;
    return {
      file: source.file,
      encoding: text.encoding,
      delimiter,
      separator: delimiter === head.separator && given === undefined ? head.separator : undefined,
      batches: batches(text, head, parserOf(delimiter, comments), fromLine),
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Returns the delimiter. A list that `export` wrote has its own, whatever the option for the campaign's list says. */
function delimiterOf(
  head: Head,
  given: string | undefined,
  emailColumn: string | undefined,
  file: string,
): string {
  const own = delimiterOfExport(head.line) ?? given;
  if (own !== undefined) return own;
  if (head.separator === undefined) return findDelimiter(head.line, emailColumn);
  return usableDelimiter(head.separator, { file, line: 1 });
}

/** Creates a parser for text that begins on a line; for JSON Lines, with the header if that was read before. */
type ParserOf = (line: number, header?: readonly string[]) => RecordParser | JsonLinesParser;

function parserOf(delimiter: string | undefined, comments: boolean): ParserOf {
  return delimiter === undefined
    ? (line, header) => new JsonLinesParser({ comments }, line, header)
    : (line) => new RecordParser({ delimiter, comments }, line);
}

function readAfter(
  text: SourceText,
  before: Uint8Array,
  line: number,
): Promise<Uint8Array | undefined> {
  return text.read().catch(async (error) => {
    throw await faultOfFile(error, text, (rest) => {
      const all = concatBytes(before, rest);
      return line + countBreaks(all, 0, all.length);
    });
  });
}

async function* batches(
  text: SourceText,
  head: Head,
  newParser: ParserOf,
  fromLine: number,
): AsyncGenerator<Batch, void> {
  let parser = newParser(head.lineNumber);
  let lineAfter = (rest: Uint8Array) => parser.lineAfter(rest);
  try {
    let piece: Uint8Array | undefined = head.text;
    if (fromLine > 1) {
      const first = head.text.subarray(0, head.end);
      const [header, ...rows] = [...await parser.push(first), ...await parser.end()];
      if (header === undefined) return;
      yield [header, ...rows.filter(({ line }) => line >= fromLine)];
      const skipper = new LineSkipper(
        head.lineNumber + countBreaks(first, 0, first.length),
        fromLine,
      );
      lineAfter = (rest) => skipper.line + countBreaks(rest, 0, rest.length);
      piece = skipper.pass(head.text.subarray(head.end));
      while (piece?.length === 0) piece = await passOver(text, skipper);
      parser = newParser(skipper.line, header.kind === "row" ? header.cells : undefined);
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
    throw await faultOfFile(error, text, lineAfter);
  }
}

async function passOver(text: SourceText, skipper: LineSkipper): Promise<Uint8Array | undefined> {
  const piece = await text.read();
  return piece && skipper.pass(piece);
}

/** Converts an error in reading to one for the user. */
async function faultOfFile(
  error: unknown,
  { file, encoding, isJson }: SourceText,
  lineAfter: (text: Uint8Array) => number,
): Promise<unknown> {
  if (error instanceof TextFault) {
    const place = { file, line: lineAfter(error.before) };
    // Loaded only here, because the detector is large.
    const { encodingHint } = await import("./guess_encoding.ts");
    const hint = encodingHint(error.sample, encoding, isJson);
    return new InputError(error.message, { place, hint, cause: error });
  }
  if (error instanceof OpenQuote) {
    const limit = sizeText(RECORD_LIMIT);
    return new InputError(`A quote opens on this line and is not closed within ${limit}`, {
      place: { file, line: error.line },
      hint: 'Close it, or double a quote that is part of the text ("").',
      cause: error,
    });
  }
  return error;
}
