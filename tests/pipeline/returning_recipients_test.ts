import assert from "node:assert/strict";
import { ReturningRecipients } from "../../src/pipeline/producer/returning_recipients.ts";
import { Selection } from "../../src/pipeline/producer/selection.ts";
import { LONGEST_DEFERRAL_MS } from "../../src/model/outcome.ts";
import type { DueRecipient } from "../../src/ledger/returning.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import type { State } from "../../src/model/state.ts";
import { recipient } from "../ledger/ledgers.ts";
import { AskedLedger, NOW } from "../list/asked_ledger.ts";

const ALL = { offset: 0, only: [], shard: undefined, limit: undefined };
const CHOSEN = { ...ALL, only: ["chosen@x.test"] };

const known = (id: number, state: State, due?: number) =>
  ({ kind: "known", id, state, due }) as const;

async function idsOf(owed: Promise<readonly DueRecipient[]>): Promise<number[]> {
  return (await owed).map(({ id }) => id);
}

/** Takes `count` recipients, and records them as the producer does. */
function take(selection: Selection, count: number): void {
  for (let line = 0; line < count; line++) selection.took(recipient(900 + line));
}

Deno.test("ReturningRecipients.begin() asks who is in doubt only if they are to be mailed again, and nothing if rows are selected", async () => {
  for (
    const [options, resend, questions] of [
      [ALL, false, ["longest"]],
      [ALL, true, ["in doubt", "longest"]],
      [CHOSEN, true, []],
      [{ ...ALL, offset: 1 }, true, []],
    ] as const
  ) {
    const ledger = new AskedLedger();
    await new ReturningRecipients(ledger, new Selection(options), resend).begin();
    assert.deepEqual(ledger.questions, questions);
  }
});

Deno.test("ReturningRecipients.claimDue() asks the ledger if all are chosen, for as many as there is room", async () => {
  const ledger = new AskedLedger({ due: [1, 2, 3, 4, 5] });
  const selection = new Selection({ ...ALL, limit: 6 });
  const returns = new ReturningRecipients(ledger, selection, false);
  returns.found(known(9, "deferred", NOW), NOW);
  assert.deepEqual(await idsOf(returns.claimDue(NOW, 2)), [1, 2]);
  take(selection, 5);
  assert.deepEqual(await idsOf(returns.claimDue(NOW, 2)), [3]);
  assert.deepEqual(ledger.questions, ["due at 0, 2", "due at 0, 1"]);
});

Deno.test("ReturningRecipients.claimDue() returns only those of this run if --limit leaves no room", async () => {
  const ledger = new AskedLedger({ due: [1, 2] });
  const selection = new Selection({ ...ALL, limit: 2 });
  const returns = new ReturningRecipients(ledger, selection, false);
  take(selection, 2);
  assert.deepEqual(await returns.claimDue(NOW, 4), []);
  assert.equal(await returns.nextDue(NOW), undefined);
  for (const id of [7, 8, 9]) returns.deferred(id, NOW + id);
  assert.equal(await returns.nextDue(NOW), NOW + 7);
  assert.deepEqual(await idsOf(returns.claimDue(NOW + 9, 2)), [7, 8]);
  assert.deepEqual(await idsOf(returns.claimDue(NOW + 9, 2)), [9]);
  assert.deepEqual(ledger.questions, ["due of 7,8 at 9", "due of 9 at 9"]);
});

