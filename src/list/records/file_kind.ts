import { InputError } from "../../model/input_error.ts";
import { findDelimiter } from "./delimiter.ts";
import type { Head } from "./head.ts";
import { isEmailName } from "../header.ts";

/** A file that is no list, called by what it is. */
interface FileKind {
  /** "a spreadsheet (Excel)". */
  readonly what: string;
  /** The way out. */
  readonly hint: string;
}

/** Bytes of a binary file that are looked at for what it is. */
export const KIND_LENGTH = 16 * 1024;

const SAVE_AS_CSV = "Open it and save it as CSV (UTF-8)";
const GET_CSV = "Export the list as CSV (UTF-8)";

const SPREADSHEET_NAME = /\.(?:xlsx|xlsm|xlsb|xltx|xls|xlt|ods|ots|numbers)$/i;

/** First bytes of files that are no text, as Latin-1. */
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
  ["%PDF-", () => ({ what: "a PDF document", hint: `${GET_CSV} from its source` })],
  ["SQLite format 3\0", () => ({ what: "an SQLite database", hint: GET_CSV })],
  ["\0\x01\0\0Standard ", () => ({ what: "an Access database", hint: GET_CSV })],
];

/** Beginnings of texts that are no list; blanks before them do not count. */
const BEGINNINGS: readonly (readonly [RegExp, FileKind])[] = [
  [/^<(?:!doctype html|html|head|body|meta|script|table)\b/i, {
    what: "an HTML page",
    hint: "It may be the login page of the site it was downloaded from, or a table: " +
      "open it and save the list as CSV (UTF-8)",
  }],
  [/^<\?xml[^]*(?:office:spreadsheet|excel\.sheet)/i, spreadsheet("XML")],
  [/^<(?:\?xml|!--|!doctype)/i, { what: "an XML file", hint: GET_CSV }],
  [/^begin:vcard\r?\n/i, { what: "a vCard file", hint: "Export the contacts as CSV instead" }],
  [/^(?:version: 1\s+)?dn: /i, {
    what: "an LDIF file",
    hint: "Export the contacts as CSV instead",
  }],
  [/^\{\\rtf/, { what: "an RTF document", hint: SAVE_AS_CSV }],
  [/^\[\s*(?:\{|\[|\]|$)/, {
    what: "a JSON array",
    hint:
      "Write one object per line, without the brackets and the commas between them: jq -c '.[]'",
  }],
];

/** A header of CSV, by a column for the address. */
const CSV: FileKind = { what: "CSV", hint: "Give the file a name that ends in .csv" };

/** Returns whether a file may be one of those that `refuseBinary` names; then it should see `KIND_LENGTH` bytes of it. */
export function mayBeBinary(head: Uint8Array): boolean {
  const first = latin1(head.subarray(0, 3));
  return SIGNATURES.some(([signature]) => first === signature.slice(0, 3));
}

/**
 * @param head The first bytes of the file.
 * @param file Its path.
 * @throws {InputError} that names a spreadsheet, an archive or the like, and the way out
 */
export function refuseBinary(head: Uint8Array, file: string): void {
  const text = latin1(head);
  const signature = SIGNATURES.find(([signature]) => text.startsWith(signature));
  if (signature !== undefined) throw noList(signature[1](text, file), file, "csv");
}

/**
 * @param head Of the file, as far as it is read; `format` by its name, perhaps.
 * @throws {InputError} that names a page, a file of contacts or the like, and the way out
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
    hint: "Unpack it first",
  };
}

/** Office files are ZIP archives; the names of what they hold tell which. */
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

/** Excel up to 2003, and every Office file that is encrypted. */
function oleKind(head: string, file: string): FileKind {
  // The names in it are UTF-16.
  return head.replaceAll("\0", "").includes("Workbook") || SPREADSHEET_NAME.test(file)
    ? spreadsheet("Excel, .xls")
    : { what: "a Microsoft Office file", hint: SAVE_AS_CSV };
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
