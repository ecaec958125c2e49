/**
 * What the viewer says about entries and mails; needs no document.
 *
 * @module
 */
import { countOf, sizeText } from "../../text/quantity.ts";
import type { FileFacts, GalleryEntry, MailBlock } from "./page_data.ts";

/** The last line of a list item: "line 3 · 4.1 kB · 2 files". */
export function entryFacts(entry: GalleryEntry): string {
  const facts = [`line ${entry.line}`];
  if ("size" in entry) {
    facts.push(sizeText(entry.size));
    if (entry.attached > 0) facts.push(countOf(entry.attached, "file"));
  }
  return facts.join(" · ");
}

/** What a search looks at. */
export function searchText(entry: GalleryEntry): string {
  const subject = "subject" in entry ? entry.subject : "";
  return `${entry.address} ${subject}`.toLowerCase();
}

/** A file with its size, or all inline images together. */
export interface FileChip {
  readonly name: string;
  readonly text: string;
  /** Names of the images that it includes. */
  readonly images?: string;
}

/** A chip for each attachment, and one for all images that the HTML part shows. */
export function fileChips(files: readonly FileFacts[]): FileChip[] {
  const images = files.filter(({ inline }) => inline);
  const chips: FileChip[] = files.filter(({ inline }) => !inline)
    .map(({ name, size }) => ({ name, text: sizeText(size) }));
  if (images.length > 0) {
    const size = images.reduce((sum, image) => sum + image.size, 0);
    chips.push({
      name: countOf(images.length, "image"),
      text: `in the mail, ${sizeText(size)}`,
      images: images.map(({ name }) => name).join(", "),
    });
  }
  return chips;
}

/** What the page does not show, and where it is. */
export function notesOf(entry: GalleryEntry, mail: MailBlock | undefined): string[] {
  const notes: string[] = [];
  if ("reason" in entry) notes.push(entry.reason);
  else if (mail === undefined) notes.push("The page is full: open this mail's file to read it.");
  if (mail?.images.some(([, image]) => image === null)) {
    notes.push("An image is too large for this page; it is in this mail's file.");
  }
  if (mail?.cut) notes.push("A part is cut here; this mail's file has the rest.");
  return notes;
}
