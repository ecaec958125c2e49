/**
 * The data in the page: `gallery_page.ts` writes it, the page's script reads it.
 *
 * @module
 */

/** A line of the page's list. */
export type GalleryEntry =
  & {
    /** Of the row, in the list of recipients. */
    readonly line: number;
    readonly address: string;
  }
  & (
    | {
      readonly subject: string;
      /** Of the `.eml` file beside the page. */
      readonly file: string;
      /** Octets of the mail. */
      readonly size: number;
      /** Files that come with it, inline images aside. */
      readonly attached: number;
      /** Of the block with the mail; undefined: the page was full. */
      readonly id?: string;
    }
    | { readonly reason: string }
  );

/** The block of one mail. */
export interface MailBlock {
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A document ready for its frame (see `frameDocument`); missing: there is no HTML part. */
  readonly html?: string | undefined;
  readonly text?: string | undefined;
  /** HTML or text was too long for the page, and was cut. */
  readonly cut: boolean;
  readonly files: readonly FileFacts[];
  readonly links: readonly { readonly text: string; readonly target: string }[];
  /** Hosts that the HTML part would load something from. */
  readonly remote: readonly string[];
  readonly source: string;
  /** Images that the HTML part shows; null: too large for the page. */
  readonly images: readonly (readonly [contentId: string, image: number | null])[];
}

export interface FileFacts {
  readonly name: string;
  /** Octets. */
  readonly size: number;
  /** The HTML part shows it. */
  readonly inline: boolean;
}

/** Id of the block with the entries. */
export const ENTRIES = "entries";

/** Id of the block with an image, as a `data:` URL. */
export function imageId(image: number): string {
  return `i${image}`;
}
