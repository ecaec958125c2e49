import { InputError } from "../../model/input_error.ts";
import { PRIVATE_FILE } from "../../files/private_file.ts";
import { fileErrorReason } from "../../files/file_error.ts";

/** Lines are written once this much has gathered: a system call for some 400 lines. */
const BATCH_BYTES = 64 * 1024;
/** What a crash can cost the log; only the ledger must not lose anything. */
const BATCH_MS = 1_000;

/**
 * A log file that lines are added to in batches. It never throws and never waits: when writing fails, `onFailure` is
 * called once and later lines are dropped, as a full disk must not stop a campaign.
 *
 * LogTape's own file sinks are not used: they call fsync for each short line, which slows sending down and fails on a
 * pipe, and they cannot report an error to the caller.
 */
export class LogFile {
  readonly #file: Deno.FsFile;
  readonly #onFailure: (error: Error) => void;
  readonly #encoder = new TextEncoder();
  #lines: string[] = [];
  #length = 0;
  #writtenAt = 0;
  #state: "open" | "failed" | "closed" = "open";

  private constructor(file: Deno.FsFile, onFailure: (error: Error) => void) {
    this.#file = file;
    this.#onFailure = onFailure;
  }

  /**
   * Opens `path` for appending and creates it if there is none.
   *
   * @throws {InputError} if it cannot be opened.
   */
  static async open(path: string, onFailure: (error: Error) => void): Promise<LogFile> {
    try {
      return new LogFile(
        await Deno.open(path, {
          append: true,
          create: true,
          mode: PRIVATE_FILE,
        }),
        onFailure,
      );
    } catch (error) {
      throw new InputError(
        `Cannot open the log file: ${fileErrorReason(error, "its folder does not exist")}`,
        {
          place: { file: path },
          hint: "Give --log a file in an existing folder that can be written to.",
          cause: error,
        },
      );
    }
  }

  /**
   * Adds a line, with its line end.
   *
   * @param now Milliseconds since the epoch.
   */
  add(line: string, now: number): void {
    if (this.#state !== "open") return;
    this.#lines.push(line);
    this.#length += line.length;
    if (this.#length >= BATCH_BYTES) this.flush(now);
    else this.flushIfDue(now);
  }

  /** Writes what has been waiting for a second or longer. */
  flushIfDue(now: number): void {
    if (this.#length > 0 && now - this.#writtenAt >= BATCH_MS) this.flush(now);
  }

  /** Writes everything that was added. */
  flush(now: number): void {
    this.#writtenAt = now;
    if (this.#state !== "open" || this.#length === 0) return;
    let rest = this.#encoder.encode(this.#lines.join(""));
    this.#lines = [];
    this.#length = 0;
    try {
      // A write can take less than it is given, on a pipe or a disk about to be full.
      while (rest.length > 0) rest = rest.subarray(this.#file.writeSync(rest));
    } catch (error) {
      this.#state = "failed";
      this.#onFailure(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Writes the rest and closes the file; can be called again. */
  close(now: number): void {
    if (this.#state === "closed") return;
    this.flush(now);
    this.#state = "closed";
    this.#file.close();
  }
}
