import { InputError } from "../../model/input_error.ts";
import { quote } from "../../text/quote.ts";
import type { ListSource } from "../file/source.ts";
import { type Decoder, decoderFor, encodingNamed, MARK_LENGTH } from "./decoder.ts";
import { KIND_LENGTH, mayBeBinary, refuseBinary } from "./file_kind.ts";
import { beginsObject } from "./head.ts";
import { concatBytes } from "./lines.ts";

const NONE = new Uint8Array(0);

/** The text of a source, in UTF-8. */
export interface SourceText {
  readonly file: string;
  readonly isJson: boolean;
  readonly encoding: string;
  /** The next piece; undefined at the end. @throws {TextFault} */
  read(): Promise<Uint8Array | undefined>;
}

/** Opens the text of a source. The label is for CSV and ignored for JSON, which is UTF-8 (RFC 8259, 8.1). */
export async function openText(
  source: ListSource,
  label: string | undefined,
): Promise<SourceText> {
  let head: Uint8Array = NONE;
  let ended = false;
  while (!ended && needsMore(head)) {
    const chunk = await source.read();
    if (chunk === undefined) ended = true;
    else head = concatBytes(head, chunk);
  }
  refuseBinary(head.subarray(0, KIND_LENGTH), source.file);
  const isJson = beginsObject(head) === true;
  const { decoder, mark } = decoderFor(head, isJson ? undefined : label);
  const pieces = decodedPieces(source, decoder, head.subarray(mark), ended);
  return {
    file: source.file,
    isJson,
    encoding: decoder.encoding,
    read: async () => {
      const { done, value } = await pieces.next();
      return done ? undefined : value;
    },
  };
}

/** Returns whether more bytes are needed to identify the file. */
function needsMore(head: Uint8Array): boolean {
  if (head.length < MARK_LENGTH) return true;
  return mayBeBinary(head) ? head.length < KIND_LENGTH : beginsObject(head) === "unclear";
}

async function* decodedPieces(
  source: ListSource,
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

/** @throws {InputError} for an unknown encoding label */
export function refuseUnknownEncoding(label: string | undefined): void {
  if (label === undefined || encodingNamed(label) !== undefined) return;
  throw new InputError(`Unknown encoding ${quote(label)}`, {
    hint: "Use utf-8, windows-1252, iso-8859-15, utf-16le, shift_jis or gb18030, for example.",
  });
}
