import fc from "fast-check";
import { type History, history } from "./history.ts";
import { World } from "./world.ts";

/** HISTORIES=2000 for a thorough run; HISTORY_SEED and HISTORY_PATH, as printed, to see one again. */
const RUNS = Number(Deno.env.get("HISTORIES") ?? 64);
const SEED = Deno.env.get("HISTORY_SEED");
const PATH = Deno.env.get("HISTORY_PATH");

/** A history mostly waits for pauses and for the other side. */
const AT_ONCE = SEED === undefined ? 16 : 1;

async function holds(given: History): Promise<void> {
  await using world = new World(given);
  for (const step of given.steps) await world.step(step);
  await world.finish();
}

async function check(): Promise<void> {
  await fc.assert(fc.asyncProperty(history, holds), {
    numRuns: Math.ceil(RUNS / AT_ONCE),
    // To make it smaller takes minutes: done where one is looked into.
    endOnFailure: SEED === undefined,
    ...(SEED !== undefined && { seed: Number(SEED) }),
    ...(PATH !== undefined && { path: PATH }),
  });
}

Deno.test("Whatever is done to list, selection and process: who is in the list when a run says done has a state, and nobody got two mails", async () => {
  const all = await Promise.allSettled(Array.from({ length: AT_ONCE }, check));
  for (const one of all) if (one.status === "rejected") throw one.reason;
});
