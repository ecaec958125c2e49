import { join } from "node:path";
import { fileErrorReason } from "../files/file_error.ts";
import { PRIVATE_FILE, PRIVATE_FOLDER } from "../files/private_file.ts";
import { InputError } from "../model/input_error.ts";
import type { Mail } from "../model/mail.ts";
import type { ChosenRow } from "./choice.ts";
import { type About, pageHead } from "./gallery_page.ts";
import { PageWriter } from "./page_writer.ts";
import { parseMail } from "./parsed_mail.ts";
import type { NoMail, Preview } from "./preview.ts";

/**
 * Size limit for the mails in the page, in UTF-16 units: a browser opens a page of this size at once, and about 3,000 mails without
 * images fit. Further mails are listed, and written as files.
 */
const MAX_PAGE = 48_000_000;

/** What became of one row. */
export interface Kept {
  readonly row: ChosenRow;
  readonly result: { readonly path: string; readonly size: number } | NoMail;
}

/** The page that shows the mails. */
export interface Gallery {
  readonly path: string;
  /** Octets. */
  readonly size: number;
  readonly mails: number;
}

export interface GalleryOptions {
  readonly about: About;
  /** The name of a row's file. */
  readonly nameOf: (row: ChosenRow) => string;
  readonly signal: AbortSignal;
  readonly onKept: (kept: Kept) => void;
  /** Replaces `MAX_PAGE`, for tests. */
  readonly mostOfPage?: number;
}

/**
 * Writes each mail of a preview as an `.eml` file, and one page that shows them all.
 *
 * The page appears whole or not at all. One mail is in memory at a time.
 *
 * @throws {InputError} where the folder cannot be written to
 */
export async function writeGallery(
  folder: string,
  preview: Pick<Preview, "rows" | "make">,
  options: GalleryOptions,
): Promise<Gallery> {
  const { about, mostOfPage = MAX_PAGE } = options;
  const path = join(folder, "index.html");
  const part = join(folder, ".index.html.part");
  await guarded(folder, () => Deno.mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER }));
  using page = await guarded(part, () => PageWriter.open(part, mostOfPage));
  try {
    await guarded(part, () => page.write(pageHead(about)));
    await writeMails(folder, preview, page, options);
    await guarded(part, () => page.end());
    await guarded(path, () => Deno.rename(part, path));
  } catch (error) {
    // An open file cannot be removed on Windows.
    page[Symbol.dispose]();
    await Deno.remove(part).catch(() => {}); // the first error is the one to report
    throw error;
  }
  return { path, size: page.size, mails: page.entries.filter((entry) => "file" in entry).length };
}

async function writeMails(
  folder: string,
  { rows, make }: Pick<Preview, "rows" | "make">,
  page: PageWriter,
  { nameOf, signal, onKept }: GalleryOptions,
): Promise<void> {
  for (const row of rows) {
    signal.throwIfAborted();
    const mail = await make(row);
    if ("kind" in mail) {
      page.addNone(row, mail);
      onKept({ row, result: mail });
    } else {
      const path = await keep(mail, row, nameOf(row));
      onKept({ row, result: { path, size: mail.bytes.length } });
    }
  }

  async function keep({ bytes }: Mail, row: ChosenRow, file: string): Promise<string> {
    const path = join(folder, file);
    await guarded(path, () => Deno.writeFile(path, bytes, { mode: PRIVATE_FILE }));
    const parsed = await parseMail(bytes);
    await guarded(page.path, () => page.add(row, parsed, { file, size: bytes.length }));
    return path;
  }
}

/** @throws {InputError} in place of the file system's error */
async function guarded<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new InputError(`Cannot write the preview: ${fileErrorReason(cause)}`, {
      place: { file: path },
      cause,
    });
  }
}
