import assert from "node:assert/strict";
import { MailRefusals } from "../../src/pipeline/relay/mail_refusals.ts";

const USED = { given: 20, accepted: 20 };

Deno.test("MailRefusals takes a refusal after other mails for the session's limit when a fresh session accepts a mail", () => {
  const refusals = new MailRefusals();
  assert.equal(refusals.onUsed(USED, 3, false), true);
  assert.equal(refusals.accepted(3), undefined, "a session that was there tells nothing");
  assert.deepEqual(refusals.accepted(4), { ...USED, newest: 3 });
  assert.equal(refusals.accepted(5), undefined, "once");
});

Deno.test("MailRefusals takes it literally when a fresh session is refused as well", () => {
  const refusals = new MailRefusals();
  assert.equal(refusals.onUsed(USED, 1, true), true);
  refusals.onFresh(2);
  assert.equal(refusals.accepted(3), undefined);
  assert.equal(refusals.onUsed(USED, 3, true), false, "a 4yz is our pace from now on");
  assert.equal(refusals.onUsed(USED, 3, false), true, "a 5yz is asked about again");
});

Deno.test("MailRefusals goes by the last answer: a number that is proved is asked about again", () => {
  const refusals = new MailRefusals();
  refusals.onUsed(USED, 1, true);
  refusals.onFresh(2);
  refusals.onUsed(USED, 3, false);
  assert.notEqual(refusals.accepted(4), undefined);
  assert.equal(refusals.onUsed(USED, 5, true), true);
});

Deno.test("MailRefusals asks about the first of several sessions that were refused together", () => {
  const refusals = new MailRefusals();
  refusals.onUsed(USED, 3, false);
  assert.equal(refusals.onUsed({ given: 7, accepted: 6 }, 5, false), true);
  assert.deepEqual(refusals.accepted(4), { ...USED, newest: 3 });
});

Deno.test("MailRefusals learns nothing from a fresh session where nothing is asked, nor from one that was there before", () => {
  const refusals = new MailRefusals();
  refusals.onFresh(1);
  assert.equal(refusals.onUsed(USED, 3, true), true);
  refusals.onFresh(3);
  assert.notEqual(refusals.accepted(4), undefined);
  assert.equal(refusals.onUsed(USED, 5, true), true);
});
