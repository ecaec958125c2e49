import { after } from "./clock.ts";

/** What one timer can hold: a longer one would ring at once (a signed 32-bit number of milliseconds, 24.8 days). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Resolves after `ms`, or as soon as the signal is aborted; never rejects, so that a caller looks at its state and continues. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    let left = ms;
    let timer: Disposable | undefined;
    const done = (): void => {
      timer?.[Symbol.dispose]();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const next = (): void => {
      if (left <= 0) return done();
      const part = Math.min(left, LONGEST_TIMER_MS);
      left -= part;
      timer = after(part, next);
    };
    signal.addEventListener("abort", done, { once: true });
    next();
  });
}
