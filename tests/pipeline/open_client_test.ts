import assert from "node:assert/strict";
import { openClient } from "../../src/pipeline/consumer/open_client.ts";
import { FOREVER, mailTo } from "../smtp/fixtures.ts";
import { type Peer, ScriptedServer } from "../support/scripted_server.ts";
import { FakeTime } from "../support/fake_time.ts";
import { until } from "../support/until.ts";
import { advanceUntil } from "./consumers.ts";
import { ControllerBench } from "./controller_bench.ts";

/** What a server does with an unexpected chunk. */
type Reads = "octets" | "commands";

interface ServerRecord {
  /** Commands, by connection. */
  readonly verbs: string[][];
  /** Connections that have ended. */
  ended: number;
}

/** Accepts mail; `reads` determines how it handles refused chunks. */
function serverOf(offers: readonly string[], reads: Reads): [ScriptedServer, ServerRecord] {
  const seen: ServerRecord = { verbs: [], ended: 0 };
  const server = new ScriptedServer(async (peer) => {
    const verbs: string[] = [];
    seen.verbs.push(verbs);
    await peer.reply("220 mx.test");
    for (let line; (line = await peer.line()) !== undefined;) {
      verbs.push(line.split(" ")[0]!);
      if (line === "QUIT" && verbs.includes("BDAT") && reads === "commands") break;
      await answer(peer, line, offers, reads);
    }
    // It takes its time to say goodbye, so that this is the answer to RSET, and does not close: that is for the client to do.
    if (await peer.line() !== undefined) await peer.reply("221 bye").then(() => peer.drain());
    seen.ended++;
  });
  return [server, seen];
}

async function answer(
  peer: Peer,
  line: string,
  offers: readonly string[],
  reads: Reads,
): Promise<void> {
  const [verb, size] = line.split(" ");
  if (verb === "EHLO") {
    const lines = ["mx.test", ...offers];
    const last = lines.pop()!;
    await peer.reply(...lines.map((one) => `250-${one}`), `250 ${last}`);
  } else if (verb === "BDAT") {
    if (reads === "octets") await peer.bytes(Number(size));
    await peer.reply("503 5.5.1 no");
  } else if (verb === "DATA") {
    await peer.reply("354 go");
    await peer.body();
    await peer.reply("250 taken");
  } else await peer.reply(verb === "QUIT" ? "221 bye" : "250 ok");
}

/** Opens a connection as a consumer does. */
async function opened(
  port: number,
  relay = {},
  learns: (bench: ControllerBench) => void = () => {},
) {
  const bench = new ControllerBench({ relay: { port, ...relay } });
  learns(bench);
  const options = { stop: bench.stop, abandon: FOREVER, window: undefined };
  const client = await openClient(bench.controller, options);
  assert.ok(client !== undefined);
  return { bench, ...client };
}

Deno.test("openClient() sends no mail on a connection that has read a chunk as commands, but on a new one without CHUNKING", async () => {
  const [server, seen] = serverOf(["PIPELINING", "CHUNKING"], "commands");
  await using _ = server;
  const { bench, client, counts } = await opened(server.port);
  assert.equal(seen.verbs.length, 2);
  await until("the first connection is closed", () => seen.ended === 1, 20_000);
  assert.equal(client.end, undefined, "the new one takes mail");
  assert.equal((await client.send(mailTo("r1@x.test"), () => Promise.resolve())).kind, "accepted");
  await client.close();
  assert.ok(!seen.verbs[0]!.includes("MAIL"), seen.verbs[0]!.join());
  assert.deepEqual(seen.verbs[1], ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]);
  assert.equal(bench.controller.connectionLimits.chunking, false);
  assert.deepEqual([counts.number, counts.chunking, counts.pipelining], [1, false, true]);
});

Deno.test("openClient() tries once whether a relay reads the chunks it refuses, and keeps the connection", async () => {
  const [server, seen] = serverOf(["PIPELINING", "CHUNKING"], "octets");
  await using _ = server;
  const first = await opened(server.port);
  assert.deepEqual([seen.verbs.length, first.counts.chunking], [1, true]);
  assert.equal(first.bench.controller.connectionLimits.chunkingShown, true);
  await first.client.close();
  const again = await opened(
    server.port,
    {},
    ({ controller }) => controller.connectionLimits.probedChunking(true),
  );
  await again.client.close();
  assert.deepEqual(seen.verbs, [["EHLO", "BDAT", "RSET", "QUIT"], ["EHLO", "QUIT"]]);
});

