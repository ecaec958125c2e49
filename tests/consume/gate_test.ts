import { newSession } from "../../src/consume/seat.ts";
import assert from "node:assert/strict";
import { Gate } from "../../src/consume/gate.ts";
import { Pacer } from "../../src/consume/pacer.ts";
import { Stop } from "../../src/consume/stop.ts";
import { Suspicions } from "../../src/policy/suspicion.ts";
import type { BreakCause } from "../../src/smtp/attempt.ts";
import type { ConnectFailure } from "../../src/smtp/client.ts";
import { relayAt } from "../smtp/fixtures.ts";

function failure(cause: BreakCause): ConnectFailure {
  return {
    kind: "connect-failure",
    stage: "connect",
    attempt: { kind: "broken", stage: "connect", cause, handedOver: false, detail: "what it was" },
    tlsReason: undefined,
    address: undefined,
  };
}

/** What a gate knows of its relay at the beginning of a first run. */
const fresh = () => ({
  suspicion: new Suspicions().ofRelay(),
  patienceMs: 3_600_000,
  hadTaken: false,
});

/** A gate to a relay that no session comes about with. */
function gateOf() {
  const givenUp: string[] = [];
  const news: string[] = [];
  const gate = new Gate(relayAt(25, { name: "mx.test:25" }), 1, {
    stop: new Stop(),
    pacer: new Pacer(),
    onNews: (message) => news.push(message),
    onGivenUp: (reason) => givenUp.push(reason),
    ...fresh(),
  });
  return {
    gate,
    givenUp,
    news,
    /** Fails to connect once the pause after the failure before is over. */
    async fails(cause: BreakCause): Promise<void> {
      const heard = news.length + givenUp.length;
      while (news.length + givenUp.length === heard) {
        await new Promise((next) => setTimeout(next, 20));
        gate.connecting();
        gate.connectFailed(failure(cause));
      }
    },
  };
}

Deno.test("Gate does not give a relay up that it has not heard of as the name service does not answer", async () => {
  const { gate, givenUp, news, fails } = gateOf();
  for (let time = 0; time < 4; time++) await fails("name-service");
  assert.deepEqual(givenUp, []);
  assert.equal(gate.allowed, 1);
  assert.match(news.at(-1)!, /^The name service does not answer about mx\.test:25.*next try in/);
  // Nor at the first failure that says something about the relay, but after as many as ever.
  await fails("refused");
  assert.deepEqual(givenUp, []);
});

Deno.test("Gate lets a mail go that waits for its place under the rate of a relay that is given up", async () => {
  const stop = new Stop();
  const gate = new Gate(
    relayAt(25, { name: "mx.test:25", rate: { count: 1, perMs: 3_600_000 } }),
    1,
    {
      stop,
      pacer: new Pacer(),
      onNews() {},
      onGivenUp() {},
      ...fresh(),
    },
  );
  assert.equal(await gate.pace(), true);
  const waiting = gate.pace();
  gate.refused("the relay refuses us", "");
  assert.equal(await waiting, false, "for another relay");
});

Deno.test("Gate says nothing of CHUNKING where connections without it are lost", () => {
  const { gate, news } = gateOf();
  for (const number of [1, 2, 3]) {
    gate.limits.lost(newSession(number, { chunking: false, pipelining: true }));
  }
  assert.deepEqual(news, []);
  assert.equal(gate.limits.chunking, true);
});

Deno.test("Gate gives a relay up that has not answered the first three times it was asked", async () => {
  for (const cause of ["refused", "unreachable", "timeout"] as const) {
    const { gate, givenUp, fails } = gateOf();
    for (let time = 0; time < 3; time++) await fails(cause);
    assert.equal(givenUp.length, 1, cause);
    assert.equal(gate.allowed, 0);
  }
});
