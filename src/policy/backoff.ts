import { LONGEST_PAUSE_MS } from "../model/outcome.ts";

/**
 * 5 s, 30 s, 3 min, 18 min, 108 min at the longest: the first catches a hiccup, the sum of five outlasts the greylisting
 * of RFC 6647 (minutes) and most outages (hours, RFC 5321, 4.5.4.1).
 */
export const FIRST_RETRY_MS = 5_000;
export const RETRY_GROWTH = 6;
/**
 * Exponential backoff with jitter: anywhere between the longest pause of the try before and that of this one, so retries never
 * march in step. Jitter down to nothing would let some recipients use up all their tries within minutes, and a greylisting
 * server burn them.
 */
export function backoffMs(attempt: number, firstRetryMs: number, random: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, firstRetryMs * RETRY_GROWTH ** (attempt - 1));
  const shortest = longest / RETRY_GROWTH;
  return Math.round(shortest + random * (longest - shortest));
}