for (
  const [what, offers, learns, uses] of [
    ["both are offered", ["PIPELINING", "CHUNKING"], () => {}, {
      chunking: true,
      pipelining: true,
    }],
    ["only PIPELINING is", ["PIPELINING"], () => {}, { chunking: false, pipelining: true }],
    ["only CHUNKING is, which saves no round trip", ["CHUNKING"], () => {}, {
      chunking: false,
      pipelining: false,
    }],
    ["neither is", ["SIZE"], () => {}, { chunking: false, pipelining: false }],
    ["CHUNKING was given up", ["PIPELINING", "CHUNKING"], ({ controller }) => {
      controller.connectionLimits.probedChunking(false);
    }, { chunking: false, pipelining: true }],
    ["PIPELINING was given up", ["PIPELINING", "CHUNKING"], ({ controller }) => {
      controller.connectionLimits.suspectPipelining();
    }, { chunking: false, pipelining: false }],
  ] as readonly [
    string,
    readonly string[],
    (bench: ControllerBench) => void,
    { chunking: boolean; pipelining: boolean },
  ][]
) {
  Deno.test(`openClient() reports which extensions the session uses if ${what}`, async () => {
    const [server, seen] = serverOf(offers, "octets");
    await using _ = server;
    const { client, counts } = await opened(server.port, {}, learns);
    await client.close();
    const { chunking, pipelining } = counts;
    assert.deepEqual({ chunking, pipelining }, uses);
    assert.equal(
      seen.verbs[0]!.includes("BDAT"),
      chunking,
      "a chunk is tried where some will follow",
    );
  });
}

Deno.test("openClient() reports whether the server accepts 8-bit bytes, and that there was a session", async () => {
  for (const offers of [["8BITMIME"], ["SIZE"]]) {
    const [server] = serverOf(offers, "octets");
    await using _ = server;
    const { bench, client, eightBit } = await opened(server.port);
    assert.equal(eightBit, offers[0] === "8BITMIME");
    assert.equal(bench.controller.connectionLimits.hadSession, true);
    await client.close();
  }
});

Deno.test("openClient() tells the relay controller that no session was opened, and no longer counts it", async () => {
  const [server] = serverOf([], "octets");
  const { port } = server;
  await server[Symbol.asyncDispose]();
  const bench = new ControllerBench({ relay: { port }, slots: 1 });
  bench.endTrial();
  const options = { stop: bench.stop, abandon: FOREVER, window: undefined };
  assert.equal(await openClient(bench.controller, options), undefined);
  assert.match(bench.news[0]!, /^Cannot connect to mx\.test:25/);
  assert.equal(bench.controller.admission.hasRoomFor({ number: 0, connected: false }), true);
});

Deno.test("openClient() tells the relay controller about the session from its first moment", async () => {
  const [server] = serverOf(["PIPELINING"], "octets");
  await using _ = server;
  const bench = new ControllerBench({ relay: { port: server.port }, slots: 1 });
  bench.endTrial();
  const opening = openClient(bench.controller, {
    stop: bench.stop,
    abandon: FOREVER,
    window: undefined,
  });
  const newcomer = { number: 1, connected: false };
  assert.equal(bench.controller.admission.hasRoomFor(newcomer), false);
  const { client } = (await opening)!;
  assert.equal(bench.controller.admission.hasRoomFor(newcomer), false);
  await client.close();
});

Deno.test("openClient() ends in peace when the run stops, and throws a bug", async () => {
  await using silent = new ScriptedServer("!stall");
  const bench = new ControllerBench({ relay: { port: silent.port } });
  const options = { stop: bench.stop, abandon: FOREVER, window: undefined };
  const opening = openClient(bench.controller, options);
  await until("it has connected", () => silent.peers.length === 1);
  bench.stop.request("signal", "enough");
  assert.equal(await opening, undefined);
  const [server] = serverOf([], "octets");
  const { port } = server;
  await server[Symbol.asyncDispose]();
  const buggy = new ControllerBench({
    relay: { port },
    onNews: () => {
      throw new Error("a bug");
    },
  });
  await assert.rejects(openClient(buggy.controller, { ...options, stop: buggy.stop }), /a bug/);
});

Deno.test("openClient() asks no relay what it speaks whose greeting is late, where it has greeted us before", async () => {
  for (const met of [false, true]) {
    await using silent = new ScriptedServer("!stall");
    using time = new FakeTime();
    const bench = new ControllerBench({ relay: { port: silent.port } });
    if (met) bench.controller.connectionLimits.roundTrip(1);
    const opening = openClient(bench.controller, {
      stop: bench.stop,
      abandon: FOREVER,
      window: undefined,
    });
    await advanceUntil(time, "it has connected", () => silent.peers.length === 1, 0);
    await time.advance(6_000);
    for (let turn = 0; turn < 20; turn++) await time.settle();
    assert.equal(silent.peers.length, met ? 1 : 2);
    bench.stop.request("signal", "enough");
    await opening;
  }
});
