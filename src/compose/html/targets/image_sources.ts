import { percentDecoded } from "../../escaping/percent_encoding.ts";
import type { InlineImages } from "../../files/inline_images.ts";
import type { Assembly } from "../document/assembly.ts";
import { MASK } from "../document/constructs.ts";
import { htmlError } from "../document/html_error.ts";
import type { Range } from "../document/start_tag.ts";

/** A scheme, a host, a part of this page, or nothing. */
const NOT_A_FILE = /^(?:[a-z][a-z0-9+.-]*:|\/\/|#|$)/i;

/** A reference to an image, or to another file, which no mail can show. */
export interface FileReference {
  /** Entities and escapes decoded, Liquid as masks. */
  readonly name: string;
  readonly range: Range;
  /** Where a relative path starts from, in the template's folder; "" is that folder. */
  readonly folder?: string;
  /** What it is, if no part of a mail can replace it: a video, a font, a page. */
  readonly isForeign?: string | undefined;
}

/** Files of the template's folder that its HTML and CSS show, as parts of the mail. */
export class ImageSources {
  readonly #images: InlineImages;

  constructor(images: InlineImages) {
    this.#images = images;
  }

  /**
   * Returns the URL that replaces a reference; undefined if it stays unchanged.
   *
   * @throws {InputError} for a file that does not exist, is not an image, or depends on the row.
   */
  urlOf(reference: FileReference, assembly: Assembly): string | undefined {
    const { range, folder = "", isForeign } = reference;
    const name = reference.name.trim();
    const liquid = name.indexOf(MASK);
    if (/^file:/i.test(name)) {
      const rule = "An image is a file of the template's folder or an http(s) URL";
      throw htmlError(assembly, range.begin, `${rule}: found '${name}'`);
    }
    if (!isFileName(name)) return undefined;
    if (liquid > 0) {
      throw htmlError(
        assembly,
        range.begin,
        `An image's file cannot depend on the row: found '${
          assembly.text.slice(range.begin, range.end).trim()
        }'`,
        "Put the images on a web server, with the variable in their URL.",
      );
    }
    if (isForeign !== undefined) {
      throw htmlError(
        assembly,
        range.begin,
        `${isForeign} cannot be part of a mail: found '${name}'`,
        "Put the file on a web server, and write its https URL.",
      );
    }
    const asWritten = this.#images.place(folder + name);
    if ("url" in asWritten) return asWritten.url;
    // Markdown writes a path as part of a URL.
    const placed = this.#images.place(folder + percentDecoded(name));
    if ("url" in placed) return placed.url;
    throw htmlError(assembly, range.begin, placed.fault);
  }
}

/**
 * Returns whether a reference leads to a file, as far as known: not to a URL, a part of the page, or something that
 * begins with Liquid.
 */
export function isFileName(reference: string): boolean {
  return !NOT_A_FILE.test(reference) && !reference.startsWith(MASK);
}
