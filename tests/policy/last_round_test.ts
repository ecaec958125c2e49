import assert from "node:assert/strict";
import type { Suspicion } from "../../src/policy/health/suspicion.ts";
import type { Blame } from "../../src/policy/health/refusal.ts";
import { RunSuspicions } from "../../src/policy/health/run_suspicions.ts";
import type { Reply } from "../../src/model/reply.ts";

function reply(code: number, text: string): Reply {
  return { code, enhanced: undefined, text, lines: [text] };
}

/** Two of old.test were refused and another recipient accepted since; then no one else is left to try. */
function lastRound(): (id: number, domain?: string, text?: string) => Blame {
  const all = new RunSuspicions();
  const relay = all.ofRelay();
  const refuse = (id: number, domain = "old.test", text = "Not here") =>
    relay.refused({ id, domain, reply: reply(550, text), session: 1, at: id });
  refuse(1);
  refuse(2);
  relay.took({ session: 1, sentAt: 10 });
  all.lastRound = true;
  return refuse;
}

Deno.test("Suspicion: a recipient who was passed over shares what was found about the domain", () => {
  const refuse = lastRound();
  assert.equal(refuse(1), "recipient");
  for (let id = 3; id < 40; id++) assert.equal(refuse(id), "recipient");
});

Deno.test("Suspicion: a recipient who was passed over and comes first is judged at the next try", () => {
  const refuse = lastRound();
  for (const id of [3, 4, 5]) assert.equal(refuse(id), "unclear");
  for (const id of [1, 3, 4, 5]) assert.equal(refuse(id), "recipient");
});

Deno.test("Suspicion: what was found about one domain says nothing about another, nor about another reply", () => {
  const refuse = lastRound();
  assert.equal(refuse(1), "recipient");
  assert.equal(refuse(3, "new.test"), "unclear");
  assert.equal(refuse(4, "old.test", "Too many mails today"), "unclear");
  assert.equal(refuse(2), "unclear", "the relay may refuse everybody by now");
});

/** Two relays that have accepted mail; then no one else is left to try. */
function twoRelays(): { all: RunSuspicions; a: Suspicion; b: Suspicion } {
  const all = new RunSuspicions();
  const [a, b] = [all.ofRelay(), all.ofRelay()];
  for (const relay of [a, b]) relay.took({ session: 1, sentAt: 0 });
  all.lastRound = true;
  return { all, a, b };
}

function refuse(relay: Suspicion, id: number): Blame {
  const domain = `d${id}.test`;
  return relay.refused({ id, domain, reply: reply(550, "Not here"), session: 1, at: 1 });
}

Deno.test("Suspicion: the only one left in doubt is judged when it is refused again", () => {
  const all = new RunSuspicions();
  const relay = all.ofRelay();
  relay.took({ session: 1, sentAt: 0 });
  all.lastRound = true;
  assert.equal(refuse(relay, 1), "unclear");
  assert.equal(refuse(relay, 1), "recipient");
});

Deno.test("Suspicion: the only one left in doubt is not judged while some who were held back are still to be tried", () => {
  const all = new RunSuspicions();
  const relay = all.ofRelay();
  relay.took({ session: 1, sentAt: 0 });
  [all.lastRound, all.othersFollow] = [true, true];
  for (let time = 0; time < 3; time++) assert.equal(refuse(relay, 1), "unclear");
  all.othersFollow = false;
  assert.equal(refuse(relay, 1), "recipient");
});

Deno.test("Suspicion: nobody is judged who was not tried at a relay that currently refuses others", () => {
  const { a, b } = twoRelays();
  for (const id of [7, 8, 9]) refuse(b, id);
  refuse(a, 1);
  a.took({ session: 1, sentAt: 2 });
  assert.equal(refuse(a, 1), "unclear", "others were taken in between, but not by the other relay");
  b.took({ session: 1, sentAt: 2 });
  assert.equal(refuse(a, 1), "unclear", "the other relay takes mail again, and was not asked");
  refuse(b, 1);
  assert.equal(refuse(a, 1), "recipient");
});

Deno.test("Suspicion: the only one left in doubt is not judged if a relay that accepted others was given up before it was tried there", () => {
  const { a, b } = twoRelays();
  b.retired = true;
  for (let time = 0; time < 3; time++) assert.equal(refuse(a, 1), "unclear");
  a.took({ session: 1, sentAt: 2 });
  assert.equal(refuse(a, 1), "recipient", "others were taken in between");
});

Deno.test("Suspicion: the only one left in doubt is judged if the relay that was given up had accepted nobody", () => {
  const all = new RunSuspicions();
  const [a, b] = [all.ofRelay(), all.ofRelay()];
  a.took({ session: 1, sentAt: 0 });
  [all.lastRound, b.retired] = [true, true];
  assert.equal(refuse(a, 1), "unclear");
  assert.equal(refuse(a, 1), "recipient");
});
