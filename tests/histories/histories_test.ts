import fc from "fast-check";
import { type History, history } from "./history.ts";
import { World } from "./world.ts";

/** HISTORIES sets the number of histories; HISTORY_SEED and HISTORY_PATH, as printed, repeat one. */
const RUNS = Number(Deno.env.get("HISTORIES") ?? 64);
const SEED = Deno.env.get("HISTORY_SEED");
const PATH = Deno.env.get("HISTORY_PATH");

/** Many run at once, because a history mostly waits. */
const AT_ONCE = SEED === undefined ? 16 : 1;

async function holds(given: History): Promise<void> {
  await using world = new World(given);
  for (const step of given.steps) await world.step(step);
  await world.finish();
}

async function check(): Promise<void> {
  await fc.assert(fc.asyncProperty(history, holds), {
    numRuns: Math.ceil(RUNS / AT_ONCE),
    // Shrinking takes minutes, so it is done only when one history is repeated.
    endOnFailure: SEED === undefined,
    ...(SEED !== undefined && { seed: Number(SEED) }),
    ...(PATH !== undefined && { path: PATH }),
  });
}

Deno.test("Whatever happens to list, selection and process, everybody in the list has a state when a run says it is done, and nobody is mailed twice", async () => {
  const all = await Promise.allSettled(Array.from({ length: AT_ONCE }, check));
  for (const one of all) if (one.status === "rejected") throw one.reason;
});
