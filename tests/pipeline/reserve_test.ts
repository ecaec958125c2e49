import assert from "node:assert/strict";
import type { Job } from "../../src/model/recipient.ts";
import { Reserve } from "../../src/pipeline/producer/reserve.ts";
import { Folder, OUTCOMES, recipient } from "../ledger/ledgers.ts";
import { rowsFrom, Run } from "./producer_run.ts";

const job = (id: number): Job => ({
  recipient: recipient(id),
  id,
  attempt: 1,
  firstTriedAt: undefined,
});
const idsOf = (jobs: readonly Job[]) => jobs.map(({ id }) => id);

Deno.test("Reserve holds back the last few, and passes the others on in order", () => {
  const reserve = new Reserve(2);
  assert.deepEqual([1, 2, 3, 4].map((id) => idsOf(reserve.holdBack(job(id)))), [[], [], [1], [2]]);
  assert.equal(reserve.size, 2);
  assert.deepEqual(idsOf(reserve.take(1)), [3]);
  assert.deepEqual(idsOf(reserve.holdBack(job(5))), []);
  assert.deepEqual([idsOf(reserve.take()), reserve.size], [[4, 5], 0]);
});

Deno.test("Reserve of size 0 lets everybody pass", () => {
  const reserve = new Reserve(0);
  assert.deepEqual(idsOf(reserve.holdBack(job(1))), [1]);
  assert.equal(reserve.size, 0);
});

/** Whether a relay has refused a recipient and accepted none since; set by the test. */
class Doubts {
  open = false;
  taken = true;
  readonly learnt = 0;
  lastRound(): void {}
  conclude(): boolean {
    return false;
  }
}

Deno.test("produce() offers those held back when all others are answered, and not before", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const producing = run.produce(rowsFrom(2, 7), { reserve: new Reserve(2), doubts: new Doubts() });
  const first = [];
  for (let count = 0; count < 4; count++) first.push((await run.channel.receive())!);
  assert.deepEqual(first.map(({ recipient }) => recipient.line), [2, 3, 4, 5]);
  let next: Job | undefined;
  const receiving = run.channel.receive().then((job) => next = job);
  for (const [at, { id }] of first.entries()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(next, undefined, `${at} of 4 are answered`);
    run.recorder.settle({ id, relay: "", messageId: "" }, OUTCOMES.sent);
  }
  const sixth = await receiving;
  assert.equal(sixth?.recipient.line, 6);
  run.recorder.settle({ id: sixth.id, relay: "", messageId: "" }, OUTCOMES.sent);
  assert.deepEqual(await run.drain(), [7]);
  await producing;
});

Deno.test("produce() offers those held back together where relays take mail", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const reserve = new Reserve(3);
  const producing = run.produce(rowsFrom(2, 4), { reserve, doubts: new Doubts() });
  const jobs = [(await run.channel.receive())!];
  assert.equal(reserve.size, 0, "nobody is held for the answer of the first");
  for (let count = 0; count < 2; count++) jobs.push((await run.channel.receive())!);
  for (const { id } of jobs) {
    run.recorder.settle({ id, relay: "", messageId: "" }, OUTCOMES.sent);
  }
  assert.deepEqual(await run.drain(), []);
  await producing;
});

Deno.test("produce() offers those held back one by one, each when the one before is answered, where a relay may be refusing us", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const doubts = new Doubts();
  doubts.open = true;
  const producing = run.produce(rowsFrom(2, 4), { reserve: new Reserve(3), doubts });
  let receiving = run.channel.receive();
  for (const line of [2, 3, 4]) {
    const job = (await receiving)!;
    assert.equal(job.recipient.line, line);
    receiving = run.channel.receive();
    const answered = new Promise<void>((resolve) => setTimeout(resolve, 15));
    assert.equal(await Promise.race([receiving, answered]), undefined, "nobody before the answer");
    run.recorder.settle({ id: job.id, relay: "", messageId: "" }, OUTCOMES.failed);
  }
  assert.equal(await receiving, undefined, "the channel is closed");
  await producing;
});
