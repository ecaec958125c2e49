import assert from "node:assert/strict";
import { DROP, RuleServer } from "./relays.ts";
import { addresses, Pipeline, sorted, statesOf } from "./pipeline.ts";
import { relayAt } from "../smtp/fixtures.ts";

Deno.test("Consumers send every job once, on all their connections", async () => {
  await using server = new RuleServer();
  const pipeline = new Pipeline({ count: 200, slots: 5, relays: [server.port] });
  assert.ok(await pipeline.run());
  assert.deepEqual(sorted(server.accepted), sorted(addresses(200)));
  assert.equal(server.connections, 5);
});

Deno.test("Consumers try one mail alone until the relay has judged one, then all connections", async () => {
  let judged = false;
  let alone = true;
  await using server = new RuleServer({
    rcpt: ({ server }) => {
      if (!judged && (server.open > 1 || server.named.length > 1)) alone = false;
      return undefined;
    },
    body: async () => {
      if (!judged) await new Promise((resolve) => setTimeout(resolve, 60));
      judged = true;
      return undefined;
    },
  });
  const pipeline = new Pipeline({ count: 60, slots: 6, relays: [server.port] });
  assert.ok(await pipeline.run());
  assert.ok(alone);
  assert.equal(server.mostOpen, 6);
});

Deno.test("One mail is tried when the relay refuses us at MAIL, and nobody fails", async () => {
  await using server = new RuleServer({ mail: () => "550 5.7.26 unauthenticated" });
  const pipeline = new Pipeline({ count: 50, slots: 10, relays: [server.port] });
  assert.equal(await pipeline.run(), false);
  assert.equal(server.mails, 1);
  assert.deepEqual(statesOf(pipeline), {});
  assert.match(pipeline.stop.reason!.reason, /refuses us: MAIL was refused: 550 5.7.26/);
});

Deno.test("A relay that refuses us later, on all connections at once, fails nobody", async () => {
  await using server = new RuleServer({
    mail: ({ server }) => server.accepted.length >= 20 ? "550 5.7.1 blocked" : undefined,
  });
  const pipeline = new Pipeline({ count: 200, slots: 5, relays: [server.port] });
  await pipeline.run();
  assert.deepEqual(Object.keys(statesOf(pipeline)), ["sent"]);
  assert.equal(pipeline.givenUp.length, 1, "said once");
});

Deno.test("Twenty refusals in a row that may be about us end the run with the relay's own words, and nobody failed", async () => {
  await using server = new RuleServer({ rcpt: () => "554 5.7.1 Relay access denied" });
  const pipeline = new Pipeline({ count: 50, slots: 4, relays: [server.port] });
  await pipeline.run();
  assert.deepEqual(statesOf(pipeline), {});
  assert.equal(new Set(server.named).size, 20, "on trial it is one after another");
  const { reason, hint } = pipeline.stop.reason!;
  assert.match(
    reason,
    /refused 20 recipients one after another and accepted none: 554 5\.7\.1 Relay access denied$/,
  );
  assert.match(hint!, /5\.7\.1: RFC 3463, 3\.8: .*user, password, allowed networks/);
});

Deno.test("Refusals that may be about us are the recipients' own if others are accepted", async () => {
  await using server = new RuleServer({
    rcpt: ({ recipient }) => /[05]@/.test(recipient!) ? undefined : "554 5.7.1 no",
  });
  const pipeline = new Pipeline({ count: 50, relays: [server.port] });
  assert.ok(await pipeline.run());
  assert.deepEqual(statesOf(pipeline), { failed: 40, sent: 10 });
});

Deno.test("Consumers settle on the connections a relay takes, without dialling on and on", async () => {
  await using server = new RuleServer({
    greeting: ({ server }) => server.open > 3 ? "421 4.7.0 Too many connections" : undefined,
    body: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return undefined;
    },
  });
  const pipeline = new Pipeline({ count: 150, slots: 10, relays: [server.port] });
  assert.ok(await pipeline.run());
  assert.equal(server.accepted.length, 150);
  assert.equal(pipeline.controllers[0]!.allowed, 3);
  assert.ok(server.connections <= 13, `${server.connections} connections for 3 allowed`);
});

Deno.test("A connection that is one too many is given back, also by a consumer that waits", async () => {
  // The only permitted session stays with its consumer, and the others do not try to connect.
  await using server = new RuleServer({
    greeting: ({ server }) => server.open > 1 ? "421 one only" : undefined,
  });
  const pipeline = new Pipeline({
    count: 40,
    slots: 4,
    relays: [server.port],
    consumption: { maxPerConnection: 5 },
  });
  assert.ok(await pipeline.run());
  assert.equal(server.accepted.length, 40);
  assert.ok(server.connections <= 8 + 6, `${server.connections} connections for 8 sessions`);
});

