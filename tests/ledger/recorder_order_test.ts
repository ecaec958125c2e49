import assert from "node:assert/strict";
import type { Change } from "../../src/ledger/ledger.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { now } from "../../src/time/steady_time.ts";
import { deferred, OUTCOMES } from "./ledgers.ts";
import { FULL, mail, nextTurn, Recording } from "./recording.ts";

const hops = async (count: number) => {
  for (let hop = 0; hop < count; hop++) await undefined;
};

Deno.test("Recorder writes what a mail went out as, and both of its times", async () => {
  await using recording = new Recording();
  const { recorder, ledger } = recording;
  const [before, since] = [Date.now(), now()];
  await recorder.handOver(mail(7));
  recorder.settle(mail(7), OUTCOMES.failed);
  await recorder.flush();
  const [handedOver, outcome] = ledger.commits.flat();
  const between = ({ at }: Change) => at >= before && at <= Date.now();
  assert(between(handedOver!) && between(outcome!), "by the wall clock");
  assert.deepEqual({ ...handedOver, at: 0 }, { kind: "handed-over", ...mail(7), at: 0 });
  assert(outcome?.kind === "outcome" && outcome.triedAt !== undefined);
  assert(outcome.triedAt >= since && outcome.triedAt <= now(), "by the run's clock");
  assert.deepEqual({ ...outcome, at: 0, triedAt: 0 }, {
    kind: "outcome",
    id: 7,
    relay: "mx.test:25",
    messageId: "<7@x>",
    at: 0,
    triedAt: 0,
    outcome: OUTCOMES.failed,
  });
});

Deno.test("Recorder makes one commit of replies that arrive a few steps apart within one turn of the event loop", async () => {
  await using recording = new Recording();
  const { recorder, ledger } = recording;
  // Each keeps the group open for the next one: altogether more steps than any single pause lasts.
  await Promise.all([0, 5, 10, 15, 20].map(async (steps, at) => {
    await hops(steps);
    await recorder.handOver(mail(at + 1));
  }));
  assert.deepEqual(ledger.commits.map((changes) => changes.length), [5]);
});

Deno.test("Recorder commits before the event loop turns, so that nobody waits for a timer", async () => {
  await using recording = new Recording();
  const handing = recording.recorder.handOver(mail(1)).then(() => "committed");
  const turning = nextTurn().then(() => "turned");
  assert.equal(await Promise.race([handing, turning]), "committed");
  await turning;
});

Deno.test("Recorder reports who is deferred or in doubt once that is in the ledger, and nobody else", async () => {
  await using recording = new Recording();
  const { recorder, ledger } = recording;
  const ids = [1, 2, 3, 4, 5];
  await Promise.all(ids.map((id) => recorder.handOver(mail(id))));
  const commit = Promise.withResolvers<void>();
  ledger.held = commit.promise;
  const outcomes: Outcome[] = [
    OUTCOMES.sent,
    deferred(500),
    OUTCOMES.failed,
    OUTCOMES["in-doubt"],
    OUTCOMES.invalid,
  ];
  ids.forEach((id, at) => recorder.settle(mail(id), outcomes[at]!));
  await nextTurn();
  assert.deepEqual(recording.told, [], "not on record yet");
  commit.resolve();
  await recorder.flush();
  assert.deepEqual(recording.told, ["2 deferred to 500", "4 in doubt"]);
});

Deno.test("Recorder reports nobody whose outcome could not be written", async () => {
  await using recording = new Recording();
  const { recorder, ledger } = recording;
  await recorder.handOver(mail(1));
  ledger.fault = FULL;
  recorder.settle(mail(1), deferred(500));
  await recorder.flush();
  assert.deepEqual(recording.told, []);
});

Deno.test("Recorder.lost counts only those whose hand-over is on record: the others were not sent", async () => {
  await using recording = new Recording();
  const { recorder, ledger } = recording;
  await recorder.handOver(mail(1));
  ledger.fault = FULL;
  const handing = recorder.handOver(mail(2));
  // It was never on the wire; that it failed is known before the group is committed.
  recorder.settle(mail(2), OUTCOMES.failed);
  recorder.settle(mail(1), OUTCOMES.sent);
  // Claimed, and refused before its hand-over.
  recorder.settle(mail(3), OUTCOMES.failed);
  await assert.rejects(handing, FULL);
  await recorder.flush();
  assert.equal(recorder.lost, 1);
  recorder.settle(mail(4), OUTCOMES.failed);
  assert.equal(recorder.lost, 1, "nor one that comes later");
});

Deno.test("Recorder writes nothing at the end of a ledger that failed where nothing is left to write", async () => {
  const recording = new Recording();
  const { recorder, ledger } = recording;
  ledger.fault = FULL;
  await assert.rejects(recorder.handOver(mail(1)), FULL);
  ledger.fault = undefined;
  await recorder[Symbol.asyncDispose]();
  assert.deepEqual([ledger.commits, ledger.syncs], [[], 0]);
});

Deno.test("Recorder tries once more at the end, and counts as lost what cannot be written then, either", async () => {
  const recording = new Recording();
  const { recorder, ledger } = recording;
  await Promise.all([1, 2].map((id) => recorder.handOver(mail(id))));
  ledger.fault = FULL;
  recorder.settle(mail(1), OUTCOMES.sent);
  recorder.settle(mail(2), OUTCOMES.sent);
  await recorder[Symbol.asyncDispose]();
  assert.equal(recorder.lost, 2);
  ledger.fault = undefined;
  await recorder[Symbol.asyncDispose]();
  assert.equal(recorder.lost, 0, "kept for whoever closes it again");
  assert.deepEqual(ledger.commits.at(-1)?.map(({ id }) => id), [1, 2]);
});

Deno.test("Recorder wakes those that wait for a slot when the ledger fails, and their mail is not sent", async () => {
  await using recording = new Recording({ mostHandedOver: 1 });
  const { recorder, ledger } = recording;
  await recorder.handOver(mail(1));
  const waiting = [2, 3].map((id) => recorder.handOver(mail(id)));
  ledger.fault = FULL;
  recorder.settle(mail(1), OUTCOMES.sent);
  const ends = await Promise.allSettled(waiting);
  assert.deepEqual(ends.map(({ status }) => status), ["rejected", "rejected"]);
  assert.deepEqual(ledger.written, ["handed-over 1"]);
});

Deno.test("Recorder wakes those that wait for a slot as soon as the ledger fails, although no slot is released", async () => {
  await using recording = new Recording({ mostHandedOver: 1 });
  const { recorder, ledger } = recording;
  await recorder.handOver(mail(1));
  const waiting = recorder.handOver(mail(2));
  ledger.fault = FULL;
  await assert.rejects(recorder.claim([], 1), FULL);
  await assert.rejects(waiting, FULL);
});

Deno.test("Recorder releases the slot of a mail that was settled without a hand-over, and no other", async () => {
  await using recording = new Recording({ mostHandedOver: 2 });
  const { recorder, ledger } = recording;
  await Promise.all([1, 2].map((id) => recorder.handOver(mail(id))));
  const third = recorder.handOver(mail(3));
  recorder.settle(mail(9), OUTCOMES.failed);
  await nextTurn();
  assert.deepEqual([...ledger.handedOver], [1, 2], "9 had no place to give");
  recorder.settle(mail(1), OUTCOMES.sent);
  await third;
  assert.equal(ledger.most, 2);
});
