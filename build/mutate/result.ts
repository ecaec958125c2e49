import type { Verdict } from "./judge.ts";
import type { Mutant } from "./mutant.ts";

/** A mutant and its outcome. */
export interface Result {
  /** A room, or a file given by `--file`. */
  readonly group: string;
  readonly mutant: Mutant;
  readonly verdict: Verdict | "excused";
}

/** "src/a.ts:3:5 boundary: if (a < b) { -> if (a <= b) {" */
export function survivorLine({ mutant }: Result): string {
  const { path, line, column, operator, before, after } = mutant;
  return `${path}:${line}:${column} ${operator}: ${before} -> ${after}`;
}

/** The percentage of the mutants that were noticed, not counting excused ones. */
export function scoreOf(results: readonly Result[]): number {
  const judged = results.filter(({ verdict }) => verdict !== "excused");
  const noticed = judged.filter(({ verdict }) => verdict !== "survived");
  return judged.length === 0 ? 100 : 100 * noticed.length / judged.length;
}

const VERDICTS = ["killed", "timed out", "refused", "excused", "survived"] as const;

/** Formats an aligned table with a row for each group. */
export function tableOf(groups: readonly string[], results: readonly Result[]): string {
  const rows = [["", "mutants", ...VERDICTS, "score"]];
  for (const group of groups) {
    const own = results.filter((result) => result.group === group);
    const counts = VERDICTS.map((verdict) =>
      own.filter((result) => result.verdict === verdict).length
    );
    rows.push([group, `${own.length}`, ...counts.map(String), `${scoreOf(own).toFixed(1)} %`]);
  }
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths?.[0] ?? 0) : cell.padStart(widths?.[column] ?? 0)
    ).join("  ")
  ).join("\n");
}
