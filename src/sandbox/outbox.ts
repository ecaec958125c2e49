import { wallTime } from "../time/clock.ts";
import { join } from "node:path";
import { fileErrorReason } from "../files/file_error.ts";
import { InputError } from "../model/input_error.ts";
import { PRIVATE_FILE, PRIVATE_FOLDER } from "../files/private_file.ts";

/** How many octets of the recipient go into a file name, which stays far below the 255 of ext4, NTFS and APFS. */
const RECIPIENT_OCTETS = 120;

/** Where a mail is stored. */
export interface KeptMail {
  readonly id: string;
  readonly path: string;
}

/**
 * A folder that stores mails, each as one `.eml` file with the octets of the mail as received.
 *
 * A file appears whole or not at all: it is written under a hidden name and then renamed. It is not synced to the disk, as none of this
 * mail was meant for anybody.
 */
export class Outbox {
  readonly folder: string;
  /** Distinguishes this run's files from those of all others, and sorts by start time. */
  readonly #run: string;
  #count = 0;

  private constructor(folder: string) {
    this.folder = folder;
    const began = new Date(wallTime()).toISOString().replace(/\..*/, "").replace(/[-:]/g, "");
    this.#run = `${began}-${crypto.randomUUID().slice(0, 6)}`;
  }

  /**
   * Creates the folder if it does not exist, and makes sure that it can be written to.
   *
   * @throws {InputError} when it is a file, or cannot be created or written to.
   */
  static async open(folder: string): Promise<Outbox> {
    try {
      await Deno.mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
      const probe = await Deno.makeTempFile({ dir: folder, prefix: ".", suffix: ".part" });
      await Deno.remove(probe);
    } catch (cause) {
      throw new InputError(`Cannot use '${folder}' as the outbox: ${unusableReason(cause)}`, {
        hint: "Give a folder that can be written to. It is created if it does not exist.",
        cause,
      });
    }
    return new Outbox(folder);
  }

  /**
   * Writes one mail; every call creates a new file.
   *
   * @returns The file's path, and the unique ASCII part of its name.
   *
   * @throws the error of the file system; then there is no file.
   */
  async keep(recipient: string, chunks: readonly Uint8Array[]): Promise<KeptMail> {
    const count = String(++this.#count).padStart(7, "0");
    const id = `${this.#run}-${count}`;
    const name = `${id}-${fileSafe(recipient)}.eml`;
    const path = join(this.folder, name);
    const part = join(this.folder, `.${name}.part`);
    try {
      await writeAll(part, chunks);
      await Deno.rename(part, path);
    } catch (cause) {
      await Deno.remove(part).catch(() => {}); // the first error is the one to report
      throw cause;
    }
    return { id, path };
  }
}

async function writeAll(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const only = chunks.length === 1 ? chunks[0] : undefined;
  const options = { createNew: true, mode: PRIVATE_FILE };
  if (only) return await Deno.writeFile(path, only, options);
  await Deno.writeFile(path, ReadableStream.from(chunks), options);
}

/**
 * The address as part of a file name: what a file system or a shell could interpret becomes `_`.
 *
 * Letters and digits of all scripts stay, so that people recognise theirs.
 */
export function fileSafe(address: string): string {
  const safe = address.normalize("NFC").replace(/[^\p{L}\p{N}@._+=-]/gu, "_");
  const encoder = new TextEncoder();
  let octets = 0;
  let kept = "";
  for (const character of safe) {
    octets += encoder.encode(character).length;
    if (octets > RECIPIENT_OCTETS) break;
    kept += character;
  }
  return kept;
}

function unusableReason(cause: unknown): string {
  if (cause instanceof Deno.errors.AlreadyExists || cause instanceof Deno.errors.NotADirectory) {
    return "there is a file with that name";
  }
  return fileErrorReason(cause);
}
