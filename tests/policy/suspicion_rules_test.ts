import assert from "node:assert/strict";
import { RunSuspicions } from "../../src/policy/health/run_suspicions.ts";
import type { Suspicion } from "../../src/policy/health/suspicion.ts";
import type { Blame } from "../../src/policy/health/refusal.ts";
import type { Reply } from "../../src/model/reply.ts";

function reply(code: number, enhanced: string | undefined, text = "Not here"): Reply {
  return { code, enhanced, text, lines: [text] };
}

const DENIED = reply(550, "5.7.1");

function refuse(relay: Suspicion, id: number, said = DENIED, domain = `d${id}.test`): Blame {
  return relay.refused({ id, domain, reply: said, session: 1, at: 0 });
}

/** The relay accepts a mail that was sent after all refusals so far. */
function take(relay: Suspicion): void {
  relay.took({ session: 2, sentAt: 1 });
}

Deno.test("Suspicion.learnt counts accepted mails, refused recipients, and refusals attributed to the recipient", () => {
  const relay = new RunSuspicions().ofRelay();
  const steps: readonly [() => unknown, number][] = [
    [() => refuse(relay, 1), 1],
    [() => refuse(relay, 1), 1],
    [() => take(relay), 2],
    [() => refuse(relay, 1), 3],
    [() => take(relay), 4],
    [() => refuse(relay, 2), 5],
  ];
  for (const [step, learnt] of steps) {
    step();
    assert.equal(relay.learnt, learnt, String(step));
  }
});

Deno.test("Suspicion.takesMail once the relay has accepted some, while at most one recipient is under suspicion", () => {
  const relay = new RunSuspicions().ofRelay();
  const steps: readonly [() => unknown, boolean][] = [
    [() => {}, false],
    [() => take(relay), true],
    [() => refuse(relay, 1), true],
    [() => refuse(relay, 2), false],
    [() => take(relay), true],
  ];
  for (const [step, takesMail] of steps) {
    step();
    assert.equal(relay.takesMail, takesMail, String(step));
  }
});

Deno.test("Suspicion.leavesToOthers() leaves nobody to a relay that has refused them as well, or currently refuses others", () => {
  const cases: readonly [string, (other: Suspicion) => void, boolean][] = [
    ["takes others", () => {}, true],
    ["has refused this one", (other) => void refuse(other, 1), false],
    ["refuses two others", (other) => void (refuse(other, 7), refuse(other, 8)), false],
    ["refuses one other", (other) => void refuse(other, 7), true],
  ];
  for (const [what, happens, leaves] of cases) {
    const all = new RunSuspicions();
    const [relay, other] = [all.ofRelay(), all.ofRelay()];
    refuse(relay, 1);
    take(other);
    happens(other);
    assert.equal(relay.leavesToOthers(1), leaves, what);
  }
});

Deno.test("Suspicion.refused() blames nobody while the relay refuses two others, although some were accepted in between", () => {
  const relay = new RunSuspicions().ofRelay();
  refuse(relay, 1);
  take(relay);
  refuse(relay, 2);
  refuse(relay, 3);
  assert.equal(refuse(relay, 1), "unclear");
  take(relay);
  assert.equal(refuse(relay, 1), "recipient");
});

Deno.test("Suspicion.refused() in the last round blames nobody for a code that is not about a recipient", () => {
  for (const [said, blame] of [[DENIED, "recipient"], [reply(550, "5.7.26"), "unclear"]] as const) {
    const all = new RunSuspicions();
    const relay = all.ofRelay();
    take(relay);
    all.lastRound = true;
    refuse(relay, 1, said);
    assert.equal(refuse(relay, 1, said), blame, said.enhanced);
  }
});

Deno.test("Suspicion.refused() in the last round treats only the one under suspicion as the last one", () => {
  const all = new RunSuspicions();
  const relay = all.ofRelay();
  refuse(relay, 1, reply(550, "5.7.0"));
  take(relay);
  refuse(relay, 2);
  all.lastRound = true;
  assert.equal(refuse(relay, 1), "unclear", "the one under suspicion is another");
});

