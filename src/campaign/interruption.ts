import { countOf } from "../text/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { after } from "../time/clock.ts";

/**
 * How long to wait for replies after the first signal. Nearly all come within a second or two; a server that scans a mail for
 * half a minute is rare. RFC 5321, 4.5.3.2.6 asks for ten minutes, longer than a person or a service manager (systemd: 90 s)
 * allows.
 */
const LONGEST_FAREWELL_MS = 30_000;

/** What an interruption needs from the run around it. */
export interface Interruptible {
  readonly reporter: Reporter;
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Aborted when another process asks this one to stop; omitted if none can. */
  readonly stopRequested?: AbortSignal;
  /** Calls `listener` at the second signal; omitted if there is none. */
  readonly onSecondSignal?: ((listener: () => void) => Disposable) | undefined;
}

/** The end of a run by signals, from the first mail until what was under way is settled. */
export interface Interruption extends Disposable {
  /** Aborted when replies are no longer waited for either: by the second signal, or 30 s after the first. */
  readonly abandon: AbortSignal;
}

/**
 * Reports at the first signal, or when the run is asked to stop, what is still being finished, and lets a second signal cut
 * that short; after a request, the first one does.
 *
 * @param underWay how many mails are on connections and unanswered
 */
export function watchInterruption(
  { reporter, signal, stopRequested, onSecondSignal }: Interruptible,
  underWay: () => number,
): Interruption {
  const abandon = new AbortController();
  const listening = new DisposableStack();
  const listen = (to: AbortSignal, listener: () => void): void => {
    to.addEventListener("abort", listener, { once: true });
    listening.defer(() => to.removeEventListener("abort", listener));
  };
  const finish = (again: string): void => {
    reporter.info(farewell(underWay(), again));
    listening.use(after(LONGEST_FAREWELL_MS, () => {
      const mails = countOf(underWay(), "mail");
      reporter.warn(
        `No reply to ${mails} within ${LONGEST_FAREWELL_MS / 1_000} s; closing the connections`,
      );
      abandon.abort();
    }));
  };
  listen(signal, () => {
    if (stopRequested?.aborted) abandon.abort();
    else finish(" again");
  });
  if (stopRequested !== undefined) {
    listen(stopRequested, () => {
      if (!signal.aborted) finish("");
    });
  }
  if (onSecondSignal !== undefined) listening.use(onSecondSignal(() => abandon.abort()));
  return { abandon: abandon.signal, [Symbol.dispose]: () => listening.dispose() };
}

function farewell(mails: number, again: string): string {
  if (mails === 0) return "Stopping; no mail is under way";
  const they = mails === 1 ? "it" : "they";
  return `Finishing ${
    countOf(mails, "mail")
  }; press Ctrl-C${again} to quit now (${they} will be in doubt)`;
}
