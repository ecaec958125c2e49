import { hash } from "node:crypto";
import { basename } from "node:path";
import { type Folder, NOT_SENT } from "./folder.ts";
import { inlinePart, LARGEST_FILE } from "../mime/file_part.ts";
import { mediaType } from "../mime/media_type.ts";

/** An image's URL in the mail, or why it cannot have one. */
export type PlacedImage = { readonly url: string } | { readonly fault: string };

/**
 * The images of a template's folder that a mail's HTML shows: each is read and encoded once, and is one part of every mail,
 * however often it is shown.
 */
export class InlineImages {
  readonly #folder: Folder;
  readonly #domain: string;
  readonly #urls = new Map<string, string>();
  readonly #parts = new Map<string, Uint8Array>();
  #size = 0;

  /** @param domain Of the sender, for Content-IDs. */
  constructor(folder: Folder, domain: string) {
    this.#folder = folder;
    this.#domain = domain;
  }

  /** MIME parts, in the order in which the images were first placed. */
  get parts(): readonly Uint8Array[] {
    return [...this.#parts.values()];
  }

  /**
   * Returns the `cid:` URL (RFC 2392) of an image. It is derived from the image's octets, so it is the same in every
   * mail and on every try.
   */
  place(name: string): PlacedImage {
    const found = this.#folder.openToSend(name, "template");
    if (typeof found === "string") return { fault: `Image ${NOT_SENT[found]}: '${name}'` };
    using file = found;
    const known = this.#urls.get(file.path);
    if (known !== undefined) return { url: known };
    if (!mediaType(name).startsWith("image/")) return { fault: `Not an image: '${name}'` };
    this.#size += file.size;
    if (this.#size > LARGEST_FILE) {
      return { fault: `Images are larger than 18 MB in total: '${name}'` };
    }
    let bytes: Uint8Array;
    try {
      bytes = file.read();
    } catch {
      return { fault: `Image cannot be read: '${name}'` };
    }
    const contentId = `${hash("sha256", bytes, "hex").slice(0, 32)}@${this.#domain}`;
    const url = `cid:${contentId}`;
    this.#urls.set(file.path, url);
    if (!this.#parts.has(contentId)) {
      this.#parts.set(contentId, inlinePart({ name: basename(name), bytes, contentId }));
    }
    return { url };
  }
}
