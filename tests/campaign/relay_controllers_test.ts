import assert from "node:assert/strict";
import { relayControllersOf } from "../../src/campaign/relays/relay_controllers.ts";
import type { RelayController } from "../../src/pipeline/relay/relay_controller.ts";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import { newSession } from "../../src/pipeline/consumer/connection_slot.ts";
import { Stop } from "../../src/model/stop.ts";
import type { Reporter } from "../../src/report/reporter.ts";
import type { Attempt } from "../../src/model/attempt.ts";
import { recipient, reply } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";

const ACCEPTED: Attempt = { kind: "accepted", reply: reply(250) };
const REFUSED: Attempt = { kind: "refused", stage: "rcpt", reply: reply(554, "5.7.1") };
const LATER: Attempt = { kind: "refused", stage: "rcpt", reply: reply(450, "4.2.0") };

/** The controllers of a run over `count` relays, and what they say and stop. */
function running(count: number, { patienceMs = 1_000, hadTaken = false } = {}) {
  const stop = new Stop();
  const said: string[] = [];
  const reporter: Partial<Reporter> = {
    info: (message) => void said.push(message),
    warn: (message) => void said.push(`warning: ${message}`),
  };
  const relays = Array.from({ length: count }, (_, at) => relayAt(25, { name: `mx${at}:25` }));
  const slots = relays.map((_, at) => at + 1);
  const pacer = new Pacer();
  const run = relayControllersOf(relays, slots, {
    stop,
    pacer,
    reporter: reporter as Reporter,
    patienceMs,
    hadTaken,
  });
  const session = newSession(1, { chunking: false, pipelining: false });
  let at = 0;
  /** Tells a relay controller about an attempt for the recipient with this id; returns what is then known about the relay. */
  const hear = (controller: RelayController, attempt: Attempt, id: number) => {
    const job = { recipient: recipient(id), id, attempt: 1, firstTriedAt: undefined };
    const refusal = controller.refusals.hear(attempt, job, {
      session,
      mailsBefore: 0,
      sentAt: at++,
    });
    if (attempt === REFUSED) refusal.blame(reply(554, "5.7.1"));
    return refusal;
  };
  return { ...run, stop, said, hear };
}

Deno.test("relayControllersOf() gives each relay its own controller, with its connections", () => {
  const { controllers } = running(3);
  assert.deepEqual(
    controllers.map(({ relay, slots: slots, allowed }) => [relay.name, slots, allowed]),
    [
      ["mx0:25", 1, 1],
      ["mx1:25", 2, 2],
      ["mx2:25", 3, 3],
    ],
  );
});

Deno.test("relayControllersOf() continues with the other relays when one is given up, and stops with the last", () => {
  const { controllers, stop, said } = running(2);
  controllers[1]!.giveUp({ kind: "refused-by-relay", reason: "mx1:25 refuses us", hint: "ask it" });
  assert.deepEqual(said, ["warning: mx1:25 refuses us; continuing with the other relays"]);
  assert.equal(stop.reason, undefined);
  assert.deepEqual(controllers.map(({ allowed }) => allowed), [1, 0]);
  controllers[0]!.giveUp({
    kind: "refused-by-relay",
    reason: "mx0:25 refuses us",
    hint: "ask that, too",
  });
  assert.deepEqual(stop.reason, {
    kind: "refused-by-relay",
    reason: "mx0:25 refuses us",
    hint: "ask that, too",
  });
  assert.equal(said.length, 1);
});

Deno.test("relayControllersOf() reports what becomes of a relay's connects", () => {
  const { controllers, said } = running(1);
  const [controller] = controllers as [RelayController];
  controller.connecting();
  controller.connectFailed({
    kind: "connect-failure",
    stage: "greeting",
    attempt: { kind: "refused", stage: "greeting", reply: reply(421, "4.3.2") },
    tlsReason: undefined,
    address: "127.0.0.1:25",
  });
  assert.equal(said.length, 1);
  assert.match(said[0]!, /mx0:25.*next try in \d+\.\d s$/);
});

Deno.test("relayControllersOf() gives each controller the run's patience, and what an earlier run learned", () => {
  for (const hadTaken of [false, true]) {
    const { controllers, hear } = running(1, { patienceMs: 50, hadTaken });
    const [{ refusals }] = controllers as [RelayController];
    assert.equal(hear(controllers[0]!, LATER, 1).hasTaken, hadTaken);
    assert.ok("kind" in refusals.takesNobody(1_000));
    assert.ok("kind" in refusals.takesNobody(1_050));
    assert.ok("hint" in refusals.takesNobody(1_051));
  }
});

