import assert from "node:assert/strict";
import type { Suspicion } from "../../src/policy/health/suspicion.ts";
import { RunSuspicions } from "../../src/policy/health/run_suspicions.ts";
import type { Reply } from "../../src/model/reply.ts";

const SUPPRESSED: Reply = {
  code: 550,
  enhanced: "5.7.1",
  text: "not you",
  lines: ["5.7.1 not you"],
};
const QUOTA: Reply = { code: 550, enhanced: "5.4.5", text: "limit", lines: ["5.4.5 limit"] };

function refuse(relay: Suspicion, id: number, { at = 0, session = 1, reply = SUPPRESSED } = {}) {
  return relay.refused({ id, domain: `d${id}.test`, reply, session, at });
}

Deno.test("Suspicion attributes a second refusal to the recipient if others were accepted in between", () => {
  const relay = new RunSuspicions().ofRelay();
  assert.equal(refuse(relay, 1), "unclear");
  relay.took({ session: 2, sentAt: 1 });
  assert.equal(refuse(relay, 1, { at: 2 }), "recipient");
});

Deno.test("Suspicion ignores acceptance of a mail given to another connection before the refusal", () => {
  const relay = new RunSuspicions().ofRelay();
  refuse(relay, 1, { at: 10 });
  relay.took({ session: 2, sentAt: 9 });
  assert.equal(relay.size, 1);
  relay.took({ session: 2, sentAt: 10 });
  assert.equal(relay.size, 0);
});

Deno.test("Suspicion attributes the refusal of the only one left to the recipient, unless the code is a quota's", () => {
  for (const [reply, blame] of [[SUPPRESSED, "recipient"], [QUOTA, "unclear"]] as const) {
    const all = new RunSuspicions();
    const relay = all.ofRelay();
    relay.took({ session: 1, sentAt: 0 });
    refuse(relay, 1, { reply });
    all.lastRound = true;
    assert.equal(refuse(relay, 1, { reply }), blame);
  }
});

Deno.test("Suspicion attributes a second refusal with another code, or with a quota's, to nobody", () => {
  const denied: Reply = { ...SUPPRESSED, code: 530, enhanced: "5.7.0" };
  for (
    const [first, second] of [[SUPPRESSED, denied], [SUPPRESSED, QUOTA], [QUOTA, QUOTA]] as const
  ) {
    for (const lastRound of [false, true]) {
      const all = new RunSuspicions();
      const relay = all.ofRelay();
      refuse(relay, 1, { reply: first });
      relay.took({ session: 1, sentAt: 1 });
      all.lastRound = lastRound;
      assert.equal(refuse(relay, 1, { reply: second, at: 2 }), "unclear");
    }
  }
});

Deno.test("Suspicion attributes a third refusal with the code of the second to the recipient if others were accepted in between", () => {
  const relay = new RunSuspicions().ofRelay();
  const unknown: Reply = { ...SUPPRESSED, enhanced: undefined };
  refuse(relay, 1);
  relay.took({ session: 1, sentAt: 1 });
  assert.equal(refuse(relay, 1, { reply: unknown, at: 2 }), "unclear");
  relay.took({ session: 1, sentAt: 3 });
  assert.equal(refuse(relay, 1, { reply: unknown, at: 4 }), "recipient");
});

Deno.test("Suspicion lets a relay that has accepted mail refuse a hundred in the last round: they were refused before", () => {
  const all = new RunSuspicions();
  const relay = all.ofRelay();
  relay.took({ session: 1, sentAt: 0 });
  all.lastRound = true;
  for (let id = 1; id < 100; id++) refuse(relay, id);
  assert.equal(relay.refusesUs, false);
  refuse(relay, 100);
  assert.equal(relay.refusesUs, true);
});

Deno.test("Suspicion says that a relay refuses us after twenty alike, and not before", () => {
  const relay = new RunSuspicions().ofRelay();
  for (let id = 1; id < 20; id++) refuse(relay, id);
  assert.equal(relay.refusesUs, false);
  refuse(relay, 20);
  assert.equal(relay.refusesUs, true);
});

Deno.test("RunSuspicions.learnt counts accepted recipients, and first refusals by each relay", () => {
  const all = new RunSuspicions();
  const [a, b] = [all.ofRelay(), all.ofRelay()];
  refuse(a, 1);
  refuse(a, 1);
  assert.equal(all.learnt, 1);
  refuse(b, 1);
  b.took({ session: 1, sentAt: 1 });
  assert.equal(all.learnt, 3);
});

Deno.test("RunSuspicions.learnt counts relays given up: the others have not been tried for those it refused", () => {
  const all = new RunSuspicions();
  const [a] = [all.ofRelay(), all.ofRelay()];
  refuse(a, 1);
  a.retired = true;
  assert.equal(all.learnt, 2);
});

Deno.test("Suspicion leaves its refusals to a relay that has accepted nobody yet, when nobody else is left, at most ten times", () => {
  const all = new RunSuspicions();
  const [a] = [all.ofRelay(), all.ofRelay()];
  refuse(a, 1);
  a.took({ session: 1, sentAt: 1 });
  assert.equal(
    a.leavesToOthers(1),
    false,
    "others may be in the list who show whether it takes any",
  );
  all.lastRound = true;
  assert.equal(a.leavesToOthers(2), false, "not refused here");
  for (let time = 1; time <= 10; time++) assert.equal(a.leavesToOthers(1), true, String(time));
  assert.equal(a.leavesToOthers(1), false);
  assert.equal(refuse(a, 1, { at: 2 }), "recipient", "the other one is not waited for any more");
});
