import assert from "node:assert/strict";
import { DROP, RuleServer } from "./relays.ts";
import { addresses, Pipeline, sorted, statesOf } from "./pipeline.ts";

Deno.test("Mails under way when a connection ends are tried again, and nobody is mailed twice", async () => {
  let cut = 0;
  await using server = new RuleServer({
    rcpt: () => ++cut % 17 === 0 ? DROP : undefined,
  });
  const pipeline = new Pipeline({ count: 100, slots: 3, relays: [server.port] });
  assert.ok(await pipeline.run());
  assert.deepEqual(sorted(server.accepted), sorted(addresses(100)));
});

Deno.test("A stop lets mails under way be answered, and begins no new one", async () => {
  const release = Promise.withResolvers<void>();
  await using server = new RuleServer({
    body: async ({ server }) => {
      if (server.named.length > 1) await release.promise;
      return undefined;
    },
  });
  const pipeline = new Pipeline({ count: 100, slots: 2, relays: [server.port] });
  const running = pipeline.run();
  while (server.named.length < 3) await new Promise((resolve) => setTimeout(resolve, 2));
  pipeline.stop.request("signal", "enough");
  const named = server.named.length;
  release.resolve();
  await running;
  assert.ok(server.named.length <= named + 4, "envelopes that were written already");
  for (const address of server.accepted) assert.equal(pipeline.ends.get(address)?.state, "sent");
  assert.deepEqual(Object.keys(statesOf(pipeline)), ["sent"], "nobody is in doubt");
});

Deno.test("A stop ends a connect that is under way", async () => {
  const held = Promise.withResolvers<void>();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept().then((conn) => {
    held.resolve();
    return conn;
  });
  const pipeline = new Pipeline({ count: 3, relays: [(listener.addr as Deno.NetAddr).port] });
  const running = pipeline.run();
  await held.promise;
  await new Promise((resolve) => setTimeout(resolve, 20));
  pipeline.stop.request("signal", "enough");
  assert.equal(await running, false);
  (await accepted).close();
  listener.close();
  assert.deepEqual(pipeline.told, [], "the ledger gives back what was claimed");
});

Deno.test("A ledger that fails while connections are full ends the run; nothing goes out after it", async () => {
  await using server = new RuleServer();
  const pipeline = new Pipeline({ count: 500, slots: 5, relays: [server.port] });
  const write = pipeline.ledger.write;
  pipeline.ledger.write = (changes) => {
    if (server.accepted.length > 50) pipeline.ledger.fault ??= new Error("disk full");
    return write.call(pipeline.ledger, changes);
  };
  assert.equal(await pipeline.run(), false);
  assert.equal(pipeline.stop.reason?.reason, "disk full");
  const recorded = new Set(pipeline.ledger.commits.flat().map(({ id }) => `r${id}@x.test`));
  for (const address of server.accepted) assert.ok(recorded.has(address), `${address} on record`);
  for (const address of server.accepted) {
    assert.match(pipeline.ends.get(address)!.state, /^(?:sent|in-doubt)$/);
  }
  assert.ok(pipeline.recorder.lost > 0, "what was under way is settled, and kept to be written");
});

Deno.test("A mail that must not go to the wire is a bug: the run ends with it, and others are settled", async () => {
  await using server = new RuleServer();
  const good = new TextEncoder().encode("Subject: x\r\n\r\nHello\r\n");
  const pipeline = new Pipeline({
    count: 50,
    slots: 2,
    relays: [server.port],
    composer: {
      compose: ({ address, line }) => ({
        envelope: { sender: "s@a.test", recipient: address, smtpUtf8: false },
        messageId: `<${line}>`,
        bytes: line === 20 ? new TextEncoder().encode("a\nb\r\n") : good,
        eightBit: false,
      }),
    },
  });
  await assert.rejects(pipeline.run(), TypeError);
  assert.match(pipeline.stop.reason!.reason, /^Internal error/);
  for (const address of server.accepted) assert.equal(pipeline.ends.get(address)?.state, "sent");
});

Deno.test("A row that makes no mail is invalid, and no connection is spent on it", async () => {
  await using server = new RuleServer();
  const pipeline = new Pipeline({
    count: 3,
    relays: [server.port],
    composer: { compose: () => ({ kind: "unmailable", reason: "Header too long" }) },
  });
  assert.ok(await pipeline.run());
  assert.deepEqual(statesOf(pipeline), { invalid: 3 });
  assert.equal(server.mails, 0);
});

Deno.test("Consumers end cleanly even while an idle connection is being closed", async () => {
  await using server = new RuleServer({
    quit: () => new Promise((resolve) => setTimeout(resolve, 50)),
  });
  const pipeline = new Pipeline({
    count: 30,
    slots: 3,
    relays: [server.port],
    consumption: { maxPerConnection: 3 },
  });
  assert.ok(await pipeline.run());
  // The sanitizers of the test runner find a connection or a timer that is left.
  assert.equal(server.accepted.length, 30);
});
