/** What `send --json`, `status --json` and the summary count, taken from `export`. */
import type { Exported } from "./round.ts";

/** As the JSON names them; together they are `total`. */
export const COUNTS = [
  "sent",
  "failed",
  "invalid",
  "skipped",
  "in_doubt",
  "deferred",
  "queued",
] as const;

export type Counts = Readonly<Record<typeof COUNTS[number], number>>;

export function countsOf(rows: readonly Exported[]): Counts {
  const count = (...states: string[]) =>
    rows.filter((row) => states.includes(row["_state"]!)).length;
  return {
    sent: count("sent"),
    failed: count("failed"),
    invalid: count("invalid"),
    skipped: count("skipped"),
    in_doubt: count("in-doubt"),
    deferred: count("deferred"),
    queued: count("queued", "claimed", "handed-over"),
  };
}

export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** How many of the skipped recipients are suppressed; the others are duplicates, or no longer in the list. */
export function suppressedOf(rows: readonly Exported[]): number {
  return rows.filter((row) =>
    row["_state"] === "skipped" && row["_reason"]!.startsWith("Suppressed")
  )
    .length;
}
