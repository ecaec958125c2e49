import assert from "node:assert/strict";
import { Rates, type Reloaded } from "../../src/campaign/relays/rates.ts";
import { RelayController } from "../../src/pipeline/relay/relay_controller.ts";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import { RunSuspicions } from "../../src/policy/health/run_suspicions.ts";
import { Stop } from "../../src/model/stop.ts";
import type { Reporter } from "../../src/report/reporter.ts";
import { type Rate, type Relay, Secret } from "../../src/model/relay.ts";
import { relayAt } from "../smtp/fixtures.ts";

const HOURLY: Rate = { count: 60, perMs: 3_600_000 };
const FAST: Rate = { count: 1_000, perMs: 1_000 };

const relay = (name: string, rate?: Rate, user?: string): Relay => ({
  ...relayAt(25),
  name,
  rate,
  auth: user === undefined ? undefined : { user, password: new Secret("x"), mechanism: undefined },
});

/** A run over relays whose controllers send nothing; what is reported, and the limits they get. */
function running(rate: Rate | undefined, relays: readonly Relay[]) {
  const told: string[] = [];
  const limits: string[] = [];
  const pacer = new Pacer();
  const stop = new Stop();
  const controllers = relays.map((relay) =>
    Object.assign(
      new RelayController(relay, 1, {
        stop,
        pacer,
        onGivenUp() {},
        onNews() {},
        suspicion: new RunSuspicions().ofRelay(),
        patienceMs: 1,
        hadTaken: false,
      }),
      { limit: (rate: Rate | undefined) => limits.push(`${relay.name} ${rate?.count}`) },
    )
  );
  const reporter = { info: (message) => void told.push(message) } as Partial<Reporter> as Reporter;
  const rates = new Rates(rate, pacer, controllers, reporter);
  return {
    pacer,
    /** What a reload reports, and the limits that it sets. */
    at(news: Reloaded) {
      rates.apply(news);
      return { told: told.splice(0), limits: limits.splice(0) };
    },
  };
}

Deno.test("Rates.apply() reports the run's rate if it changed, and no other", () => {
  const relays = [relay("a:25"), relay("b:25", HOURLY)];
  const run = running(HOURLY, relays);
  assert.deepEqual(run.at({ rate: FAST, relays }), {
    told: ["Rate is now 1,000/s"],
    limits: [],
  });
  assert.equal(run.pacer.limited, true);
  assert.deepEqual(run.at({ rate: undefined, relays }).told, ["Rate is now unlimited"]);
  assert.equal(run.pacer.limited, false);
});

Deno.test("Rates.apply() gives a relay the rate of its URL, and says which relay", () => {
  const run = running(undefined, [relay("a:25"), relay("b:25", HOURLY)]);
  assert.deepEqual(
    run.at({ rate: undefined, relays: [relay("b:25", FAST), relay("a:25", HOURLY)] }),
    {
      told: ["Rate of a:25 is now 60/h", "Rate of b:25 is now 1,000/s"],
      limits: ["a:25 60", "b:25 1000"],
    },
  );
  assert.deepEqual(run.at({ rate: undefined, relays: [relay("b:25"), relay("a:25", HOURLY)] }), {
    told: ["Rate of b:25 is now unlimited"],
    limits: ["b:25 undefined"],
  });
});

Deno.test("Rates.apply() says that no rate has changed if none has, whatever else did", () => {
  const run = running(HOURLY, [relay("a:25", HOURLY)]);
  for (
    const relays of [
      [relay("a:25", HOURLY)],
      [relay("a:25", HOURLY), relay("new:25", FAST)],
      [relay("another:25", FAST)],
    ]
  ) {
    assert.deepEqual(run.at({ rate: { ...HOURLY }, relays }), {
      told: ["Campaign file read again: no rate has changed"],
      limits: [],
    });
  }
});

Deno.test("Rates.apply() tells relays of one server apart by user, and by order if the user is the same", () => {
  const run = running(undefined, [
    relay("a:25", undefined, "ann"),
    relay("a:25", undefined, "bob"),
    relay("a:25", HOURLY, "bob"),
  ]);
  const swapped = [
    relay("a:25", HOURLY, "bob"),
    relay("a:25", HOURLY, "bob"),
    relay("a:25", undefined, "ann"),
  ];
  assert.deepEqual(run.at({ rate: undefined, relays: swapped }).limits, ["a:25 60"]);
});
