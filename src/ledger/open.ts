/**
 * The only way to open a ledger. The implementation, SQLite today, is hidden from all callers. Opening is
 * asynchronous, as it is for a store across a network; what sending does not need is loaded only when it is called.
 */
import type { BounceRecord } from "./bounce_record.ts";
import type { Retry } from "./returning.ts";
import type { HeldLedger, StopRequest } from "./held_ledger.ts";
import type { LedgerReader } from "./reader.ts";
import type { Replacement, ReplacementResult } from "./by_hand/replacement.ts";
import type { HandDecision, HandResult } from "./by_hand/settle_by_hand.ts";
import { promised } from "../sqlite/promised.ts";
import { HeldFile } from "./sqlite/file/held_file.ts";
import * as file from "./sqlite/file/ledger_file.ts";
import * as requests from "./sqlite/file/stop_request.ts";
import { openLedgerReader as openSqliteReader } from "./sqlite/reader.ts";
import { SqliteLedger } from "./sqlite/sqlite_ledger.ts";

/** Which ledger to open, and which of its recipients to try again. */
export interface LedgerOptions {
  /** A file's path. */
  readonly ledger: string;
  readonly retry: Retry;
}

/**
 * Holds the campaign's ledger to send from it, creating it if there is none.
 *
 * @throws {StorageError} if it is in use, foreign, newer, or cannot be written
 */
export function holdLedger({ ledger, retry }: LedgerOptions): Promise<HeldLedger> {
  return promised(() => {
    const held = new HeldFile(ledger);
    return {
      isStopRequested: () => promised(() => held.isStopRequested()),
      waitUntil: (time) => promised(() => held.waitUntil(time)),
      begin: (facts) =>
        promised(() => new SqliteLedger({ path: ledger, facts, retry, file: held.handOver() })),
      [Symbol.asyncDispose]: () => promised(() => held[Symbol.dispose]()),
    };
  });
}

/**
 * Asks the process that is sending from a ledger to stop; returns undefined if there is none.
 *
 * @throws {StorageError} if there is no ledger, or it cannot be asked
 */
export function requestStop(ledger: string): Promise<StopRequest | undefined> {
  return promised(() => requests.requestStop(ledger));
}

/**
 * Opens a ledger to read it.
 *
 * @throws {StorageError} if there is none, or the file is no ledger
 */
export function openLedgerReader(ledger: string): Promise<LedgerReader> {
  return promised(() => openSqliteReader(ledger));
}

/**
 * Opens a ledger to record what reports say about its recipients.
 *
 * @param writes false to read only; `note` then rejects.
 * @throws {StorageError} if there is none, or, for writing, a process is sending from it
 */
export async function openBounceRecord(ledger: string, writes: boolean): Promise<BounceRecord> {
  const { SqliteBounceRecord } = await import("./sqlite/bounces/bounce_record.ts");
  return new SqliteBounceRecord(ledger, writes);
}

/**
 * Records decisions that a person made about recipients; the results are in the order of the keys, one for each recipient.
 *
 * @throws {StorageError} if there is none, a process is sending from it, or it cannot be written
 */
export async function settleByHand(
  ledger: string,
  { keys, to, from, exact }: HandDecision,
): Promise<readonly HandResult[]> {
  const hand = await import("./sqlite/by_hand/settle_by_hand.ts");
  return hand.settleByHand(ledger, keys, to, from, exact);
}

/**
 * Records that one recipient gets the mail of another.
 *
 * @throws {StorageError} if there is none, a process is sending from it, or it cannot be written
 */
export async function replaceRecipient(
  ledger: string,
  replacement: Replacement,
): Promise<ReplacementResult> {
  const replaced = await import("./sqlite/by_hand/replacement.ts");
  return replaced.replaceRecipient(ledger, replacement);
}

/**
 * Returns whether there is a ledger. A file whose process died while creating it does not count yet.
 *
 * @throws {StorageError} if the file is no ledger, or is of a newer version
 */
export function ledgerExists(ledger: string): Promise<boolean> {
  return promised(() => file.ledgerExists(ledger));
}
