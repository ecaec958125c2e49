import { after } from "./clock.ts";

/** The longest timer, 24.8 days: timers take a signed 32-bit number of milliseconds, and a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Resolves after `ms`, or as soon as the signal is aborted. It never rejects; callers check their own state and continue. */
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
