import { InputError } from "../../model/input_error.ts";
import { findDelimiter } from "./delimiter.ts";
import type { Head } from "./head.ts";
import { isEmailName } from "../header.ts";

/** A kind of file that is not a list. */
interface FileKind {
  /** "a spreadsheet (Excel)". */
  readonly what: string;
  /** What to do instead. */
  readonly hint: string;
}

/** Bytes of a binary file that are examined to identify it. */
export const KIND_LENGTH = 16 * 1024;

const SAVE_AS_CSV = "Open it and save it as CSV (UTF-8).";
const GET_CSV = "Export the list as CSV (UTF-8).";

const SPREADSHEET_NAME = /\.(?:xlsx|xlsm|xlsb|xltx|xls|xlt|ods|ots|numbers)$/i;

/** First bytes of binary files, as Latin-1. */
const SIGNATURES: readonly (readonly [string, (head: string, name: string) => FileKind])[] = [
  ["PK\x03\x04", zipKind],
  ["PK\x05\x06", zipKind],
  ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", oleKind],
  ["\x1f\x8b", () => archive("gzip")],
  ["BZh9", () => archive("bzip2")],
  ["\xfd7zXZ\0", () => archive("xz")],
  ["\x28\xb5\x2f\xfd", () => archive("zstd")],
  ["7z\xbc\xaf\x27\x1c", () => archive("7z")],
  ["Rar!\x1a\x07", () => archive("RAR")],
  [
    "%PDF-",
    () => ({ what: "a PDF document", hint: "Export the list from its source as CSV (UTF-8)." }),
  ],
  ["SQLite format 3\0", () => ({ what: "an SQLite database", hint: GET_CSV })],
  ["\0\x01\0\0Standard ", () => ({ what: "an Access database", hint: GET_CSV })],
];

/** Beginnings of texts that are not lists; leading blanks are ignored. */
const BEGINNINGS: readonly (readonly [RegExp, FileKind])[] = [
  [/^<(?:!doctype html|html|head|body|meta|script|table)\b/i, {
    what: "an HTML page",
    hint: "It may be the login page of the site it was downloaded from, or a table. " +
      "Open it and save the list as CSV (UTF-8).",
  }],
  [/^<\?xml[^]*(?:office:spreadsheet|excel\.sheet)/i, spreadsheet("XML")],
  [/^<(?:\?xml|!--|!doctype)/i, { what: "an XML file", hint: GET_CSV }],
  [/^begin:vcard\r?\n/i, { what: "a vCard file", hint: "Export the contacts as CSV instead." }],
  [/^(?:version: 1\s+)?dn: /i, {
    what: "an LDIF file",
    hint: "Export the contacts as CSV instead.",
  }],
  [/^\{\\rtf/, { what: "an RTF document", hint: SAVE_AS_CSV }],
  [/^\[\s*(?:\{|\[|\]|$)/, {
    what: "a JSON array",
    hint:
      "Write one object per line, without the brackets and the commas between them, as jq -c '.[]' does.",
  }],
];

/** CSV, recognised by a header with a column for the address. */
const CSV: FileKind = { what: "CSV", hint: "Give the file a name that ends in .csv." };

/** Returns whether `refuseBinary` may recognise the file; it should then be given `KIND_LENGTH` bytes. */
export function mayBeBinary(head: Uint8Array): boolean {
  const first = latin1(head.subarray(0, 3));
  return SIGNATURES.some(([signature]) => first === signature.slice(0, 3));
}

/**
 * @param head The first bytes of the file.
 * @param file Its path.
 * @throws {InputError} for a spreadsheet, an archive or the like, with a hint
 */
export function refuseBinary(head: Uint8Array, file: string): void {
  const text = latin1(head);
  const signature = SIGNATURES.find(([signature]) => text.startsWith(signature));
  if (signature !== undefined) throw noList(signature[1](text, file), file, "csv");
}

/**
 * @param head The head of the file; its `format` may have been taken from the file name.
 * @throws {InputError} for a web page, a file of contacts or the like, with a hint
 */
export function refuseOtherText(
  { format, text, line }: Pick<Head, "format" | "text" | "line">,
  file: string,
): void {
  const begin = new TextDecoder().decode(text.subarray(0, KIND_LENGTH)).trimStart();
  if (begin.startsWith("{") && format === "jsonl") return;
  const beginning = BEGINNINGS.find(([pattern]) => pattern.test(begin));
  if (beginning !== undefined) throw noList(beginning[1], file, format);
  if (format === "csv") return;
  const names = line.split(findDelimiter(line, undefined)).map((name) => name.replaceAll('"', ""));
  if (names.some(isEmailName)) throw noList(CSV, file, format);
}

function noList({ what, hint }: FileKind, file: string, format: Head["format"]): InputError {
  const wanted = format === "csv" ? "CSV" : "JSON Lines";
  return new InputError(`This is ${what}, not ${wanted}`, { place: { file }, hint });
}

function spreadsheet(kind: string): FileKind {
  return { what: `a spreadsheet (${kind})`, hint: SAVE_AS_CSV };
}

function archive(kind: string): FileKind {
  return {
    what: `${kind === "xz" ? "an" : "a"} ${kind} archive`,
    hint: "Unpack it first.",
  };
}

/** Identifies a ZIP file. Office files are ZIP archives; the names of their members tell which. */
function zipKind(head: string, file: string): FileKind {
  if (head.includes("opendocument.spreadsheet")) return spreadsheet("OpenDocument, .ods");
  if (/\bIndex\/|Metadata\/Properties\.plist/.test(head)) return spreadsheet("Numbers");
  if (/opendocument|word\/|ppt\//.test(head)) {
    return { what: "an Office document", hint: SAVE_AS_CSV };
  }
  if (head.includes("[Content_Types].xml") || head.includes("xl/")) {
    return spreadsheet("Excel, .xlsx");
  }
  if (SPREADSHEET_NAME.test(file)) return spreadsheet(file.slice(file.lastIndexOf(".")));
  return archive("ZIP");
}

/** Identifies an OLE file: Excel up to 2003, or any encrypted Office file. */
function oleKind(head: string, file: string): FileKind {
  // The names in it are in UTF-16.
  return head.replaceAll("\0", "").includes("Workbook") || SPREADSHEET_NAME.test(file)
    ? spreadsheet("Excel, .xls")
    : { what: "a Microsoft Office file", hint: SAVE_AS_CSV };
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
