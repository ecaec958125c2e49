import assert from "node:assert/strict";
import fc from "fast-check";
import { listOf } from "./lists.ts";
import {
  after,
  between,
  breaks,
  type Habit,
  isDeliverable,
  REFUSED_EVERYWHERE,
  type RelayModel,
  when,
} from "./relay_model.ts";
import { inTurn } from "./campaigns/world/turns.ts";
import { Simulation } from "./simulation.ts";
import type { StopKind } from "../../src/model/stop_kind.ts";

/** Reasons to stop that a relay gives. */
const OF_A_RELAY: readonly StopKind[] = [
  "refused-by-relay",
  "relay-busy",
  "quota",
  "unreachable",
  "sender",
];

/** MIXES sets the number of runs; SIMULATION_SEED and SIMULATION_PATH, as printed, repeat one. */
const RUNS = Number(Deno.env.get("MIXES") ?? 20);
const SEED = Deno.env.get("SIMULATION_SEED");
const PATH = Deno.env.get("SIMULATION_PATH");

/** The replies of a relay that accepts nobody, or nobody any longer. */
const REFUSES_ALL = [
  "rcpt 550 5.4.5 Daily user sending limit exceeded",
  "body 550 5.4.5 Daily user sending limit exceeded",
  "rcpt 454 Throttling failure",
  "rcpt 550 5.7.1 <%>: not allowed",
  "rcpt 550 relay not permitted",
  "body 554 5.2.0 Cannot send as this sender",
  "rcpt 554 5.2.252 Send as denied",
  "rcpt 550 5.1.8 Sender blocked",
  "mail 550 5.7.1 Sender not allowed",
  "mail 451 4.7.0 Come later",
  "rcpt 450 4.1.8 Sender unknown",
  "rcpt 451 4.3.2 Not now",
  "mail 421 4.7.0 Too busy",
] as const;

const QUOTAS = REFUSES_ALL.filter((says) => says.includes(" 550 5.4.5 "));
const OUTAGES = REFUSES_ALL.filter((says) => / 4\d\d /.test(says));

/** Longer than any outage below. */
const PATIENCE = { patienceMs: 600_000 };

interface Fault {
  readonly habits: readonly Habit[];
  /** It passes before a run loses patience. */
  readonly passes: boolean;
  /** How many mails it accepts in all. */
  readonly takes: number;
  readonly label: string;
}

const HEALTHY: Fault = { habits: [], passes: true, takes: Infinity, label: "healthy" };

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constant(HEALTHY),
  fc.tuple(fc.nat(120), fc.constantFrom(...REFUSES_ALL)).map(([mails, says]) => ({
    habits: [after(mails, says)],
    passes: false,
    takes: mails,
    label: `after ${mails}: ${says}`,
  })),
  fc.constantFrom(...REFUSES_ALL).map((says) => ({
    habits: [when(() => true, says)],
    passes: false,
    takes: 0,
    label: `always: ${says}`,
  })),
  fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 250_000 }), fc.constantFrom(...OUTAGES))
    .map(([from, ms, says]) => ({
      habits: [between(from, from + ms, says)],
      passes: true,
      takes: Infinity,
      label: `${from} to ${from + ms} ms: ${says}`,
    })),
  fc.tuple(
    fc.integer({ min: 10, max: 2_000 }),
    fc.integer({ min: 1, max: 90 }),
    fc.constantFrom(...QUOTAS),
  ).map(([period, percent, says]) => ({
    habits: [when(({ at }) => at % period < period * percent / 100, says)],
    passes: true,
    takes: Infinity,
    label: `${percent} % of ${period} ms: ${says}`,
  })),
  fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 100_000 })).map(([from, ms]) => ({
    habits: [breaks(from, from + ms)],
    passes: true,
    takes: Infinity,
    label: `${from} to ${from + ms} ms: breaks`,
  })),
);

