import { basename } from "node:path";
import { detectMimeType } from "nodemailer/lib/mime-funcs";
import type { Recipient } from "../produce/recipient.ts";
import { InputError } from "../report/input_error.ts";
import { base64Lines } from "./encode.ts";
import type { Folder } from "./folder.ts";
import { HEADER_LINE, headerText, isPlain } from "./header.ts";
import type { Unmailable } from "./mail.ts";
import { type Compiled, fill } from "./slots.ts";
import { placeIn, type Source } from "./template.ts";

/** Largest file that is attached: as base64 it is 24 MB, and few servers take mails over 25 MB. */
const LARGEST_FILE = 18_000_000;
/** Encoded files kept for the next recipient, in octets: files that vary with the row are few or small. */
const KEPT = 32_000_000;

/**
 * An `Attachment:` line: the path of a file in the template's folder, which may hold variables.
 *
 * The same file in every mail is read and encoded once, and it is an error of the template when it cannot be.
 */
export class Attachment {
  readonly #path: Compiled;
  readonly #files: EncodedFiles;
  readonly #constant: Uint8Array | undefined;

  /** @throws {InputError} */
  constructor(source: Source, path: Compiled, files: EncodedFiles) {
    this.#path = path;
    this.#files = files;
    if (path.pieces.some((piece) => typeof piece !== "string")) return;
    const part = files.part(headerText(path.pieces.join("")));
    if ("kind" in part) {
      throw new InputError(part.reason, { place: placeIn(source, 1, 1) });
    }
    this.#constant = part;
  }

  /** The MIME part: its header, a blank line and the file in base64; undefined where the row names no file. */
  render(recipient: Recipient): Uint8Array | Unmailable | undefined {
    if (this.#constant !== undefined) return this.#constant;
    const path = headerText(fill(this.#path, recipient));
    return path === "" ? undefined : this.#files.part(path);
  }
}

/** Files of the template's folder as MIME parts, the latest ones kept. */
export class EncodedFiles {
  readonly #folder: Folder;
  readonly #parts = new Map<string, Uint8Array>();
  #kept = 0;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  part(path: string): Uint8Array | Unmailable {
    const kept = this.#parts.get(path);
    if (kept !== undefined) return kept;
    const found = this.#folder.find(path);
    if (typeof found === "string") {
      return { kind: "unmailable", reason: `${REASONS[found]}: '${path}'` };
    }
    if (found.size > LARGEST_FILE) {
      return { kind: "unmailable", reason: `Attachment is larger than 18 MB: '${path}'` };
    }
    let bytes: Uint8Array;
    try {
      bytes = Deno.readFileSync(found.path);
    } catch {
      return { kind: "unmailable", reason: `Attachment cannot be read: '${path}'` };
    }
    const part = partOf(basename(path), bytes);
    this.#keep(path, part);
    return part;
  }

  #keep(path: string, part: Uint8Array): void {
    this.#parts.set(path, part);
    this.#kept += part.length;
    for (const [oldest, { length }] of this.#parts) {
      if (this.#kept <= KEPT) break;
      this.#parts.delete(oldest);
      this.#kept -= length;
    }
  }
}

const REASONS = {
  missing: "Attachment not found in the template's folder",
  outside: "Attachment is outside the template's folder",
  "not-a-file": "Attachment is not a regular file",
};

function partOf(name: string, bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(
    `Content-Type: ${detectMimeType(name)}\r\n` +
      "Content-Transfer-Encoding: base64\r\n" +
      `Content-Disposition: attachment;${fileName(name)}\r\n\r\n${base64Lines(bytes)}`,
  );
}

/** The `filename` parameter: quoted where it is short ASCII, else by RFC 2231, in pieces where it is long. */
function fileName(name: string): string {
  const quoted = ` filename="${name.replace(/["\\]/g, "\\$&")}"`;
  const start = "Content-Disposition: attachment;".length;
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
