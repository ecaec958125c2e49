import assert from "node:assert/strict";
import type { Mail } from "../../src/model/mail.ts";
import type { ConsumerContext } from "../../src/pipeline/consumer/consumer.ts";
import { FakeTime } from "../support/fake_time.ts";
import { until } from "../support/until.ts";
import { advanceUntil, COMPOSER, ConsumerBench } from "./consumers.ts";
import { jobNumber } from "./controller_bench.ts";
import { RuleServer } from "./relays.ts";

/** On which connection each mail came. */
const connectionsOf = (server: RuleServer) => server.bodies.map(({ connection }) => connection);

for (
  const [what, maxPerConnection, connections] of [
    ["as many mails as the user allows", 3, [0, 0, 0, 1, 1, 1, 2]],
    ["all mails where the user sets no limit", 0, [0, 0, 0, 0, 0, 0, 0]],
  ] as const
) {
  Deno.test(`Consumer sends ${what} on one connection`, async () => {
    await using server = new RuleServer();
    const bench = new ConsumerBench(server.port, { consumption: { maxPerConnection } });
    await bench.send(1, 2, 3, 4, 5, 6, 7);
    assert.deepEqual(connectionsOf(server), connections);
    await until("each connection is ended in order", () => server.open === 0);
    assert.equal(server.quits, server.connections);
  });
}

for (
  const [what, happens] of [
    [
      "PIPELINING is not to be used any more",
      ({ controller }) => controller.connectionLimits.suspectPipelining(),
    ],
    ["the relay was seen to carry one mail a connection", ({ controller }) => {
      for (let time = 0; time < 2; time++) {
        controller.connectionLimits.dismissedAfter(1, { accepted: 1 } as never);
      }
    }],
  ] as readonly [string, (bench: ConsumerBench) => void][]
) {
  Deno.test(`Consumer opens a new connection once ${what}`, async () => {
    await using server = new RuleServer();
    const bench = new ConsumerBench(server.port);
    const run = bench.begin();
    await bench.give(1);
    happens(bench);
    await bench.give(2);
    await run.end();
    assert.deepEqual(connectionsOf(server), [0, 1]);
  });
}

Deno.test("Consumer uses a session no more that has refused MAIL after other mails, and tries that mail again", async () => {
  await using server = new RuleServer({
    mail: ({ mailsBefore }) => mailsBefore >= 2 ? "452 4.5.3 too many messages" : undefined,
  });
  const bench = new ConsumerBench(server.port);
  const run = bench.begin();
  for (const id of [1, 2, 3, 4]) await bench.give(id);
  await run.end();
  assert.deepEqual(bench.outcomes.map(({ state }) => state), ["sent", "sent", "deferred", "sent"]);
  assert.deepEqual(connectionsOf(server), [0, 0, 1]);
  assert.equal(bench.controller.ratePerSecond, undefined, "it is no limit of rate");
});

Deno.test("Consumer learns how many mails a connection carries that is closed without a word", async () => {
  await using server = new RuleServer({ closesAfter: 2 });
  const bench = new ConsumerBench(server.port);
  const run = bench.begin();
  for (const id of [1, 2, 3, 4]) {
    await bench.give(id);
    if (id % 2 === 0) await until("the connection is closed", () => server.open === 0);
  }
  await run.end();
  assert.equal(bench.controller.connectionLimits.mailsPerSession, 2);
});

Deno.test("Consumer sends one command at a time to a relay that never answers a pipelined group, and reports that", async () => {
  const silent = Promise.withResolvers<undefined>();
  let bodies = 0;
  await using server = new RuleServer({ body: () => (bodies++, silent.promise) });
  using time = new FakeTime();
  const bench = new ConsumerBench(server.port);
  bench.endTrial();
  const run = bench.begin();
  for (const id of [1, 2]) await bench.channel.send(jobNumber(id));
  while (bodies === 0) await time.settle();
  // Small steps: the connection is a real one, and must not be taken for one that does not come about.
  await advanceUntil(time, "both are settled", () => bench.settled.length >= 2, 1_000, 3_000);
  silent.resolve(undefined);
  await run.end();
  assert.deepEqual(bench.news, [
    "mx.test:25 does not answer pipelined commands; continuing one by one",
  ]);
  assert.equal(bench.controller.connectionLimits.lockStep, true);
});

