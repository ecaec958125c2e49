import { join } from "node:path";
import { base64 } from "../compose/mime/encode.ts";
import type { Mail } from "../model/mail.ts";
import { InputError } from "../model/input_error.ts";
import type { ChosenRow } from "./choice.ts";
import { frameDocument } from "./frame.ts";
import { type About, type GalleryEntry, pageBlock, pageHead, pageTail } from "./gallery_page.ts";
import type { NoMail, Preview } from "./preview.ts";
import { type ParsedMail, parseMail, type SeenImage } from "./parsed_mail.ts";
import { PRIVATE_FILE, PRIVATE_FOLDER } from "../files/private_file.ts";

/** Largest image that the page holds. */
const MOST_OF_IMAGE = 5_000_000;
/** Longest HTML or text part that the page holds, in UTF-16 units: ten times what Gmail shows before it clips. */
const MOST_OF_PART = 1_000_000;
/**
 * Most that the page holds of mails, in UTF-16 units: a browser opens that at once, and about 3,000 mails without pictures fit. What
 * is beyond it is listed, and its file is there.
 */
const MOST_OF_PAGE = 48_000_000;

/** What became of one row. */
export interface Kept {
  readonly row: ChosenRow;
  readonly result: { readonly path: string; readonly size: number } | NoMail;
}

/** The page to look through. */
export interface Gallery {
  readonly path: string;
  /** Octets. */
  readonly size: number;
  readonly mails: number;
}

/**
 * Writes each mail of a preview as an `.eml` file, and one page that shows them all.
 *
 * The page appears whole or not at all. One mail is in memory at a time.
 *
 * @param options.mostOfPage Replaces `MOST_OF_PAGE`, for tests.
 * @throws {InputError} where the folder cannot be written to
 */
export async function writeGallery(
  folder: string,
  preview: Pick<Preview, "rows" | "make">,
  { about, nameOf, signal, onKept, mostOfPage = MOST_OF_PAGE }: {
    readonly about: About;
    /** The name of a row's file. */
    readonly nameOf: (row: ChosenRow) => string;
    readonly signal: AbortSignal;
    readonly onKept: (kept: Kept) => void;
    readonly mostOfPage?: number;
  },
): Promise<Gallery> {
  const path = join(folder, "index.html");
  const part = join(folder, ".index.html.part");
  await guarded(folder, () => Deno.mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER }));
  const page = await guarded(part, () => Page.open(part, mostOfPage));
  try {
    await guarded(part, () => page.write(pageHead(about)));
    for (const row of preview.rows) {
      signal.throwIfAborted();
      const mail = await preview.make(row);
      onKept({ row, result: "kind" in mail ? page.addNone(row, mail) : await keep(row, mail) });
    }
    await guarded(part, () => page.write(pageTail(page.entries)));
    page.close();
    await guarded(path, () => Deno.rename(part, path));
  } catch (error) {
    page.close();
    await Deno.remove(part).catch(() => {}); // the first error is the one to tell
    throw error;
  }
  return { path, size: page.size, mails: page.entries.filter((entry) => "file" in entry).length };

  async function keep(row: ChosenRow, { bytes }: Mail): Promise<Kept["result"]> {
    const file = nameOf(row);
    const place = join(folder, file);
    await guarded(place, () => Deno.writeFile(place, bytes, { mode: PRIVATE_FILE }));
    const seen = await parseMail(bytes);
    await guarded(part, () => page.add(row, { file, size: bytes.length, seen }));
    return { path: place, size: bytes.length };
  }
}

/** The page while it is being written. */
class Page {
  readonly entries: GalleryEntry[] = [];
  size = 0;
  readonly #file: Deno.FsFile;
  readonly #encoder = new TextEncoder();
  /** Numbers of the images that the page holds already. */
  readonly #images = new Map<string, number>();
  #room: number;
  #open = true;

  private constructor(file: Deno.FsFile, room: number) {
    this.#file = file;
    this.#room = room;
  }

  static async open(path: string, room: number): Promise<Page> {
    return new Page(
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

  close(): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }

  addNone({ entry: { line, address } }: ChosenRow, none: NoMail): NoMail {
    this.entries.push({ line, address, reason: none.reason });
    return none;
  }

  async add(
    { entry: { line, address } }: ChosenRow,
    { file, size, seen }: { file: string; size: number; seen: ParsedMail },
  ): Promise<void> {
    const { images, ...shown } = bounded(seen);
    const embedded: (readonly [contentId: string, image: number | null])[] = [];
    for (const image of images) embedded.push([image.contentId, await this.#imageOf(image)]);
    const id = `m${this.entries.length}`;
    const block = pageBlock(id, { ...shown, images: embedded });
    const fits = this.#takes(block);
    if (fits) await this.write(block);
    const { subject, files } = seen;
    const attached = files.filter(({ inline }) => !inline).length;
    this.entries.push({ line, address, subject, file, size, attached, ...(fits && { id }) });
  }

  /** The image's place in the page; null: there is none. */
  async #imageOf({ bytes, type, digest }: SeenImage): Promise<number | null> {
    const known = this.#images.get(digest);
    if (known !== undefined) return known;
    if (bytes.length > MOST_OF_IMAGE) return null;
    const number = this.#images.size;
    const block = pageBlock(`i${number}`, `data:${type};base64,${base64(bytes)}`);
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

/** What the page holds of a mail beside images: the HTML is ready for its frame, and parts of megabytes are cut, which is said. */
function bounded({ html, text, ...rest }: ParsedMail) {
  const isCut = (part: string | undefined) => part !== undefined && part.length > MOST_OF_PART;
  return {
    ...rest,
    html: html === undefined ? undefined : frameDocument(html.slice(0, MOST_OF_PART)),
    text: text?.slice(0, MOST_OF_PART),
    cut: isCut(html) || isCut(text),
  };
}

async function guarded<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot write the preview: ${reason}`, { place: { file: path }, cause });
  }
}
