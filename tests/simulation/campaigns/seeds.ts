import { SimulatedCampaign } from "./campaign.ts";
import { inTurn } from "./world/turns.ts";

/** Seeds that once failed, one a line with what was wrong; they are replayed first. */
export const KNOWN_SEEDS = new URL("known_seeds.txt", import.meta.url);

/** The result of simulating a seed. */
export interface Result {
  readonly seed: number;
  /** The same for the same history. */
  readonly fingerprint: string;
  /** Which promise was broken, and where; undefined: none. */
  readonly failure: string | undefined;
  /** What happened, line by line, if it was asked for. */
  readonly lines: readonly string[];
}

/** Simulates one campaign. @param kept keep its history, to be read */
export async function simulate(seed: number, kept = false): Promise<Result> {
  let stray: unknown;
  const onRejection = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    stray ??= event.reason;
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  try {
    const result = await inTurn(() => resultOf(seed, kept));
    // An unhandled rejection is reported in a later turn.
    await inTurn(() => {});
    if (stray === undefined) return result;
    return { ...result, failure: result.failure ?? `A promise was rejected: ${textOf(stray)}` };
  } finally {
    globalThis.removeEventListener("unhandledrejection", onRejection);
  }
}

function resultOf(seed: number, kept: boolean): Result {
  using campaign = new SimulatedCampaign(seed, kept);
  let failure: string | undefined;
  try {
    campaign.run();
  } catch (error) {
    failure = textOf(error);
  }
  const { fingerprint, lines } = campaign.history;
  return { seed, fingerprint, failure, lines };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** Reads the seeds that once failed. */
export async function knownSeeds(): Promise<readonly number[]> {
  const text = await Deno.readTextFile(KNOWN_SEEDS);
  return text.split("\n").flatMap((line) => /^\d+/.exec(line) ?? []).map(Number);
}

/** Adds a failed seed to the known ones, and returns what failed and how to repeat it. */
export async function keepFailed({ seed, failure }: Result): Promise<string> {
  const what = failure!.split("\n", 1)[0]!;
  if (!(await knownSeeds()).includes(seed)) {
    await Deno.writeTextFile(KNOWN_SEEDS, `${seed} ${what}\n`, { append: true });
  }
  return `seed ${seed}: ${failure}\n\nRepeat it: SIMULATION_SEED=${seed} deno test --no-check --allow-all tests/simulation/campaigns/campaigns_test.ts\n`;
}