Deno.test("Suspicion distinguishes sixty-four codes, and counts further ones as one", () => {
  const relay = new RunSuspicions().ofRelay();
  const code = (number: number) => reply(550, `5.7.${1_000 + number}`);
  for (let id = 1; id <= 70; id++) {
    refuse(relay, id, code(id));
    take(relay);
  }
  assert.equal(refuse(relay, 1, code(1)), "recipient", "its own code");
  assert.equal(refuse(relay, 64, code(64)), "recipient", "the last one with a place of its own");
  assert.equal(refuse(relay, 2, code(1)), "unclear", "that of another");
  take(relay);
  assert.equal(refuse(relay, 3, code(70)), "unclear", "a further code, for one of the first");
  take(relay);
  assert.equal(refuse(relay, 65, code(70)), "recipient", "a further code for another");
});

/** This many domains, each with a recipient who was refused as such, in this order; no one else is left. */
function precedents(count: number): Suspicion {
  const all = new RunSuspicions();
  const relay = all.ofRelay();
  for (let id = 1; id <= count; id++) {
    refuse(relay, id);
    take(relay);
  }
  all.lastRound = true;
  for (let id = 1; id <= count; id++) assert.equal(refuse(relay, id), "recipient");
  return relay;
}

Deno.test("Suspicion remembers five thousand domains with their replies, and forgets the oldest", () => {
  const kept = precedents(5_000);
  assert.equal(refuse(kept, 9_001, DENIED, "d1.test"), "recipient");
  const relay = precedents(5_001);
  assert.equal(refuse(relay, 9_001, DENIED, "d1.test"), "unclear");
  assert.equal(refuse(relay, 9_002, DENIED, "d2.test"), "recipient");
  assert.equal(refuse(relay, 9_003, DENIED, "d5001.test"), "recipient");
});

Deno.test("Suspicion.refusesUs counts each recipient once, however few there were when one was refused again", () => {
  for (const others of [0, 1]) {
    const relay = new RunSuspicions().ofRelay();
    for (let id = 1; id <= 1 + others; id++) refuse(relay, id);
    refuse(relay, 1);
    for (let id = 2 + others; id <= 19; id++) refuse(relay, id);
    assert.equal(relay.refusesUs, false);
    refuse(relay, 20);
    assert.equal(relay.refusesUs, true, `${others} others`);
  }
});

Deno.test("Suspicion.refusesUs requires a hundred alike in the last round only if the relay has accepted mail", () => {
  for (
    const [lastRound, taken, refused] of [
      [false, false, 20],
      [true, false, 20],
      [false, true, 20],
      [true, true, 100],
    ] as const
  ) {
    const all = new RunSuspicions();
    const relay = all.ofRelay();
    if (taken) take(relay);
    all.lastRound = lastRound;
    let count = 0;
    while (!relay.refusesUs) refuse(relay, ++count);
    assert.equal(count, refused, `last round: ${lastRound}, taken: ${taken}`);
  }
});

Deno.test("Suspicion.took() clears earlier refusals on the same connection, whenever its mail was sent", () => {
  const relay = new RunSuspicions().ofRelay();
  const at = 10;
  for (const [id, session] of [[1, 1], [2, 2]] as const) {
    relay.refused({ id, domain: "x.test", reply: DENIED, session, at });
  }
  relay.took({ session: 1, sentAt: at - 1 });
  assert.deepEqual([relay.size, relay.taken], [1, 1]);
  assert.equal(
    relay.refused({ id: 1, domain: "x.test", reply: DENIED, session: 1, at }),
    "recipient",
  );
});

Deno.test("Suspicion.passesOver() begins to count again only when nobody is under suspicion", () => {
  const relay = new RunSuspicions().ofRelay();
  const refusal = { domain: "x.test", reply: DENIED, session: 1 };
  for (const [id, at] of [[1, 0], [2, 5], [3, 5]] as const) relay.refused({ id, at, ...refusal });
  for (let time = 0; time < 1_000; time++) assert.equal(relay.passesOver("r@x.test"), true);
  relay.took({ session: 2, sentAt: 1 });
  assert.equal(relay.size, 2);
  assert.equal(relay.passesOver("r@x.test"), false, "two are still under suspicion");
});

Deno.test("Suspicion.passesOver() considers only the first hundred under suspicion", () => {
  for (const [others, passes] of [[98, true], [99, false]] as const) {
    const relay = new RunSuspicions().ofRelay();
    for (let id = 1; id <= others; id++) refuse(relay, id, reply(550, "5.7.1", "no".repeat(id)));
    for (const id of [501, 502]) refuse(relay, id, DENIED, "y.test");
    assert.equal(relay.passesOver("r@y.test"), passes, `${others} others`);
  }
});
