/** The files of a ledger, by the suffix of the ledger's path. */
const FILES = {
  ledger: "",
  log: "-wal",
  index: "-shm",
  lock: ".lock",
} as const;

export type LedgerFile = keyof typeof FILES;

/** A change to a file in use. */
export interface FileChange {
  readonly which: LedgerFile;
  readonly suffix: string;
  /** missing: the name is gone. replaced: another file has the name. shortened: bytes were cut off. */
  readonly kind: "missing" | "replaced" | "shortened";
}

/** Ledgers that this process has open for writing; their files must not be opened and closed by other means. */
const openHere = new Set<string>();

/** Returns whether this process has the file open for writing, under any name. */
export function isOpenHere(file: string): boolean {
  if (openHere.size === 0) return false;
  const info = statOf(file);
  return info !== undefined && info.ino !== null && openHere.has(identityOf(info));
}

/**
 * Remembers which files a ledger was opened with. SQLite keeps using a file that has lost its name, so only a
 * comparison shows that the next run will not find what this one writes.
 */
export class OpenedFiles implements Disposable {
  readonly #file: string;
  readonly #main: string;
  readonly #identities: ReadonlyMap<LedgerFile, string>;
  readonly #sizes = { ledger: 0, log: 0 };

  /**
   * @param file the ledger's path, without links
   * @param main its open descriptor
   */
  constructor(file: string, main: Deno.FsFile) {
    this.#file = file;
    const opened = main.statSync();
    this.#main = identityOf(opened);
    this.#sizes.ledger = opened.size;
    this.#identities = new Map(
      (Object.keys(FILES) as LedgerFile[]).flatMap((which) => {
        const info = which === "ledger" ? opened : statOf(file + FILES[which]);
        return info === undefined ? [] : [[which, identityOf(info)] as const];
      }),
    );
    openHere.add(this.#main);
  }

  /** Returns what has changed since opening, the ledger itself first. Costs a few system calls. */
  changes(): readonly FileChange[] {
    const changes: FileChange[] = [];
    for (const [which, identity] of this.#identities) {
      const suffix = FILES[which];
      let info: Deno.FileInfo;
      try {
        info = Deno.statSync(this.#file + suffix);
      } catch (error) {
        // A folder without search permission tells nothing about its files; a link loop, or a path that is no folder, does.
        const unknown = error instanceof Deno.errors.PermissionDenied;
        if (!unknown) changes.push({ which, suffix, kind: "missing" });
        continue;
      }
      if (identityOf(info) !== identity) changes.push({ which, suffix, kind: "replaced" });
      else if (which === "ledger" || which === "log") changes.push(...this.#cutOff(which, info));
    }
    return changes;
  }

  [Symbol.dispose](): void {
    openHere.delete(this.#main);
  }

  /** Detects truncation. A ledger and its log only grow: SQLite overwrites checkpointed pages and truncates nothing. */
  #cutOff(which: "ledger" | "log", { size }: Deno.FileInfo): FileChange[] {
    if (size < this.#sizes[which]) return [{ which, suffix: FILES[which], kind: "shortened" }];
    this.#sizes[which] = size;
    return [];
  }
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

/** Windows has no inode numbers, so only a missing file is noticed there, not a replaced one. */
function identityOf({ dev, ino }: Deno.FileInfo): string {
  return `${dev}:${ino ?? ""}`;
}
