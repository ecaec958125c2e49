/**
 * How the viewer prepares a mail's text; needs no document.
 *
 * @module
 */
import type { MailBlock } from "./page_data.ts";

/** The header section of a mail's source, whose lines end with LF here. */
export function headerSection(source: string): string {
  const end = source.indexOf("\n\n");
  return end < 0 ? source : source.slice(0, end);
}

/**
 * Replaces Content-IDs with the images of the page that they name (RFC 2392), written plainly or percent-encoded.
 *
 * @param urlOf The `data:` URL of an image of the page.
 */
export function withImages(
  html: string,
  images: MailBlock["images"],
  urlOf: (image: number) => string,
): string {
  let shown = html;
  for (const [id, image] of images) {
    if (image === null) continue;
    for (const name of new Set([id, encodeURIComponent(id), encodeURI(id)])) {
      const url = new RegExp(`cid:${name.replace(/[^\w]/g, "\\$&")}`, "gi");
      shown = shown.replace(url, () => urlOf(image));
    }
  }
  return shown;
}
