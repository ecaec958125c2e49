import { basename } from "node:path";
import type { Recipient } from "../../model/recipient.ts";
import { InputError } from "../../model/input_error.ts";
import { type Folder, NOT_SENT } from "./folder.ts";
import { headerText } from "../headers/header_text.ts";
import type { Unmailable } from "../../model/mail.ts";
import { type AttachedPart, attachedPart, type FilePart, LARGEST_FILE } from "../mime/file_part.ts";
import { BoundedMap } from "../template/bounded_map.ts";
import { type Compiled, fill, isConstant } from "../template/slots.ts";
import { placeIn, type TemplateSource } from "../template/template.ts";

/** Octets of encoded files kept for the next recipients; files that vary with the row are few or small. */
const KEPT = 32_000_000;

/**
 * An `Attachment:` line: the path of a file in the template's folder, which may contain variables.
 *
 * A file that is the same in every mail is read and encoded once; if that fails, it is an error of the template.
 */
export class Attachment {
  readonly #path: Compiled;
  readonly #files: EncodedFiles;
  readonly #constant: AttachedPart | undefined;

  /** @throws {InputError} */
  constructor(source: TemplateSource, path: Compiled, files: EncodedFiles) {
    this.#path = path;
    this.#files = files;
    if (!isConstant(path)) return;
    const part = files.part(headerText(path.pieces.join("")), "template");
    if ("kind" in part) {
      throw new InputError(part.reason, { place: placeIn(source, 1, 1) });
    }
    this.#constant = part;
  }

  /** The MIME part; undefined if the row names no file. */
  render(recipient: Recipient): AttachedPart | Unmailable | undefined {
    if (this.#constant !== undefined) return this.#constant;
    const path = headerText(fill(this.#path, recipient));
    return path === "" ? undefined : this.#files.part(path, "row");
  }
}

/** Files of the template's folder as MIME parts; the latest are cached. */
export class EncodedFiles {
  readonly #folder: Folder;
  readonly #parts = new BoundedMap<AttachedPart>(KEPT);

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** @param whose Where the name comes from: a row may name fewer files than the template. */
  part(path: string, whose: "template" | "row"): AttachedPart | Unmailable {
    const key = `${whose}:${path}`;
    const kept = this.#parts.get(key);
    if (kept !== undefined) return kept;
    const found = this.#folder.openToSend(path, whose);
    if (typeof found === "string") {
      return { kind: "unmailable", reason: `Attachment ${NOT_SENT[found]}: '${path}'` };
    }
    using file = found;
    if (file.size > LARGEST_FILE) {
      return { kind: "unmailable", reason: `Attachment is larger than 18 MB: '${path}'` };
    }
    let bytes: Uint8Array;
    try {
      bytes = file.read();
    } catch {
      return { kind: "unmailable", reason: `Attachment cannot be read: '${path}'` };
    }
    const part = attachedPart({ name: basename(path), bytes });
    this.#parts.set(key, part, sizeOf(part));
    return part;
  }
}

function sizeOf({ sevenBit, eightBit }: FilePart): number {
  return sevenBit.bytes.length + (eightBit?.bytes.length ?? 0);
}
