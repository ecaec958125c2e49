import { every, wallTime } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import type { Stop } from "../model/stop.ts";
import type { StopKind } from "../model/stop_kind.ts";
import { NobodyChosen } from "../pipeline/producer/selection.ts";
import type { HeldLedger } from "../ledger/held_ledger.ts";
import { unlessBroken } from "../ledger/unless_broken.ts";
import type { SendingList } from "../list/file/sending_list.ts";
import { StorageError } from "../sqlite/storage_error.ts";
import { InputError } from "../model/input_error.ts";

// What ends a run early, apart from the relays' own reasons.

/** Waits in parts, so that a change of the wall clock is noticed. */
export async function sleepUntil(time: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && wallTime() < time) {
    await sleep(Math.min(time - wallTime(), 1_000), signal);
  }
}

/** A signal and a deadline end the run in the same way. */
export function stopWith(stop: Stop, signal: AbortSignal, until: number | undefined): Disposable {
  const onSignal = (): void =>
    stop.request("signal", "Stopped by a signal", "Run again to continue.");
  if (signal.aborted) onSignal();
  signal.addEventListener("abort", onSignal, { once: true });
  const over = new AbortController();
  if (until !== undefined) {
    void sleepUntil(until, AbortSignal.any([stop.signal, over.signal])).then(() => {
      if (over.signal.aborted) return;
      stop.request("deadline", "The time given with --until has passed", "Run again to continue.");
    });
  }
  return {
    [Symbol.dispose]() {
      signal.removeEventListener("abort", onSignal);
      over.abort();
    },
  };
}

/** How often a run looks whether another process asked it to stop. */
const LOOK_FOR_REQUESTS_MS = 1_000;

/** What ends a run because another process asked for it. */
export interface StopRequests extends Disposable {
  /** Aborted by the first request. */
  readonly signal: AbortSignal;
}

/** Ends the run when `email-dispatcher stop` asks for it, as a signal does. */
export function stopOnRequest(stop: Stop, held: Pick<HeldLedger, "isStopRequested">): StopRequests {
  const asked = new AbortController();
  const look = async (): Promise<void> => {
    // A ledger that cannot be read is reported by what needs it.
    if (await unlessBroken(held.isStopRequested()) !== true) return;
    stop.request("stop-command", "Stopped by 'email-dispatcher stop'", "Run again to continue.");
    asked.abort();
  };
  // A request that was left for another process is removed at once.
  void look();
  const timer = every(LOOK_FOR_REQUESTS_MS, () => void look());
  return { signal: asked.signal, [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

/** "Done" refers to the list as it is now. */
export async function stopIfChanged(
  stop: Stop,
  list: Pick<SendingList, "hasChanged">,
  name: string,
): Promise<void> {
  if (stop.reason !== undefined) return;
  const changed = await list.hasChanged().catch((error) => {
    // A signal ended the check, so the run already has its reason.
    if (stop.reason !== undefined) return false;
    throw error;
  });
  if (!changed) return;
  stop.request(
    "list-changed",
    `The list '${name}' has changed since it was read`,
    "Run again to send to the list as it is now. Nobody is mailed twice.",
  );
}

/** The ledger can no longer be used: nothing may be sent that it does not record. */
export function stopOnFailure(stop: Stop, error: Error): void {
  const hint = error instanceof StorageError ? error.hint : undefined;
  stop.request(
    error instanceof StorageError ? error.kind : "ledger",
    error.message,
    hint ?? "Check that the ledger can be written, then run again to continue.",
  );
}

/**
 * An error on one side ends the other properly; a bug is thrown once both have ended.
 *
 * @throws {NobodyChosen} if nobody was chosen from a list that could not be scanned first
 */
export async function bothOrNone(stop: Stop, ...sides: readonly Promise<void>[]): Promise<void> {
  const orStop = (error: unknown): never => {
    const [kind, reason, hint]: readonly [StopKind, string, string | undefined] =
      error instanceof InputError
        ? [
          "list",
          error.describe().split("\n", 1)[0]!,
          "Fix the list and run again to continue. Nobody is mailed twice.",
        ]
        : error instanceof StorageError
        ? [error.kind, error.message, error.hint]
        : ["internal", error instanceof Error ? error.message : String(error), undefined];
    stop.request(kind, reason, hint);
    throw error;
  };
  const ends = await Promise.allSettled(sides.map((side) => side.catch(orStop)));
  // A ledger or list that can no longer be used is a reason to stop, and is reported as such.
  const bug = ends.find((end) =>
    end.status === "rejected" &&
    (end.reason instanceof NobodyChosen ||
      !(end.reason instanceof StorageError) && !(end.reason instanceof InputError))
  ) as PromiseRejectedResult | undefined;
  if (bug !== undefined) throw bug.reason;
}
