import assert from "node:assert/strict";
import { type Blame, Suspicions } from "../../src/policy/suspicion.ts";
import type { Reply } from "../../src/smtp/reply.ts";

function reply(code: number, text: string): Reply {
  return { code, enhanced: undefined, text, lines: [text] };
}

/** Two of old.test were refused and another recipient taken since; then nobody else is left to be tried. */
function lastRound(): (id: number, domain?: string, text?: string) => Blame {
  const all = new Suspicions();
  const relay = all.ofRelay();
  const refuse = (id: number, domain = "old.test", text = "Not here") =>
    relay.refused({ id, domain, reply: reply(550, text), session: 1, at: id });
  refuse(1);
  refuse(2);
  relay.took({ session: 1, sentAt: 10 });
  all.lastRound = true;
  return refuse;
}

Deno.test("Suspicion: who was passed over shares what was found of its domain", () => {
  const refuse = lastRound();
  assert.equal(refuse(1), "recipient");
  for (let id = 3; id < 40; id++) assert.equal(refuse(id), "recipient");
});

Deno.test("Suspicion: who was passed over and comes first is judged at its next try", () => {
  const refuse = lastRound();
  for (const id of [3, 4, 5]) assert.equal(refuse(id), "unclear");
  for (const id of [1, 3, 4, 5]) assert.equal(refuse(id), "recipient");
});

Deno.test("Suspicion: what was found of one domain says nothing of another, nor of another reply", () => {
  const refuse = lastRound();
  assert.equal(refuse(1), "recipient");
  assert.equal(refuse(3, "new.test"), "unclear");
  assert.equal(refuse(4, "old.test", "Too many mails today"), "unclear");
  assert.equal(refuse(2), "unclear", "the relay may refuse everybody by now");
});