Deno.test("ReturningRecipients.claimDue() returns selected recipients: those of this run first, and those in the list while there is room", async () => {
  const ledger = new AskedLedger();
  const selection = new Selection({ ...CHOSEN, limit: 3 });
  const returns = new ReturningRecipients(ledger, selection, false);
  for (const id of [1, 2, 3, 4]) returns.found(known(id, "deferred", NOW - 10 + id), NOW);
  returns.found(known(5, "sent"), NOW);
  returns.deferred(8, NOW);
  assert.equal(await returns.nextDue(NOW), NOW - 9);
  assert.deepEqual(await idsOf(returns.claimDue(NOW, 3)), [8, 1, 2], "up to the number asked for");
  take(selection, 2);
  assert.deepEqual(await idsOf(returns.claimDue(NOW, 3)), [3], "up to the room");
  take(selection, 3);
  assert.equal(await returns.nextDue(NOW), undefined, "those met need room");
  returns.deferred(6, NOW + 50);
  assert.equal(await returns.nextDue(NOW), NOW + 50);
  assert.deepEqual(await idsOf(returns.claimDue(NOW, 3)), []);
  assert.deepEqual(ledger.questions, ["due of 8,1,2 at 0", "due of 3 at 0"]);
});

Deno.test("ReturningRecipients.found() treats only a due time written before the clock was set back as due now", async () => {
  const farthest = NOW + LONGEST_DEFERRAL_MS + 60_000;
  for (const [due, next] of [[farthest, farthest], [farthest + 1, NOW], [0, 0]] as const) {
    const returns = new ReturningRecipients(new AskedLedger(), new Selection(CHOSEN), false);
    returns.found(known(1, "deferred", due), NOW);
    assert.equal(await returns.nextDue(NOW), next);
  }
});

Deno.test("ReturningRecipients.nextDue() is the ledger's if all are chosen and there is room", async () => {
  const ledger = new AskedLedger();
  const returns = new ReturningRecipients(ledger, new Selection(ALL), false);
  returns.deferred(1, NOW + 5);
  assert.equal(await returns.nextDue(NOW), NOW + 77);
  assert.deepEqual(ledger.questions, ["next at 0"]);
});

Deno.test("ReturningRecipients.claimInDoubt() returns those in doubt if there is room, but not those in doubt since this run", async () => {
  const ledger = new AskedLedger({ doubted: [1, 2, 3, 4, 5] });
  const selection = new Selection({ ...ALL, limit: 5 });
  const returns = new ReturningRecipients(ledger, selection, true);
  await returns.begin();
  returns.inDoubt(2);
  returns.found(known(2, "in-doubt"), NOW);
  returns.found(known(9, "sent"), NOW);
  assert.deepEqual(await idsOf(returns.claimInDoubt(3, NOW)), [1, 3]);
  take(selection, 4);
  assert.deepEqual(await idsOf(returns.claimInDoubt(3, NOW)), [4], "there is room for one");
  take(selection, 5);
  assert.deepEqual(await idsOf(returns.claimInDoubt(3, NOW)), []);
  assert.deepEqual(ledger.questions.slice(2), ["in doubt 1,3 at 0", "in doubt 4 at 0"]);
});

Deno.test("ReturningRecipients.claimInDoubt() asks again if the ledger has settled some meanwhile, and ends when none is left", async () => {
  const ledger = new AskedLedger({ doubted: [1, 2, 3] });
  const returns = new ReturningRecipients(ledger, new Selection(ALL), true);
  await returns.begin();
  ledger.rows.doubted = [3];
  assert.deepEqual(await idsOf(returns.claimInDoubt(2, NOW)), [3]);
  assert.deepEqual(await idsOf(returns.claimInDoubt(2, NOW)), []);
});

Deno.test("ReturningRecipients includes those in doubt found in the pass over the list only if they are to be mailed again", async () => {
  for (const resend of [true, false]) {
    const returns = new ReturningRecipients(new AskedLedger(), new Selection(CHOSEN), resend);
    returns.found(known(4, "in-doubt"), NOW);
    assert.deepEqual(await idsOf(returns.claimInDoubt(9, NOW)), resend ? [4] : []);
  }
});