Deno.test("RelayDoubts.open and taken say whether the relays in use have refused and accepted mail", () => {
  const { controllers, doubts, hear } = running(2);
  const [a, b] = controllers as [RelayController, RelayController];
  assert.deepEqual([doubts.open, doubts.taken, doubts.learnt], [false, false, 0]);
  hear(a, REFUSED, 1);
  assert.deepEqual([doubts.open, doubts.taken, doubts.learnt], [true, false, 1]);
  hear(b, ACCEPTED, 2);
  assert.deepEqual([doubts.open, doubts.taken, doubts.learnt], [true, true, 2]);
  b.giveUp({ kind: "refused-by-relay", reason: "gone", hint: "" });
  assert.deepEqual([doubts.open, doubts.taken], [true, false]);
  a.giveUp({ kind: "refused-by-relay", reason: "gone", hint: "" });
  assert.equal(doubts.open, false);
});

Deno.test("RelayDoubts.lastRound() gives up a doubted relay if another accepts mail, and no other relay", () => {
  for (const takes of [false, true]) {
    const { controllers, doubts, hear } = running(3);
    const [refusing, taking] = controllers as [RelayController, RelayController];
    hear(refusing, REFUSED, 1);
    if (takes) hear(taking, ACCEPTED, 2);
    doubts.lastRound(false);
    assert.deepEqual(controllers.map(({ allowed }) => allowed > 0), [!takes, true, true]);
  }
});

Deno.test("RelayDoubts.lastRound() has refusals judged as those of a last round, whether or not others follow", () => {
  for (const othersFollow of [false, true]) {
    const { controllers, doubts, hear } = running(1);
    const [controller] = controllers as [RelayController];
    hear(controller, ACCEPTED, 1);
    hear(controller, REFUSED, 2);
    doubts.lastRound(othersFollow);
    // Refused again as the only one, so this is about the recipient, unless others can still tell more.
    const job = { recipient: recipient(2), id: 2, attempt: 1, firstTriedAt: undefined };
    const session = newSession(1, { chunking: false, pipelining: false });
    const place = { session, mailsBefore: 0, sentAt: 9, first: false };
    const { blame } = controller.refusals.hear(REFUSED, job, place);
    assert.equal(blame(reply(554, "5.7.1")), othersFollow ? "unclear" : "recipient");
  }
});

for (
  const [what, refused, left, others, stopped] of [
    ["the relays that are doubted, if others are not", [0], [false, true, true], true, false],
    ["all relays, if all are doubted", [0, 1, 2], [false, false, false], false, true],
    ["no relay, if none is doubted", [], [true, true, true], false, false],
  ] as const
) {
  Deno.test(`RelayDoubts.conclude() gives up ${what}`, () => {
    const { controllers, doubts, stop, hear } = running(3);
    for (const at of refused) hear(controllers[at]!, REFUSED, 10 + at);
    assert.equal(doubts.conclude(), others, "whether others are left to be asked");
    assert.deepEqual(controllers.map(({ allowed }) => allowed > 0), left);
    assert.equal(stop.reason !== undefined, stopped);
  });
}

Deno.test("RelayDoubts.conclude() gives up the only relay if it refused a recipient after accepting others", () => {
  const { controllers, doubts, stop, hear } = running(1);
  hear(controllers[0]!, ACCEPTED, 1);
  hear(controllers[0]!, REFUSED, 2);
  assert.equal(doubts.conclude(), false);
  assert.match(stop.reason!.reason, /^mx0:25 refused a recipient and accepted none since/);
});

Deno.test("RelayDoubts.conclude() keeps a relay that refused a recipient after accepting others if another relay is doubted", () => {
  const { controllers, doubts, hear } = running(2);
  const [doubted, taking] = controllers as [RelayController, RelayController];
  hear(doubted, REFUSED, 1);
  hear(taking, ACCEPTED, 2);
  hear(taking, REFUSED, 3);
  assert.equal(doubts.conclude(), true);
  assert.deepEqual(controllers.map(({ allowed }) => allowed > 0), [false, true]);
});
