import { type Client, onTheWayTo } from "./link_profile.ts";
import type { WorldTime } from "./world_time.ts";

interface File {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly changedAt: number;
  readonly number: number;
}

/** Each piece takes this long to read: a file that is rewritten meanwhile is read half old, half new. */
const PIECE = 256;
const PIECE_MS = 0.1;

const encoder = new TextEncoder();

/** Files that people write and the program only reads: the list, the template, the suppression file. They are kept in memory. */
export class Files {
  readonly #time: WorldTime;
  readonly #files = new Map<string, File>();
  #number = 0;

  constructor(time: WorldTime) {
    this.#time = time;
  }

  /** @param how Overwritten in place, or replaced by renaming another file. */
  write(path: string, text: string, how: "in place" | "renamed" = "renamed"): void {
    const number = how === "in place" ? this.#files.get(path)?.number : undefined;
    this.#files.set(path, {
      bytes: encoder.encode(text),
      changedAt: this.#time.wall,
      number: number ?? ++this.#number,
    });
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  stat(path: string): Deno.FileInfo {
    const { bytes, changedAt, number } = this.#files.get(path)!;
    const changed = new Date(changedAt);
    return {
      ...{ isFile: true, isDirectory: false, isSymlink: false, size: bytes.length },
      ...{ mtime: changed, atime: changed, birthtime: changed, ctime: changed },
      ...{ dev: 1, ino: number, mode: 0o600, nlink: 1 },
    } as unknown as Deno.FileInfo;
  }

  read(path: string): Uint8Array<ArrayBuffer> {
    return this.#files.get(path)!.bytes;
  }

  /** Reads piece by piece what the file of that name holds at each moment, even if it has been replaced. */
  open(path: string, client: Client): Deno.FsFile {
    let place = 0;
    const reader = onTheWayTo(client);
    let cancelled = false;
    const readable = new ReadableStream<Uint8Array>({
      pull: (controller) =>
        new Promise((resolve) => {
          this.#time.after(PIECE_MS, reader, () => {
            const piece = this.read(path).subarray(place, place += PIECE);
            if (cancelled) return;
            if (piece.length > 0) controller.enqueue(piece.slice());
            else controller.close();
            resolve();
          });
        }),
      cancel: () => void (cancelled = true),
    }, { highWaterMark: 0 });
    return { readable, close: () => {} } as unknown as Deno.FsFile;
  }
}
