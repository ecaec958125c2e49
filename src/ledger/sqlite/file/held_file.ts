import { guarded } from "../../../sqlite/guarded.ts";
import type { Holder } from "../../reader.ts";
import { noteWaiting, ownHolder } from "./holder.ts";
import { openForWriting } from "./ledger_file.ts";
import { ledgerPath } from "./ledger_path.ts";
import { takeStopRequest } from "./stop_request.ts";
import type { LockedLedger } from "./locked_ledger.ts";

/** A ledger's file that this process has locked, until the ledger is begun: from then on that has the file. */
export class HeldFile implements Disposable {
  readonly #path: string;
  readonly #self: Holder;
  #file: LockedLedger | undefined;

  /** @throws {StorageError} if it is no ledger, is newer, is in use by another process, or cannot be written */
  constructor(path: string) {
    this.#path = path;
    const file = this.#file = openForWriting(path, "create");
    try {
      this.#self = guarded(`Cannot read the ledger '${path}'`, () => ownHolder(file.database));
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /** See `HeldLedger.isStopRequested()`. */
  isStopRequested(): boolean {
    return takeStopRequest(ledgerPath(this.#path), this.#self);
  }

  /** See `HeldLedger.waitUntil()`. */
  waitUntil(time: number | undefined): void {
    const { database } = this.#file!;
    guarded(`Cannot write to the ledger '${this.#path}'`, () => noteWaiting(database, time));
  }

  /** Hands the file over to its new owner, who closes it. */
  handOver(): LockedLedger {
    const file = this.#file!;
    this.#file = undefined;
    return file;
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
  }
}
