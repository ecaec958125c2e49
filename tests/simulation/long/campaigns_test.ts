import assert from "node:assert/strict";
import { simulateMany } from "../campaigns/many_seeds.ts";

/** SIMULATIONS for more or fewer, SIMULATION_FROM for others. */
const SIMULATIONS = Number(Deno.env.get("SIMULATIONS") ?? 10_000);
const FROM = Number(Deno.env.get("SIMULATION_FROM") ?? 1);

Deno.test(`${SIMULATIONS} campaigns, whatever befalls them: nobody is lost, mailed twice, or failed for what is not theirs`, async () => {
  const failed = await simulateMany(FROM, SIMULATIONS);
  assert.ok(failed.length === 0, failed.join("\n"));
});
