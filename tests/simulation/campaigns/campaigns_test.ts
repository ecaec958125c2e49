import assert from "node:assert/strict";
import { simulateMany } from "./many_seeds.ts";
import { keepFailed, knownSeeds, simulate } from "./seeds.ts";

// Whole campaigns, from `runCampaign()` on, in a world of simulated time, disks, links and relays.

/** SIMULATIONS sets the number of campaigns, SIMULATION_FROM the first seed; SIMULATION_SEED, as printed, repeats one. */
const SIMULATIONS = Number(Deno.env.get("SIMULATIONS") ?? 150);
const FROM = Number(Deno.env.get("SIMULATION_FROM") ?? 1);
const SEED = Deno.env.get("SIMULATION_SEED");

const REPEATED_SEEDS = 10;

Deno.test({
  name: "The campaign of SIMULATION_SEED keeps all promises",
  ignore: SEED === undefined,
  async fn() {
    const { failure, lines } = await simulate(Number(SEED), true);
    const history = lines.join("\n");
    if (failure !== undefined) assert.fail(`${history}\n${failure}`);
    await Deno.stderr.write(new TextEncoder().encode(`${history}\n`));
  },
});

Deno.test({
  name: "Campaigns that once broke a promise keep all of them",
  ignore: SEED !== undefined,
  async fn() {
    for (const seed of await knownSeeds()) {
      const result = await simulate(seed);
      if (result.failure !== undefined) assert.fail(await keepFailed(result));
    }
  },
});

Deno.test({
  name: "The same seed gives the same history",
  ignore: SEED !== undefined,
  async fn() {
    for (let seed = FROM; seed < FROM + REPEATED_SEEDS; seed++) {
      const [one, another] = [await simulate(seed, true), await simulate(seed, true)];
      assert.deepEqual(another.lines, one.lines);
      assert.equal(another.fingerprint, one.fingerprint);
      assert.notEqual(one.fingerprint, (await simulate(seed + 1)).fingerprint);
    }
  },
});

Deno.test({
  name: `In ${SIMULATIONS} random campaigns, nobody is lost, mailed twice or wrongly failed`,
  ignore: SEED !== undefined,
  async fn() {
    const failed = await simulateMany(FROM, SIMULATIONS);
    assert.ok(failed.length === 0, failed.join("\n"));
  },
});