Deno.test("A relay that drops every connection is left alone with growing pauses", async () => {
  await using server = new RuleServer({ mail: () => DROP });
  const pipeline = new Pipeline({ count: 100, slots: 5, relays: [server.port] });
  const running = pipeline.run();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  pipeline.stop.request("signal", "enough");
  await running;
  assert.ok(server.connections >= 2 && server.connections <= 6, `${server.connections} tries`);
  assert.deepEqual(statesOf(pipeline), {});
});

Deno.test("A mail that breaks connections comes back after longer and longer pauses, and the others are sent", async () => {
  await using server = new RuleServer({
    rcpt: ({ recipient }) => recipient === "r3@x.test" ? DROP : undefined,
  });
  const pipeline = new Pipeline({ count: 400, slots: 2, relays: [server.port] });
  const running = pipeline.run();
  while (pipeline.ends.size < 399) await new Promise((resolve) => setTimeout(resolve, 5));
  const tries = server.named.filter((address) => address === "r3@x.test").length;
  pipeline.stop.request("signal", "enough");
  await running;
  assert.ok(tries <= 8, `${tries} tries`);
  assert.equal(new Set(server.accepted).size, 399);
});

Deno.test("A relay that closes a connection after some mails is taken at its word", async () => {
  await using server = new RuleServer({
    mail: ({ mailsBefore }) => mailsBefore >= 10 ? "421 4.4.2 that will do" : undefined,
  });
  const pipeline = new Pipeline({ count: 200, relays: [server.port] });
  assert.ok(await pipeline.run());
  assert.equal(pipeline.controllers[0]!.connectionLimits.mailsPerSession, 10);
  assert.equal(server.mails, 202, "it was told twice, and followed that");
  assert.equal(pipeline.controllers[0]!.ratePerSecond, undefined, "which is no limit of rate");
});

Deno.test("A rate slower than the server's patience with idle connections gets every mail out", async () => {
  await using server = new RuleServer({ idleMs: 60 });
  const pipeline = new Pipeline({ count: 8, slots: 2, relays: [server.port], perSecond: 6 });
  assert.ok(await pipeline.run());
  assert.deepEqual(sorted(server.accepted), sorted(addresses(8)));
  const again = pipeline.told.filter((told) => told.endsWith("deferred"));
  assert.ok(again.length <= 4, `nearly each goes out at its first place: ${again.join(", ")}`);
});

Deno.test("A relay that is busy is left alone for a moment, gets fewer mails a second, and then all of them", async () => {
  let busyUntil = Infinity;
  await using server = new RuleServer({
    mail: ({ server }) => {
      if (server.accepted.length <= 30) return undefined;
      if (busyUntil === Infinity) busyUntil = performance.now() + 200;
      return performance.now() < busyUntil ? "451 4.3.2 slow down" : undefined;
    },
  });
  const pipeline = new Pipeline({ count: 60, slots: 3, relays: [server.port] });
  const running = pipeline.run();
  while (pipeline.controllers[0]!.ratePerSecond === undefined && pipeline.ends.size < 60) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.ok(pipeline.controllers[0]!.ratePerSecond! > 0.2, "not at the bottom at once");
  assert.ok(await running);
  assert.deepEqual(sorted(server.accepted), sorted(addresses(60)));
  assert.equal(pipeline.controllers[0]!.allowed, 3);
});

Deno.test("Temporarily refused mails come back and are sent; endless refusals fail after their tries", async () => {
  const seen = new Map<string, number>();
  await using server = new RuleServer({
    rcpt: ({ recipient }) => {
      const tries = (seen.get(recipient!) ?? 0) + 1;
      seen.set(recipient!, tries);
      return recipient === "r7@x.test" || tries === 1 ? "450 4.2.0 later" : undefined;
    },
  });
  const pipeline = new Pipeline({
    count: 20,
    relays: [server.port],
    consumption: { policy: { retries: 2, retryForMs: 60_000, firstRetryMs: 5 } },
  });
  assert.ok(await pipeline.run());
  assert.deepEqual(statesOf(pipeline), { failed: 1, sent: 19 });
  assert.equal(seen.get("r7@x.test"), 3);
});

Deno.test("A relay that is given up leaves its jobs to the others, and is not dialled any more", async () => {
  await using bad = new RuleServer({
    mail: ({ server }) => server.accepted.length >= 5 ? "530 5.7.0 login first" : undefined,
  });
  await using good = new RuleServer();
  const pipeline = new Pipeline({ count: 120, slots: 3, relays: [bad.port, good.port] });
  assert.ok(await pipeline.run());
  assert.equal(bad.accepted.length + good.accepted.length, 120);
  assert.equal(pipeline.stop.reason, undefined);
  assert.ok(bad.connections <= 3);
});

Deno.test("A relay that does not answer is given up after three tries", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const pipeline = new Pipeline({ count: 10, slots: 5, relays: [relayAt(port)] });
  assert.equal(await pipeline.run(), false);
  assert.match(pipeline.stop.reason!.reason, /^Cannot connect to 127.0.0.1/);
  assert.match(pipeline.stop.reason!.hint!, /host and port/);
  assert.equal(pipeline.news.length, 2);
});
