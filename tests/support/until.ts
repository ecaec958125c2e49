import { DEADLINE_MS } from "./process.ts";

/**
 * Looks again and again until something is so.
 *
 * @param what For the error: "the server has taken 20 mails".
 * @throws when it is not so within `deadlineMs`
 */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  deadlineMs: number = DEADLINE_MS,
): Promise<void> {
  const since = performance.now();
  while (!await isSo()) {
    if (performance.now() - since > deadlineMs) {
      throw new Error(`Waited ${deadlineMs / 1_000} s in vain: ${what}`);
    }
    await new Promise((next) => setTimeout(next, 2));
  }
}
