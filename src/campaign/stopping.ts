import { wallTime } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import type { Stop } from "../model/stop.ts";
import { NobodyChosen } from "../pipeline/producer/selection.ts";
import type { SendingList } from "../list/file/sending_list.ts";
import { StorageError } from "../sqlite/storage_error.ts";
import { InputError } from "../model/input_error.ts";

// What ends a run before its time, but for the relays' own reasons.

/** Long waits in parts, so that a clock that was set is noticed. */
export async function sleepUntil(time: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && wallTime() < time) {
    await sleep(Math.min(time - wallTime(), 1_000), signal);
  }
}

/** A signal and a deadline end the run alike. */
export function stopWith(stop: Stop, signal: AbortSignal, until: number | undefined): Disposable {
  const onSignal = (): void => stop.request("Stopped by a signal", "run again to go on");
  if (signal.aborted) onSignal();
  signal.addEventListener("abort", onSignal, { once: true });
  const over = new AbortController();
  if (until !== undefined) {
    void sleepUntil(until, AbortSignal.any([stop.signal, over.signal])).then(() => {
      if (over.signal.aborted) return;
      stop.request("The time given with --until is over", "run again to go on");
    });
  }
  return {
    [Symbol.dispose]() {
      signal.removeEventListener("abort", onSignal);
      over.abort();
    },
  };
}

/** "Done" is said of the list as it stands. */
export async function stopIfChanged(
  stop: Stop,
  list: Pick<SendingList, "hasChanged">,
  name: string,
): Promise<void> {
  if (stop.reason !== undefined) return;
  const changed = await list.hasChanged().catch((error) => {
    // A signal ended the reading: the run has its reason.
    if (stop.reason !== undefined) return false;
    throw error;
  });
  if (!changed) return;
  stop.request(
    `The list '${name}' has changed since it was read`,
    "run again for what it holds now: nobody is mailed twice",
  );
}

/** The ledger cannot be used any more: nothing may be sent that it does not know of. */
export function stopOnFailure(stop: Stop, error: Error): void {
  const hint = error instanceof StorageError ? error.hint : undefined;
  stop.request(
    error.message,
    hint ?? "check that the ledger can be written, then run again to continue",
  );
}

/**
 * One side's error ends the other in order; a bug is thrown when both have ended.
 *
 * @throws {NobodyChosen} as the list could not be looked through before
 */
export async function bothOrNone(stop: Stop, ...sides: readonly Promise<void>[]): Promise<void> {
  const orStop = (error: unknown): never => {
    const [reason, hint] = error instanceof InputError
      ? [
        error.describe().split("\n", 1)[0]!,
        "Fix the list and run again to continue. Nobody is mailed twice.",
      ]
      : [error instanceof Error ? error.message : String(error), undefined];
    stop.request(reason, hint);
    throw error;
  };
  const ends = await Promise.allSettled(sides.map((side) => side.catch(orStop)));
  // A ledger or a list that cannot be used any more is a reason to stop, and told as such.
  const bug = ends.find((end) =>
    end.status === "rejected" &&
    (end.reason instanceof NobodyChosen ||
      !(end.reason instanceof StorageError) && !(end.reason instanceof InputError))
  ) as PromiseRejectedResult | undefined;
  if (bug !== undefined) throw bug.reason;
}
