import assert from "node:assert/strict";
import { Pipeline } from "./pipeline.ts";
import { RuleServer } from "./relays.ts";

for (
  const [name, reply] of [
    ["a 4yz", "451 4.7.1 too many messages on this connection"],
    ["452", "452 4.5.3 too many messages"],
    ["550", "550 5.5.0 too many messages on this connection"],
    ["503", "503 5.5.1 limit of messages reached"],
  ] as const
) {
  Deno.test(`A limit of mails per connection that is announced by ${name} at MAIL is learnt: all are sent, no rate is lowered, nobody is refused`, async () => {
    await using server = new RuleServer({
      mail: ({ mailsBefore }) => mailsBefore >= 10 ? reply : undefined,
    });
    const pipeline = new Pipeline({ count: 300, slots: 2, relays: [server.port] });
    assert.ok(await pipeline.run());
    assert.equal(server.accepted.length, 300);
    assert.equal(pipeline.controllers[0]!.ratePerSecond, undefined);
    assert.equal(pipeline.controllers[0]!.connectionLimits.mailsPerSession, 10);
    assert.equal(pipeline.stop.reason, undefined);
    // Each learns it once or twice, with the mails then in flight; no one is refused for the rest of the run.
    const again = pipeline.told.filter((told) => told.endsWith("deferred")).length;
    assert.ok(again <= 20, `${again} put off`);
  });
}

Deno.test("A limit of mails per connection counts deferred ones: MAIL refused after one of them is not a refusal of us", async () => {
  const seen = new Set<string>();
  await using server = new RuleServer({
    mail: ({ mailsBefore }) => mailsBefore >= 1 ? "503 5.5.1 limit of messages reached" : undefined,
    body: ({ recipient }) => {
      const first = seen.size < seen.add(recipient!).size;
      return first ? "451 4.3.0 filter busy" : undefined;
    },
  });
  const pipeline = new Pipeline({ count: 12, relays: [server.port] });
  assert.ok(await pipeline.run());
  assert.equal(pipeline.stop.reason, undefined);
  assert.equal(server.accepted.length, 12);
});

Deno.test("A refusal at MAIL during a run that a new connection gets, too, means what it says: the relay refuses us", async () => {
  await using server = new RuleServer({
    mail: ({ server }) => server.accepted.length >= 20 ? "550 5.7.1 account suspended" : undefined,
  });
  const pipeline = new Pipeline({ count: 100, slots: 2, relays: [server.port] });
  assert.equal(await pipeline.run(), false);
  assert.match(pipeline.stop.reason!.reason, /refuses us: .*account suspended/);
  assert.ok(server.accepted.length <= 21, `${server.accepted.length} accepted`);
  assert.ok(!pipeline.told.some((told) => told.endsWith("failed")));
});

Deno.test("A 4yz at MAIL in mid-run that a new connection hears, too, is our pace", async () => {
  await using server = new RuleServer({
    mail: ({ server }) =>
      server.accepted.length >= 20 && server.mails % 3 !== 0 ? "451 4.3.2 slow down" : undefined,
  });
  const pipeline = new Pipeline({ count: 60, slots: 2, relays: [server.port] });
  const running = pipeline.run();
  const deadline = performance.now() + 20_000;
  while (pipeline.controllers[0]!.ratePerSecond === undefined && performance.now() < deadline) {
    await new Promise((next) => setTimeout(next, 1));
  }
  assert.notEqual(pipeline.controllers[0]!.ratePerSecond, undefined);
  pipeline.stop.request("signal", "enough");
  await running;
});
