import { detectMimeType } from "nodemailer/lib/mime-funcs";
import { base64Lines } from "./encode.ts";
import { HEADER_LINE, isPlain } from "./headers/header_writer.ts";

/** Largest file that is sent: as base64 it is 24 MB, and few servers take mails over 25 MB. */
export const LARGEST_FILE = 18_000_000;

/** The media type that a file's name says; `application/octet-stream` where it says nothing. */
export function mediaType(name: string): string {
  return detectMimeType(name);
}

/** A file as a MIME part: header, blank line, base64. With a Content-ID (RFC 2392) it is part of the page, else beside it. */
export function filePart(
  { name, bytes, contentId }: { name: string; bytes: Uint8Array; contentId?: string },
): Uint8Array {
  const disposition = contentId === undefined ? "attachment" : "inline";
  return new TextEncoder().encode(
    `Content-Type: ${mediaType(name)}\r\n` +
      "Content-Transfer-Encoding: base64\r\n" +
      (contentId === undefined ? "" : `Content-ID: <${contentId}>\r\n`) +
      `Content-Disposition: ${disposition};${fileName(name, disposition)}\r\n\r\n${
        base64Lines(bytes)
      }`,
  );
}

/** The `filename` parameter: quoted where it is short ASCII, else by RFC 2231, in pieces where it is long. */
function fileName(name: string, disposition: string): string {
  const quoted = ` filename="${name.replace(/["\\]/g, "\\$&")}"`;
  const start = `Content-Disposition: ${disposition};`.length;
  if (isPlain(name) && start + quoted.length <= HEADER_LINE) return quoted;
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
  if (pieces.length === 1) return `\r\n filename*=utf-8''${pieces[0]}`;
  return pieces
    .map((piece, index) => `\r\n filename*${index}*=${index === 0 ? "utf-8''" : ""}${piece}`)
    .join(";");
}
