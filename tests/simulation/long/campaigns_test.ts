import assert from "node:assert/strict";
import { simulateMany } from "../campaigns/many_seeds.ts";

/** SIMULATIONS sets the number of campaigns, SIMULATION_FROM the first seed. */
const SIMULATIONS = Number(Deno.env.get("SIMULATIONS") ?? 10_000);
const FROM = Number(Deno.env.get("SIMULATION_FROM") ?? 1);

Deno.test(`In ${SIMULATIONS} random campaigns, nobody is lost, mailed twice or wrongly failed`, async () => {
  const failed = await simulateMany(FROM, SIMULATIONS);
  assert.ok(failed.length === 0, failed.join("\n"));
});
