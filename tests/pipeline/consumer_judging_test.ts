import assert from "node:assert/strict";
import { newSession } from "../../src/pipeline/consumer/connection_slot.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import { now } from "../../src/time/steady_time.ts";
import { FakeTime } from "../support/fake_time.ts";
import { ConsumerBench, type ConsumerOptions } from "./consumers.ts";
import { jobNumber, placeOf } from "./controller_bench.ts";
import { DROP, RuleServer } from "./relays.ts";

const HOUR = 3_600_000;

/** For how long an outcome defers, from now on. */
function pauseOf(outcome: Outcome | undefined): number {
  assert.equal(outcome?.state, "deferred");
  return outcome!.state === "deferred" ? outcome!.notBefore - now() : NaN;
}

/** "deferred counted: RCPT was put off: 450 4.2.0 later". */
function told(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "nothing";
  const counted = outcome.state !== "deferred" ? "" : outcome.counted ? " counted" : " uncounted";
  return `${outcome.state}${counted}${"reason" in outcome ? `: ${outcome.reason}` : ""}`;
}

Deno.test("Consumer counts the time for retries from the recipient's first try, and its tries", async () => {
  const putOff = "RCPT was put off: 450 4.2.0 later";
  const cases = [
    [{ attempt: 2, firstTriedAt: 2 * HOUR }, `failed: ${putOff} (given up: the time`],
    [{ attempt: 2, firstTriedAt: HOUR / 2 }, `deferred counted: ${putOff}`],
    [{ attempt: 1, firstTriedAt: undefined }, `deferred counted: ${putOff}`],
    [{ attempt: 4, firstTriedAt: 0 }, `failed: ${putOff} (given up after 4 tries)`],
  ] as const;
  for (const [{ attempt, firstTriedAt }, expected] of cases) {
    await using server = new RuleServer({ rcpt: () => "450 4.2.0 later" });
    using _ = new FakeTime();
    const bench = new ConsumerBench(server.port, { hadTaken: true });
    const before = firstTriedAt === undefined ? undefined : now() - firstTriedAt;
    const [outcome] = await bench.send({ attempt, firstTriedAt: before });
    assert.ok(told(outcome).startsWith(expected), told(outcome));
  }
});

Deno.test("Consumer has a mail wait for longer, the more often in a row connections broke under it", async () => {
  for (const [losses, pauseMs] of [[0, 500], [1, 1_000], [4, 8_000]] as const) {
    await using server = new RuleServer({ rcpt: () => DROP });
    using _ = new FakeTime({ random: 0.5 });
    const bench = new ConsumerBench(server.port, { losses: new Map([[1, losses]]) });
    const [outcome] = await bench.send(1);
    assert.equal(pauseOf(outcome), pauseMs);
    assert.deepEqual([...bench.losses], [[1, losses + 1]]);
  }
});

Deno.test("Consumer forgets the connections that broke under a mail as soon as it is answered", async () => {
  for (const answer of [undefined, "450 4.2.0 later", "550 5.1.1 who?"]) {
    await using server = new RuleServer({ rcpt: () => answer });
    const bench = new ConsumerBench(server.port, { losses: new Map([[1, 3], [2, 5]]) });
    await bench.send(1);
    assert.deepEqual([...bench.losses], [[2, 5]], answer ?? "taken");
  }
});

for (
  const [what, taken, later, throttles] of [
    ["new mail was accepted", undefined, undefined, true],
    ["a mail was accepted whose recipient had waited as long", -60_000, -60_000, true],
    // It may be greylisting, which concerns only the recipients.
    ["a mail was accepted whose recipient had waited", -60_000, undefined, false],
  ] as const
) {
  Deno.test(`Consumer ${throttles ? "blames" : "does not blame"} its own pace for deferrals after ${what}, and counts ${throttles ? "no try" : "each"}`, async () => {
    await using server = new RuleServer({
      rcpt: ({ server }) => server.accepted.length > 0 ? "450 4.7.1 Try again" : undefined,
    });
    using _ = new FakeTime();
    const bench = new ConsumerBench(server.port);
    const since = (ms: number | undefined) => ({ firstTriedAt: ms && now() + ms });
    const putOff = [2, 3, 4, 5, 6, 7, 8, 9].map((id) => ({ ...jobNumber(id), ...since(later) }));
    const outcomes = await bench.send(since(taken), ...putOff);
    const counted = outcomes.filter((one) => one.state === "deferred" && one.counted).length;
    // The eighth decides it.
    assert.equal(counted, throttles ? 7 : 8);
    assert.equal(bench.controller.ratePerSecond !== undefined, throttles);
  });
}

Deno.test("Consumer records, counts and reports the outcome of each mail, with relay and recipient", async () => {
  await using server = new RuleServer({
    rcpt: ({ recipient }) => recipient === "r2@d2.test" ? "550 5.1.1 who?" : undefined,
  });
  const bench = new ConsumerBench(server.port);
  const outcomes = await bench.send(1, 2);
  const dispatch = (id: number) => ({ id, relay: "mx.test:25", messageId: `<${id}@a.test>` });
  // "Subject: 1", a blank line and "Hello", each with CRLF.
  const size = 21;
  assert.deepEqual(bench.handedOver, [{ ...dispatch(1), size, attachments: undefined }]);
  assert.deepEqual(bench.settled.map(({ outcome: _, ...rest }) => rest), [1, 2].map(dispatch));
  assert.deepEqual(bench.settled.map(({ outcome }) => outcome), outcomes);
  assert.deepEqual(bench.told, [
    {
      line: 1,
      address: "r1@d1.test",
      relay: "mx.test:25",
      state: "sent",
      detail: "250 2.0.0 queued",
    },
    {
      line: 2,
      address: "r2@d2.test",
      relay: "mx.test:25",
      state: "failed",
      detail: "RCPT was refused: 550 5.1.1 who?",
    },
  ]);
  assert.deepEqual(bench.underWay, [1, -1, 1, -1]);
});

