import assert from "node:assert/strict";
import { ChunkServer } from "./chunk_server.ts";
import { Pipeline } from "./pipeline.ts";
import { DROP, RuleServer } from "./relays.ts";

const SEATS = 10;
/** As nearby: a server in this very process can seem far, as the two wait for each other. */
const NEAR = { window: 2 };

/**
 * Runs to the end, and returns who is in doubt. Asserts that all are sent, refused or in doubt, and that no mail was
 * accepted twice.
 */
async function endOf(pipeline: Pipeline, server: ChunkServer): Promise<string[]> {
  assert.ok(await pipeline.run());
  const taken = new Set(server.taken);
  assert.equal(taken.size, server.taken.length, "nobody twice");
  const inDoubt: string[] = [];
  for (const [address, { state }] of pipeline.ends) {
    if (state === "in-doubt") inDoubt.push(address);
    else assert.equal(taken.has(address), state === "sent", `${address} ${state}`);
  }
  return inDoubt;
}

for (
  const [after, count, closesOnNext] of [
    [1, 300, false],
    [1, 300, true],
    [2, 300, false],
    [20, 1_500, false],
    [20, 1_500, true],
  ] as const
) {
  const when = closesOnNext ? "when the next one comes" : "with the last answer";
  Deno.test(`A relay with CHUNKING that closes without a word after ${after} mails, ${when}: in doubt at most twice the connections, a loss`, async () => {
    await using server = new ChunkServer({ closesAfter: () => after, closesOnNext });
    const pipeline = new Pipeline({
      count,
      slots: SEATS,
      relays: [server.port],
      consumption: NEAR,
    });
    const inDoubt = await endOf(pipeline, server);
    // The first loss led to one mail in flight, a second one to DATA.
    assert.ok(inDoubt.length <= 2 * 2 * SEATS, `${inDoubt.length} in doubt`);
    const { connectionLimits: limits } = pipeline.controllers[0]!;
    assert.equal(limits.mailsPerSession, after, "learnt from silence");
    const limited = count - inDoubt.length;
    assert.ok(server.connections <= limited / after + 4 * SEATS, `${server.connections}`);
  });
}

Deno.test("A relay that closes connections with mails under way gets DATA for the rest, which is reported once", async () => {
  // It has no limit that could be learnt: the numbers move.
  await using server = new ChunkServer({
    closesAfter: (connection) => 5 + connection,
    closesOnNext: true,
  });
  const pipeline = new Pipeline({
    count: 1_000,
    slots: SEATS,
    relays: [server.port],
    consumption: NEAR,
  });
  const inDoubt = await endOf(pipeline, server);
  assert.ok(inDoubt.length <= 2 * 2 * SEATS, `${inDoubt.length} in doubt`);
  const said = pipeline.news.filter((news) => news.includes("CHUNKING"));
  assert.equal(said.length, 1, pipeline.news.join("\n"));
  assert.match(
    said[0]!,
    /drops connections while mails are unanswered.*continuing without CHUNKING$/,
  );
  assert.ok(server.dotted.length > 700, `${server.dotted.length} by DATA`);
  // Connections that had begun with CHUNKING were replaced by new ones.
  const lastChunked = Math.max(...server.chunked);
  assert.ok(lastChunked < 5 * SEATS, `connection ${lastChunked}`);
});

Deno.test("A relay that restarts gets one mail at a time on each connection after that, in chunks, and no limit is learnt", async () => {
  let restarts = 0;
  await using server: ChunkServer = new ChunkServer({
    failsAt: (taken) => {
      if (taken !== 300) return false;
      restarts++;
      server.cut();
      return true;
    },
  });
  const pipeline = new Pipeline({
    count: 900,
    slots: SEATS,
    relays: [server.port],
    consumption: NEAR,
  });
  const inDoubt = await endOf(pipeline, server);
  assert.equal(restarts, 1);
  // Two a connection; this server shares our event loop, whose pauses count as distance, so that a few have one more.
  assert.ok(inDoubt.length <= 3 * SEATS, `${inDoubt.length} in doubt`);
  assert.ok(inDoubt.length > 0);
  const { connectionLimits: limits } = pipeline.controllers[0]!;
  assert.equal(limits.mailsInFlight, 1);
  assert.ok(limits.chunking);
  assert.equal(limits.mailsPerSession, Infinity);
  assert.equal(server.dotted.length, 0);
});

Deno.test("A limit learnt from silent closes is forgotten when it no longer applies, and connections last longer again", async () => {
  await using server = new ChunkServer({
    closesAfter: (connection) => connection < 30 ? 2 : Infinity,
  });
  const pipeline = new Pipeline({
    count: 1_000,
    slots: 4,
    relays: [server.port],
    consumption: NEAR,
  });
  await endOf(pipeline, server);
  assert.equal(pipeline.controllers[0]!.connectionLimits.mailsPerSession, Infinity);
  assert.ok(server.connections < 200, `${server.connections} connections`);
});

Deno.test("A relay that counts our RSETs as Exim does, and a list with many unknown recipients: nobody is in doubt, no connection is refused", async () => {
  await using server = new ChunkServer({
    resets: 10,
    rcpt: (recipient) => /[37]@/.test(recipient) ? "550 5.1.1 who?" : undefined,
  });
  const pipeline = new Pipeline({
    count: 1_000,
    slots: SEATS,
    relays: [server.port],
    consumption: NEAR,
  });
  assert.deepEqual(await endOf(pipeline, server), []);
  assert.equal(server.closed, 0, "each was renewed in time");
  assert.equal(server.taken.length, 800);
});

Deno.test("A relay that refuses RSET where we expect it least: nobody is in doubt, nobody fails because of it, and nothing is learnt", async () => {
  await using server = new ChunkServer({
    resets: 2,
    rcpt: (recipient) => /[37]@/.test(recipient) ? "550 5.1.1 who?" : undefined,
  });
  const pipeline = new Pipeline({
    count: 500,
    slots: SEATS,
    relays: [server.port],
    consumption: NEAR,
  });
  assert.deepEqual(await endOf(pipeline, server), []);
  assert.ok(server.closed > 0);
  const { connectionLimits: limits } = pipeline.controllers[0]!;
  assert.ok(limits.chunking);
  assert.equal(limits.mailsPerSession, Infinity);
  assert.equal(pipeline.controllers[0]!.ratePerSecond, undefined);
});

Deno.test("A reply that is lost at the beginning keeps one mail waiting, and not the run", async () => {
  let lost = "";
  const over = Promise.withResolvers<string>();
  await using server = new RuleServer({
    body: ({ recipient }) => {
      lost ||= recipient!;
      return lost === recipient ? over.promise : undefined;
    },
  });
  const abandon = new AbortController();
  const pipeline = new Pipeline({
    count: 20,
    slots: 3,
    relays: [server.port],
    consumption: { abandon: abandon.signal },
  });
  const running = pipeline.run();
  const deadline = performance.now() + 15_000;
  while (pipeline.ends.size < 19 && performance.now() < deadline) {
    await new Promise((next) => setTimeout(next, 20));
  }
  assert.equal(pipeline.ends.size, 19);
  assert.ok(!pipeline.ends.has(lost));
  abandon.abort();
  await running;
  over.resolve(DROP);
  assert.equal(pipeline.ends.get(lost)?.state, "in-doubt");
});
