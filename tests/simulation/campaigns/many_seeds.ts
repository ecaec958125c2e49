import { start } from "../../support/process.ts";
import { keepFailed, type Result } from "./seeds.ts";

/** A campaign takes some ten milliseconds; if all of them take this long, one hangs. */
const DEADLINE_MS = 840_000;

/** If more than this fail, they have a common cause. */
const MOST_REPORTED = 10;

/**
 * Simulates the campaigns of many seeds, on all processors.
 *
 * @returns What failed, and how to repeat it.
 */
export async function simulateMany(first: number, count: number): Promise<readonly string[]> {
  const processes = Math.min(navigator.hardwareConcurrency, Math.ceil(count / 100));
  const failed = await Promise.all(
    Array.from(
      { length: processes },
      (_, at) => simulateSome(first + at, first + count, processes),
    ),
  );
  const reports: string[] = [];
  const shown = failed.flat().toSorted((a, b) => a.seed - b.seed).slice(0, MOST_REPORTED);
  for (const result of shown) reports.push(await keepFailed(result));
  return reports;
}

type Line = { readonly begins: number } | Pick<Result, "seed" | "failure">;

/** Every `step`th seed, in a process of its own. */
async function simulateSome(first: number, end: number, step: number): Promise<Result[]> {
  const script = new URL("run_seeds.ts", import.meta.url).pathname;
  const seeds = [first, end, step].map(String);
  const process = start(
    Deno.execPath(),
    ["run", "--no-check", "--allow-all", script, ...seeds],
    { deadlineMs: DEADLINE_MS },
  );
  const why = await process.ended.then(
    ({ code }) => code === 0 ? undefined : "The process that simulates it died",
    () => "The simulation hangs",
  );
  const lines = process.stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Line);
  const failed = lines.flatMap((line) => "begins" in line ? [] : [resultOf(line)]);
  if (why === undefined) return failed;
  const last = lines.findLast((line) => "begins" in line);
  return [...failed, resultOf({ seed: last?.begins ?? first, failure: why })];
}

function resultOf({ seed, failure }: Pick<Result, "seed" | "failure">): Result {
  return { seed, failure, fingerprint: "", lines: [] };
}