Deno.test("ReturningRecipients.claimSetAside() makes one pass per round, from the one set aside longest ago to the end, then from the top", async () => {
  const ledger = new AskedLedger({ aside: [2, 3, 8, 9, 5] });
  const selection = new Selection({ ...ALL, limit: 9 });
  const returns = new ReturningRecipients(ledger, selection, false);
  await returns.begin();
  assert.deepEqual(await returns.claimSetAside(NOW, 2), [], "no round has begun");
  returns.beginRound();
  const rounds = [];
  for (let time = 0; time < 4; time++) rounds.push(await idsOf(returns.claimSetAside(NOW, 2)));
  assert.deepEqual(rounds, [[5, 8], [9], [2, 3], []]);
  assert.deepEqual(ledger.questions.slice(1, 4), [
    "aside 5 to the end at 0, 2",
    "aside 9 to the end at 0, 2",
    "aside 10 to the end at 0, 2",
  ]);
  // Set aside again meanwhile, so left for the next round.
  ledger.rows.aside = [8];
  assert.deepEqual(await idsOf(returns.claimSetAside(NOW, 2)), []);
  returns.beginRound();
  take(selection, 8);
  assert.deepEqual(await idsOf(returns.claimSetAside(NOW, 2)), [8]);
  assert.equal(ledger.questions.at(-1), "aside 5 to the end at 0, 1", "there is room for one");
});

Deno.test("ReturningRecipients.claimSetAside() returns chosen recipients, those of this run first, each once per round", async () => {
  const ledger = new AskedLedger();
  const selection = new Selection({ ...CHOSEN, limit: 3 });
  const returns = new ReturningRecipients(ledger, selection, false);
  for (const id of [1, 2, 3]) returns.found(known(id, "deferred", SET_ASIDE), NOW);
  returns.deferred(7, SET_ASIDE);
  assert.equal(await returns.anySetAside(), true);
  assert.equal(await returns.nextDue(NOW), undefined, "they are never due");
  assert.deepEqual(await idsOf(returns.claimSetAside(NOW, 9)), [], "no round has begun");
  returns.beginRound();
  assert.deepEqual(await idsOf(returns.claimSetAside(NOW, 2)), [7, 1]);
  take(selection, 2);
  returns.deferred(7, SET_ASIDE);
  assert.deepEqual(await idsOf(returns.claimSetAside(NOW, 2)), [2], "there is room for one");
  take(selection, 3);
  assert.deepEqual(await idsOf(returns.claimSetAside(NOW, 2)), [], "those met need room");
  assert.equal(await returns.anySetAside(), true);
  returns.beginRound();
  assert.deepEqual(await idsOf(returns.claimSetAside(NOW, 2)), [7]);
  assert.equal(await returns.anySetAside(), false);
});

Deno.test("ReturningRecipients.anySetAside() asks the ledger without a selection, and otherwise considers those that this run can take", async () => {
  for (const [aside, any] of [[[4], true], [[], false]] as const) {
    const returns = new ReturningRecipients(
      new AskedLedger({ aside: [...aside] }),
      new Selection(ALL),
      false,
    );
    assert.equal(await returns.anySetAside(), any);
  }
  const selection = new Selection({ ...CHOSEN, limit: 1 });
  const returns = new ReturningRecipients(new AskedLedger({ aside: [4] }), selection, false);
  assert.equal(await returns.anySetAside(), false);
  returns.found(known(1, "deferred", SET_ASIDE), NOW);
  assert.equal(await returns.anySetAside(), true);
  take(selection, 1);
  assert.equal(await returns.anySetAside(), false, "there is no room for those in the list");
});

Deno.test("ReturningRecipients leaves deferred recipients to the ledger in a run that can take everybody", async () => {
  const ledger = new AskedLedger({ aside: [3] });
  const returns = new ReturningRecipients(ledger, new Selection(ALL), false);
  await returns.begin();
  returns.deferred(3, SET_ASIDE);
  returns.found(known(3, "deferred", SET_ASIDE), NOW);
  returns.beginRound();
  assert.deepEqual(await idsOf(returns.claimSetAside(NOW, 9)), [3]);
  assert.deepEqual(ledger.questions, ["longest", "aside 3 to the end at 0, 9"]);
});