/** Few bad recipients in a row, so that the good ones between them show whose fault a refusal is. */
const part = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 }).map((count) => `${count} good`) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }).map((count) => `${count} gone`) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom("plain", "suppressed", "rejected"),
      fc.constantFrom("", "@one.test"),
    ).map(([count, kind, domain]) => `${count} ${kind}${domain}, 5 good`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("sick", "locked", "full").map((kind) => `1 ${kind}, 3 good`),
  },
);

const mix = fc.record({
  parts: fc.array(part, { minLength: 1, maxLength: 10 }),
  faults: fc.oneof(
    fault.map((one) => [one]),
    fault.map((one) => [HEALTHY, one]),
  ),
  slots: fc.integer({ min: 1, max: 8 }),
  window: fc.integer({ min: 1, max: 16 }),
  roundTripMs: fc.integer({ min: 1, max: 100 }),
  policy: fc.record({
    retries: fc.oneof(fc.constant(5), fc.nat(5)),
    firstRetryMs: fc.constantFrom(5_000, 10),
  }),
  seed: fc.nat(),
});

function relaysOf(faults: readonly Fault[]): RelayModel[] {
  return faults.map(({ habits, label }, index) => ({
    name: `relay${index}:25 (${label})`,
    habits: [...habits, ...REFUSED_EVERYWHERE],
  }));
}

function holds(
  { parts, faults, seed, policy, ...rest }: typeof mix extends fc.Arbitrary<infer T> ? T : never,
) {
  // Few retries in a short time do not outlast an outage that says 450, so only healthy relays get them.
  const way = faults.every((one) => one === HEALTHY) ? { ...rest, policy } : rest;
  const addresses = listOf([...parts, "4 good"].join(", "));
  const good = addresses.filter(isDeliverable).length;
  const all = { sent: good, failed: addresses.length - good };
  // Three mailboxes that answer 452 with no accepted mail between them look like a relay that answers so.
  fc.pre(parts.filter((part) => /sick|locked/.test(part)).length <= 2);
  // The last refusals of a run count as the recipients' own. A limit that leaves out only the last one or two looks the same,
  // unless its code says what it is.
  const left = good - faults.reduce((sum, { takes }) => sum + takes, 0);
  fc.pre(left <= 0 || left > 2);
  using simulation = new Simulation(addresses, seed);
  const { stopped, news } = simulation.run({ ...way, ...PATIENCE, relays: relaysOf(faults) });
  // A run may stop although the fault would pass: that harms nobody. A run that finishes must have left nobody out.
  if (stopped === undefined && faults.every(({ passes }) => passes)) {
    assert.equal(simulation.counts["sent"], good, JSON.stringify({ news }));
    const healthy = faults.every((one) => one === HEALTHY);
    if (healthy || faults.length === 1) {
      assert.deepEqual({ failed: 0, ...simulation.counts }, all, JSON.stringify({ news }));
    }
  }
  if (stopped !== undefined) assert.ok(OF_A_RELAY.includes(stopped.kind), stopped.reason);
  // The next runs, through a healthy relay, send what is left: a run that stops at recipients set aside is followed by one that
  // starts with others of them.
  let again = stopped;
  for (let run = 0; run < 8 && (simulation.counts["sent"] ?? 0) < good; run++) {
    again = simulation.run({ ...way, ...PATIENCE, relays: relaysOf([HEALTHY]) }).stopped;
  }
  assert.equal(simulation.counts["sent"] ?? 0, good, JSON.stringify({ stopped, again }));
}

Deno.test("With random lists and relay faults, nobody is lost, mailed twice or wrongly failed", async () => {
  await fc.assert(fc.asyncProperty(mix, (one) => inTurn(() => holds(one))), {
    numRuns: RUNS,
    endOnFailure: SEED === undefined,
    ...(SEED !== undefined && { seed: Number(SEED) }),
    ...(PATH !== undefined && { path: PATH }),
  });
});
