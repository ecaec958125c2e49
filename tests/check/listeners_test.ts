import assert from "node:assert/strict";
import { certificateOf } from "../../src/check/relay/certificate.ts";
import { askTcp, askUdp } from "../../src/check/dns/transport.ts";
import { probeRelay } from "../../src/check/relay/relay_probe.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { assertLeavesNoListener } from "../support/counted_signal.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { until } from "../support/until.ts";

Deno.test("probeRelay() leaves no listener behind", async () => {
  await using server = new ScriptedServer("S: 220 mx.test\nC: EHLO client.test\nS: 250 mx.test");
  await assertLeavesNoListener(async (signal) => {
    assert.equal((await probeRelay(relayAt(server.port), undefined, signal)).kind, "probe");
  });
});

Deno.test("certificateOf() leaves no listener behind if no certificate is shown", async () => {
  await using server = new ScriptedServer("S: 554 no\n!close");
  const relay = relayAt(server.port, { security: "starttls" });
  await assertLeavesNoListener(async (signal) => {
    assert.equal(await certificateOf(relay, signal), undefined);
  });
});

Deno.test({
  name: "certificateOf() closes its connection when it is aborted while the server says nothing",
  timeout: 10_000,
  fn: async () => {
    await using server = new ScriptedServer("");
    const stop = new AbortController();
    const relay = relayAt(server.port, { security: "starttls" });
    const asking = certificateOf(relay, stop.signal);
    await until("it has connected", () => server.peers.length === 1);
    stop.abort(new Error("enough"));
    await assert.rejects(asking, /enough/);
    // The server reads until its client closes.
    await server.finished();
  },
});

Deno.test("A question to a name server leaves no listener behind, whether it times out or is aborted", async () => {
  // It accepts questions and answers none.
  await using silent = new ScriptedServer("!stall");
  const server = { hostname: "127.0.0.1", port: silent.port };
  const question = new Uint8Array(12);
  for (const ask of [askUdp, askTcp]) {
    await assertLeavesNoListener(async (signal) => {
      const answer = await ask(server, question, () => true, { timeoutMs: 20, signal });
      assert.equal(typeof answer, "string");
    });
    await assertLeavesNoListener(async (signal, counted) => {
      setTimeout(() => counted.abort(new Error("enough")), 20);
      await ask(server, question, () => true, { timeoutMs: 5_000, signal });
    });
  }
});
