import { existsSync } from "node:fs";
import { PRIVATE_FILE } from "../../../files/private_file.ts";
import type { StopRequest } from "../../held_ledger.ts";
import type { Holder } from "../../reader.ts";
import { promised } from "../../../sqlite/promised.ts";
import { guarded } from "../../../sqlite/guarded.ts";
import { holderOf, readHolder } from "./holder.ts";
import { ledgerExists, noLedger } from "./ledger_file.ts";
import { type LedgerPath, ledgerPath } from "./ledger_path.ts";

// A process is asked to stop by a file beside its ledger, which it looks for: a signal would need permission to run
// programs, and reaches neither a process on another machine nor, on Windows, any.

/** The process that a request is meant for. Another one, even with the same ID, began at another time. */
type Asked = Pick<Holder, "pid" | "host" | "since">;

/**
 * Asks the process that holds a ledger to stop.
 *
 * @returns undefined if no process holds it
 * @throws {StorageError} if there is no ledger, or the request cannot be written
 */
export function requestStop(name: string): StopRequest | undefined {
  const path = ledgerPath(name);
  if (!ledgerExists(name)) throw noLedger(path);
  const holder = holderNow(path);
  if (holder === undefined) return undefined;
  guarded(`Cannot ask the process that is sending from '${name}' to stop`, () => {
    // Written whole or not at all, as the process may look at any moment.
    const part = `${requestPath(path)}.part`;
    const { pid, host, since } = holder;
    Deno.writeTextFileSync(part, JSON.stringify({ pid, host, since }), { mode: PRIVATE_FILE });
    Deno.renameSync(part, requestPath(path));
  });
  return {
    holder,
    hasEnded: () => promised(() => !isSame(holderNow(path), holder)),
    withdraw: () => promised(() => takeStopRequest(path, holder)),
  };
}

/**
 * Returns whether this process was asked to stop, and removes the request. One that is meant for another process, which
 * has ended since, is removed too.
 *
 * @param self this process, as it is recorded in the ledger
 */
export function takeStopRequest(path: LedgerPath, self: Asked): boolean {
  const file = requestPath(path);
  // Nearly always there is none, and this costs much less than an error.
  if (!existsSync(file)) return false;
  const asked = readRequest(file);
  try {
    Deno.removeSync(file);
  } catch {
    // It is found again, which changes nothing.
  }
  return isSame(asked, self);
}

function readRequest(file: string): Asked | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(file)) as Asked;
  } catch {
    return undefined; // no request of ours, or already taken back
  }
}

function holderNow(path: LedgerPath): Holder | undefined {
  return holderOf(path, readHolder(path));
}

function isSame(one: Asked | undefined, other: Asked): boolean {
  return one?.pid === other.pid && one.host === other.host && one.since === other.since;
}

function requestPath({ file }: LedgerPath): string {
  return `${file}.stop`;
}
