import { LONGEST_DEFERRAL_MS } from "../model/outcome.ts";

/**
 * Longest pauses: 5 s, 30 s, 3 min, 18 min, 108 min. The first covers a hiccup; all five together outlast greylisting
 * (minutes, RFC 6647) and most outages (hours, RFC 5321, 4.5.4.1).
 */
export const FIRST_RETRY_MS = 5_000;
export const RETRY_GROWTH = 6;
/**
 * Returns the pause before a retry: exponential backoff with jitter, between the longest pause of the previous try and
 * that of this one, so that retries are not synchronized. With jitter down to zero, some recipients could use up all
 * their tries within minutes, for example on greylisting.
 */
export function backoffMs(attempt: number, firstRetryMs: number, random: number): number {
  const longest = Math.min(LONGEST_DEFERRAL_MS, firstRetryMs * RETRY_GROWTH ** (attempt - 1));
  const shortest = longest / RETRY_GROWTH;
  return Math.round(shortest + random * (longest - shortest));
}
