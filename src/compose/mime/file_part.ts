import { hash } from "node:crypto";
import type { AttachedFile } from "../../model/mail.ts";
import { base64Lines } from "./encode.ts";
import { HEADER_LINE, HeaderWriter, isPlain, quotedString } from "../headers/header_writer.ts";
import { attachedMessage } from "./attached_message.ts";
import { calendarMethod } from "./calendar_method.ts";
import { mediaType } from "./media_type.ts";
import { charsetOf } from "./text_charset.ts";

/** Largest file that is sent: in base64 it takes 24 MB, and few servers accept mails over 25 MB. */
export const LARGEST_FILE = 18_000_000;

/** A MIME part as it is sent: header, blank line, body; its line ends are CRLF, including a final one. */
export interface EncodedPart {
  readonly bytes: Uint8Array;
  /** Seeds of our boundaries that it contains, which the mail itself cannot use; empty if the file is encoded. */
  readonly seeds: ReadonlySet<string>;
}

/** A file as a MIME part. */
export interface FilePart {
  /** The form for any server. */
  readonly sevenBit: EncodedPart;
  /** The form for a server with 8BITMIME (RFC 6152), if that makes a difference. */
  readonly eightBit: EncodedPart | undefined;
}

/** The MIME part of an attachment, and which file it is made from. */
export interface AttachedPart extends FilePart {
  readonly file: AttachedFile;
}

/** A file's name and what is in it. */
export interface FileInput {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();
const NO_SEEDS: ReadonlySet<string> = new Set();

/** An attached file. */
export function attachedPart(file: FileInput): AttachedPart {
  const sha256 = hash("sha256", file.bytes, "hex");
  return { ...encodedPart(file), file: { name: file.name, sha256 } };
}

function encodedPart(file: FileInput): FilePart {
  const type = mediaType(file.name);
  if (type !== "message/rfc822") {
    return { sevenBit: base64Part(file, typeWords(type, file)), eightBit: undefined };
  }
  const message = attachedMessage(file.bytes);
  // RFC 2046, 5.2.1 and RFC 2045, 6.4 forbid base64 for a message; a file without a specific type may have it.
  const asFile = () => base64Part(file, ["application/octet-stream"]);
  if (message === undefined) return { sevenBit: asFile(), eightBit: undefined };
  const head = headOf([type], message.encoding, [dispositionOf(file.name, "attachment")]);
  const asMessage = { bytes: concat(head, message.bytes), seeds: seedsIn(message.bytes) };
  return message.encoding === "7bit"
    ? { sevenBit: asMessage, eightBit: undefined }
    : { sevenBit: asFile(), eightBit: asMessage };
}

/** A file that the HTML shows by its Content-ID (RFC 2392), in base64. */
export function inlinePart(file: FileInput & { readonly contentId: string }): Uint8Array {
  const id = new HeaderWriter("Content-ID").word(`<${file.contentId}>`).line;
  const more = [id, dispositionOf(file.name, "inline")];
  return encoder.encode(headOf([mediaType(file.name)], "base64", more) + base64Lines(file.bytes));
}

function base64Part(file: FileInput, type: readonly string[]): EncodedPart {
  const head = headOf(type, "base64", [dispositionOf(file.name, "attachment")]);
  return { bytes: encoder.encode(head + base64Lines(file.bytes)), seeds: NO_SEEDS };
}

/** A type with its parameters. */
function typeWords(type: string, { name, bytes }: FileInput): readonly string[] {
  const charset = type.startsWith("text/") ? charsetOf(bytes) : undefined;
  if (charset === undefined) return [type];
  const words = [type, `charset=${charset}`];
  const method = type === "text/calendar" && charset === "utf-8"
    ? calendarMethod(bytes)
    : undefined;
  if (method === undefined) return words;
  // Some programs that show an invitation look for the file name only here.
  const named = `name=${quotedString(name)}`;
  const hasName = isPlain(name) && named.length < HEADER_LINE;
  return [...words, `method=${method}`, ...(hasName ? [named] : [])];
}

function headOf(type: readonly string[], encoding: string, more: readonly string[]): string {
  const contentType = withParameters(new HeaderWriter("Content-Type"), type);
  return `${contentType}Content-Transfer-Encoding: ${encoding}\r\n${more.join("")}\r\n`;
}

function withParameters(header: HeaderWriter, words: readonly string[]): string {
  words.forEach((word, index) => header.word(index < words.length - 1 ? `${word};` : word));
  return header.line;
}

function dispositionOf(name: string, disposition: string): string {
  return withParameters(new HeaderWriter("Content-Disposition"), [disposition, ...fileName(name)]);
}

/** The `filename` parameter: quoted if it is short ASCII, otherwise by RFC 2231, in pieces if it is long. */
function fileName(name: string): readonly string[] {
  const plain = `filename=${quotedString(name)}`;
  if (isPlain(name) && plain.length < HEADER_LINE) return [plain];
  const pieces = [""];
  for (const character of name.toWellFormed()) {
    const encoded = encodeURIComponent(character).replace(
      /['()*]/g,
      (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    // " filename*10*=utf-8''" and ";" take 23 of the line.
    if (pieces.at(-1)!.length + encoded.length > HEADER_LINE - 23) pieces.push("");
    pieces[pieces.length - 1] += encoded;
  }
  if (pieces.length === 1) return [`filename*=utf-8''${pieces[0]}`];
  return pieces.map((piece, index) => `filename*${index}*=${index === 0 ? "utf-8''" : ""}${piece}`);
}

/** Header and an unencoded body, with the CRLF that belongs to the boundary after it (RFC 2046, 5.1.1). */
function concat(head: string, body: Uint8Array): Uint8Array {
  const start = encoder.encode(head);
  const bytes = new Uint8Array(start.length + body.length + 2);
  bytes.set(start);
  bytes.set(body, start.length);
  bytes.set([13, 10], start.length + body.length);
  return bytes;
}

/** The seeds of our boundaries in a text, as in a mail that this program sent before. */
function seedsIn(bytes: Uint8Array): ReadonlySet<string> {
  const text = new TextDecoder("latin1").decode(bytes);
  return new Set(Array.from(text.matchAll(/=_[amr]([0-9a-f]{32})/g), ([, seed]) => seed!));
}
