import { base64 } from "../compose/mime/encode.ts";
import { PRIVATE_FILE } from "../files/private_file.ts";
import type { ChosenRow } from "./choice.ts";
import { frameDocument } from "./frame.ts";
import { pageBlock, pageTail } from "./gallery_page.ts";
import type { InlineImage, ParsedMail } from "./parsed_mail.ts";
import type { NoMail } from "./preview.ts";
import { type GalleryEntry, imageId, type MailBlock } from "./viewer/page_data.ts";

/** Largest image that goes into the page, in octets. */
const MAX_IMAGE = 5_000_000;
/** Longest HTML or text part that goes into the page, in UTF-16 units: ten times what Gmail shows before it clips. */
const MAX_PART = 1_000_000;

/** The page while it is being written. */
export class PageWriter implements Disposable {
  readonly path: string;
  readonly entries: GalleryEntry[] = [];
  /** Octets written so far. */
  size = 0;
  readonly #file: Deno.FsFile;
  readonly #encoder = new TextEncoder();
  /** Numbers of the images that the page already holds, by digest. */
  readonly #images = new Map<string, number>();
  /** UTF-16 units of mails that still fit. */
  #room: number;
  #open = true;

  private constructor(path: string, file: Deno.FsFile, room: number) {
    this.path = path;
    this.#file = file;
    this.#room = room;
  }

  /** @param room Size limit for the mails in the page, in UTF-16 units. */
  static async open(path: string, room: number): Promise<PageWriter> {
    return new PageWriter(
      path,
      await Deno.open(path, { write: true, create: true, truncate: true, mode: PRIVATE_FILE }),
      room,
    );
  }

  async write(text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    this.size += bytes.length;
    for (let rest = bytes; rest.length > 0;) {
      rest = rest.subarray(await this.#file.write(rest));
    }
  }

  /** Writes what follows the mails, and closes the file. */
  async end(): Promise<void> {
    await this.write(pageTail(this.entries));
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }

  addNone({ entry: { line, address } }: ChosenRow, { reason }: NoMail): void {
    this.entries.push({ line, address, reason });
  }

  /** Lists a mail, and writes it where there is room for it. */
  async add(
    { entry: { line, address } }: ChosenRow,
    mail: ParsedMail,
    { file, size }: { readonly file: string; readonly size: number },
  ): Promise<void> {
    const images: (readonly [contentId: string, image: number | null])[] = [];
    for (const image of mail.images) images.push([image.contentId, await this.#place(image)]);
    const id = `m${this.entries.length}`;
    const block = pageBlock(id, mailBlock(mail, images));
    const fits = this.#takes(block);
    if (fits) await this.write(block);
    const { subject, files } = mail;
    const attached = files.filter(({ inline }) => !inline).length;
    this.entries.push({ line, address, subject, file, size, attached, ...(fits && { id }) });
  }

  /** Writes an image that is not in the page yet. Returns its number; null: there is no room for it. */
  async #place({ bytes, type, digest }: InlineImage): Promise<number | null> {
    const known = this.#images.get(digest);
    if (known !== undefined) return known;
    if (bytes.length > MAX_IMAGE) return null;
    const number = this.#images.size;
    const block = pageBlock(imageId(number), `data:${type};base64,${base64(bytes)}`);
    if (!this.#takes(block)) return null;
    this.#images.set(digest, number);
    await this.write(block);
    return number;
  }

  #takes(block: string): boolean {
    if (block.length > this.#room) return false;
    this.#room -= block.length;
    return true;
  }
}

/** A mail as the page contains it: with the HTML ready for its frame, and with very long parts cut, which the page says. */
function mailBlock(mail: ParsedMail, images: MailBlock["images"]): MailBlock {
  const { headers, html, text, files, links, remote, source } = mail;
  const isCut = (part: string | undefined) => part !== undefined && part.length > MAX_PART;
  return {
    headers,
    html: html === undefined ? undefined : frameDocument(html.slice(0, MAX_PART)),
    text: text?.slice(0, MAX_PART),
    cut: isCut(html) || isCut(text),
    files,
    links,
    remote,
    source,
    images,
  };
}
