import assert from "node:assert/strict";
import type { Composer } from "../../src/compose/composer.ts";
import { COMPOSER, ConsumerBench } from "./consumers.ts";
import { DROP, RuleServer } from "./relays.ts";
import { jobNumber } from "./controller_bench.ts";

const NOTHING = { relay: "", messageId: "" };
const offered = (id: number) => ({ relay: "mx.test:25", messageId: `<${id}@a.test>` });

/** Composes no mail for row 1, and one that is too large for row 2. */
const PARTIAL = {
  compose: (recipient, transport) => {
    const { line } = recipient;
    if (line === 1) return { kind: "unmailable", reason: "Template cannot be rendered: no" };
    const mail = COMPOSER.compose(recipient, transport);
    return line === 2 ? { ...mail, bytes: new Uint8Array(2_000).fill(0x61) } : mail;
  },
} as Partial<Composer> as Composer;

Deno.test("Consumer names the relay on record only if it was offered the mail", async () => {
  await using server = new RuleServer({
    offers: ["PIPELINING", "SIZE 1000"],
    rcpt: ({ recipient }) =>
      recipient === jobNumber(3).recipient.address ? "550 5.1.1 who?" : undefined,
    body: ({ recipient }) => recipient === jobNumber(4).recipient.address ? DROP : undefined,
  });
  const bench = new ConsumerBench(server.port, { consumption: { composer: PARTIAL } });
  await bench.send(1, 2, 3, 5, 4);
  const recorded = bench.settled.map(({ id, relay, messageId, outcome: { state } }) => ({
    id,
    state,
    relay,
    messageId,
  }));
  assert.deepEqual(recorded.toSorted((a, b) => a.id - b.id), [
    { id: 1, state: "invalid", ...NOTHING },
    { id: 2, state: "failed", ...NOTHING },
    { id: 3, state: "failed", ...offered(3) },
    { id: 4, state: "in-doubt", ...offered(4) },
    { id: 5, state: "sent", ...offered(5) },
  ]);
  const [invalid] = bench.told;
  assert.equal(invalid!.relay, "mx.test:25", "the log says on whose connection it was made");
});

Deno.test("Consumer names no relay for a recipient whom it gives back because there is no connection", async () => {
  await using server = new RuleServer({ greeting: () => "554 5.3.2 not today" });
  const bench = new ConsumerBench(server.port);
  const run = bench.begin();
  await bench.give(1);
  const [first] = bench.settled;
  assert.equal(first!.outcome.state, "deferred");
  assert.deepEqual([first!.relay, first!.messageId], ["", ""]);
  await run.end();
});