Deno.test("Consumer settles nothing where the ledger could not note that a mail is handed over", async () => {
  for (const isLedger of [true, false]) {
    await using server = new RuleServer();
    const bench = new ConsumerBench(server.port);
    const failure = isLedger ? new Error("disk full") : undefined;
    Object.assign(bench.shared.recorder, {
      handOver: () => {
        Object.assign(bench.shared.recorder, { failure });
        return Promise.reject(new Error("disk full"));
      },
    });
    const sending = bench.send(1);
    if (isLedger) assert.deepEqual(await sending, []);
    else await assert.rejects(sending, /disk full/);
    assert.equal(bench.stop.reason?.reason.slice(0, 14), isLedger ? undefined : "Internal error");
    assert.deepEqual([server.accepted, bench.underWay], [[], [1, -1]]);
  }
});

Deno.test("Consumer gives up a relay that refuses us, with the reply and a hint", async () => {
  await using server = new RuleServer({ mail: () => "550 5.7.26 unauthenticated" });
  const bench = new ConsumerBench(server.port);
  const [outcome] = await bench.send(1);
  const reason = "MAIL was refused: 550 5.7.26 unauthenticated";
  assert.equal(told(outcome), `deferred uncounted: ${reason}`);
  assert.equal(bench.givenUp[0]?.reason, `mx.test:25 refuses us: ${reason}`);
  assert.match(bench.givenUp[0]!.hint, /SPF, DKIM and DMARC/);
});

interface Untried {
  readonly what: string;
  readonly options?: ConsumerOptions;
  readonly before?: (bench: ConsumerBench) => void;
  readonly pauseMs: number;
  readonly reason: string;
}

const DENIED = "rcpt 554 5.7.1 Relay access denied";

/** Two of this recipient's domain were refused. */
function refusesDomain(bench: ConsumerBench): void {
  for (const id of [11, 12]) {
    const place = placeOf(newSession(1, { chunking: false, pipelining: true }));
    const { recipient } = jobNumber(id);
    const job = { ...jobNumber(id), recipient: { ...recipient, address: `r${id}@d1.test` } };
    const reply = { code: 554, enhanced: "5.7.1", text: "Denied", lines: ["Denied"] };
    const attempt = { kind: "refused", stage: "rcpt", reply } as const;
    bench.controller.refusals.hear(attempt, job, place).blame(reply);
  }
}

/** This recipient was refused here, and another relay accepts mail. */
function refusesHere(bench: ConsumerBench): void {
  bench.suspicions.ofRelay().took({ session: 1, sentAt: 0 });
  bench.refuses(1, DENIED, placeOf(newSession(1, { chunking: false, pipelining: true })));
}

for (
  const { what, before, pauseMs, reason } of [
    {
      what: "others of the domain were refused",
      before: refusesDomain,
      pauseMs: SET_ASIDE,
      reason: "Set aside: others of this domain were refused",
    },
    {
      what: "another relay is to be asked first",
      before: refusesHere,
      pauseMs: 500,
      reason: "Left to another relay: refused here",
    },
  ] as const satisfies readonly Untried[]
) {
  Deno.test(`Consumer gives a job back untried where ${what}`, async () => {
    await using server = new RuleServer();
    using _ = new FakeTime();
    const bench = new ConsumerBench(server.port);
    before(bench);
    const notBefore = pauseMs === SET_ASIDE ? SET_ASIDE : now() + pauseMs;
    const outcomes = await bench.send(1);
    assert.deepEqual(outcomes, [{ state: "deferred", counted: false, notBefore, reason }]);
    assert.deepEqual([server.connections, bench.underWay], [0, []]);
  });
}

Deno.test("Consumer returns a job that waits for its turn untried when the relay is given up, and keeps it when the run stops", async () => {
  for (const stops of [false, true]) {
    await using server = new RuleServer();
    using time = new FakeTime();
    const bench = new ConsumerBench(server.port, {
      relay: { rate: { count: 1, perMs: HOUR } },
    });
    const run = bench.begin();
    await bench.give(1);
    await bench.channel.send(jobNumber(2));
    await time.advance(1_000);
    if (stops) bench.stop.request("signal", "enough");
    else bench.controller.giveUp({ kind: "refused-by-relay", reason: "it refuses us", hint: "" });
    const notBefore = now();
    assert.equal(await run.end().catch(() => "stopped"), stops ? "stopped" : false);
    const untried = {
      state: "deferred",
      counted: false,
      notBefore,
      reason: "No connection to the relay",
    };
    assert.deepEqual(bench.outcomes.slice(1), stops ? [] : [untried]);
    assert.deepEqual(server.named, ["r1@d1.test"]);
  }
});