Deno.test("Consumer tells the limits that a session has ended, and the relay controller that it is gone", async () => {
  await using server = new RuleServer();
  const bench = new ConsumerBench(server.port, { consumption: { maxPerConnection: 2 } });
  const said: string[] = [];
  const { controller } = bench;
  const [ended, leaving, disconnected] = [
    controller.connectionLimits.ended,
    controller.leaving,
    controller.disconnected,
  ];
  controller.connectionLimits.ended = (session) => {
    said.push(`ended ${session.number}: ${session.given}`);
    ended.call(controller.connectionLimits, session);
  };
  controller.leaving = () => {
    said.push("leaving");
    leaving.call(controller);
  };
  controller.disconnected = () => {
    said.push("disconnected");
    disconnected.call(controller);
  };
  await bench.send(1, 2, 3);
  const end = (session: string) => ["leaving", `ended ${session}`, "disconnected"];
  assert.deepEqual(said, [...end("1: 2"), ...end("2: 1")]);
});

Deno.test("Consumer closes a connection that has had no mail for five seconds, and opens another for the next", async () => {
  await using server = new RuleServer();
  using time = new FakeTime();
  const bench = new ConsumerBench(server.port);
  const run = bench.begin();
  await bench.give(1);
  await time.advance(4_900);
  assert.equal(server.open, 1);
  await time.advance(1_200);
  await advanceUntil(time, "it is closed", () => server.open === 0, 0);
  assert.equal(server.quits, 1);
  await bench.give(2);
  await run.end();
  assert.deepEqual(connectionsOf(server), [0, 1]);
  assert.equal(time.timers, 0, "no timer is left");
});

Deno.test("Consumer closes no connection on which a mail is under way, however slow the answer", async () => {
  const answer = Promise.withResolvers<undefined>();
  await using server = new RuleServer({
    body: ({ recipient }) => recipient === "r1@d1.test" ? answer.promise : undefined,
  });
  using time = new FakeTime();
  const bench = new ConsumerBench(server.port);
  const run = bench.begin();
  await bench.channel.send(jobNumber(1));
  await advanceUntil(time, "it is under way", () => server.bodies.length === 1);
  await time.advance(30_000);
  answer.resolve(undefined);
  await advanceUntil(time, "it is sent", () => bench.settled.length === 1, 0);
  await bench.channel.send(jobNumber(2));
  await advanceUntil(time, "the next one is sent", () => bench.settled.length === 2);
  await run.end();
  assert.deepEqual(connectionsOf(server), [0, 0]);
});

Deno.test("Consumer sends one mail after another on trial, without waiting between them", async () => {
  await using server = new RuleServer({ rcpt: () => "554 5.7.1 Denied" });
  using time = new FakeTime();
  const bench = new ConsumerBench(server.port);
  const run = bench.begin();
  for (const id of [1, 2, 3]) await bench.channel.send(jobNumber(id));
  await advanceUntil(time, "all three are tried", () => bench.settled.length === 3);
  assert.equal(bench.controller.admission.onTrial, true);
  await run.end();
});

Deno.test("Consumer has a mail composed as the server accepts it, and signs it if there is a signer", async () => {
  for (const offers of [["PIPELINING", "8BITMIME"], ["PIPELINING"]]) {
    await using server = new RuleServer({ offers });
    const asked: boolean[] = [];
    const composer = {
      compose: (
        ...[recipient, { eightBit }]: Parameters<ConsumerContext["composer"]["compose"]>
      ) => {
        asked.push(eightBit);
        return COMPOSER.compose(recipient, { eightBit });
      },
    } as ConsumerContext["composer"];
    const sign = (mail: Mail) =>
      Promise.resolve({
        ...mail,
        bytes: new TextEncoder().encode("DKIM-Signature: x\r\nSubject: x\r\n\r\nHello\r\n"),
      });
    const bench = new ConsumerBench(server.port, { consumption: { composer, signer: { sign } } });
    await bench.send(1);
    assert.deepEqual(asked, [offers.includes("8BITMIME")]);
    assert.match(server.bodies[0]!.text, /^DKIM-Signature: x/);
  }
});

Deno.test("Consumer ends with what the channel throws where the run does not stop, and in peace where it does", async () => {
  for (const stops of [false, true]) {
    await using server = new RuleServer();
    const bench = new ConsumerBench(server.port);
    const running = bench.consumer().run();
    await bench.give(1);
    if (stops) bench.stop.request("signal", "enough");
    else await bench.channel[Symbol.dispose]();
    const ended = await running.then(() => "in peace", () => "thrown");
    if (stops) assert.equal(ended, "in peace");
    await until("its connection is ended", () => server.open === 0);
    assert.equal(server.quits, 1);
  }
});
