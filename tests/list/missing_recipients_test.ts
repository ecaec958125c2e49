import assert from "node:assert/strict";
import { shardOf } from "../../src/keys/shard.ts";
import { deferred, Folder, OUTCOMES, rowsOf, statesOf } from "../ledger/ledgers.ts";
import { listOf, rowsFrom, Run, waiting } from "../pipeline/producer_run.ts";

/** Another list than the one by which the ledger was made. */
const SHORTER = { list: "list 2" };
/** Lines 2 to 8 wait, of which the list of these tests has 2 to 6. */
const WAITING = 7;

/** The lines still waiting after a run over lines 2 to 6, in which no one is skipped or reported. */
async function leftWaiting(run: Run): Promise<number[]> {
  assert.equal(run.missing, undefined);
  assert.deepEqual(await rowsOf(run.ledger, ["skipped"]), []);
  return (await rowsOf(run.ledger, ["deferred", "queued"])).map(({ line }) => line);
}

for (
  const [what, choice, left] of [
    ["--only has met nobody else", { only: ["r3@x.test"] }, [2, 4, 5, 6, 7, 8]],
    ["--offset has passed over them", { offset: 3 }, [2, 3, 4, 7, 8]],
    ["--limit ended before the end of the list", { limit: 2 }, [4, 5, 6, 7, 8]],
  ] as const
) {
  for (const dropMissing of [false, true]) {
    Deno.test(`produce() does not report anybody missing if ${what}, ${dropMissing ? "with" : "without"} --drop-missing`, async () => {
      using folder = new Folder();
      await waiting(folder.file(), WAITING);
      await using run = new Run(folder.file(), { ...choice, dropMissing }, [], SHORTER);
      const producing = run.produce(rowsFrom(2, 6));
      await run.drain();
      await producing;
      assert.deepEqual(await leftWaiting(run), left);
    });
  }
}

for (const dropMissing of [false, true]) {
  Deno.test(`produce() does not report anybody missing if it was stopped early, ${dropMissing ? "with" : "without"} --drop-missing`, async () => {
    using folder = new Folder();
    await waiting(folder.file(), WAITING);
    await using run = new Run(folder.file(), { dropMissing }, [], SHORTER);
    const rows = new ReadableStream<ReturnType<typeof rowsFrom>>({
      start: (controller) => controller.enqueue(rowsFrom(2, 3)),
      // Somebody holds the pipe open: no more rows, and no end.
      pull: () => new Promise(() => {}),
    });
    const producing = run.produce([], { list: listOf(rows) });
    for (let received = 0; received < 2; received++) await run.channel.receive();
    run.stop.request("signal", "enough");
    await producing;
    assert.equal((await leftWaiting(run)).length, WAITING - 2, "the two received are claimed");
  });
}

Deno.test("produce() does not report anybody missing if it was stopped while the channel was full", async () => {
  using folder = new Folder();
  await waiting(folder.file(), WAITING);
  await using run = new Run(folder.file(), { dropMissing: true }, [], SHORTER);
  const producing = run.produce(rowsFrom(20, 60));
  await run.channel.receive();
  run.stop.request("signal", "enough");
  await producing;
  assert.equal((await leftWaiting(run)).filter((line) => line <= 8).length, WAITING);
});

Deno.test("produce() with --drop-missing skips those of a shard who are no longer in the list: the ledger has no others", async () => {
  using folder = new Folder();
  const shard = { index: 1, count: 2 };
  const mine = rowsFrom(2, 41).map(({ line }) => line)
    .filter((line) => shardOf(`r${line}@x.test`, 2) === 0);
  const kept = mine.filter((line) => line <= 20);
  {
    await using run = new Run(folder.file(), { shard, wait: false });
    const producing = run.produce(rowsFrom(2, 41));
    await run.drain(() => deferred(Date.now() + 600_000));
    await producing;
  }
  const choice = { shard, wait: false, dropMissing: true };
  await using run = new Run(folder.file(), choice, [], SHORTER);
  const producing = run.produce(rowsFrom(2, 20));
  await run.drain();
  await producing;
  assert.deepEqual((await rowsOf(run.ledger, ["deferred"])).map(({ line }) => line), kept);
  const skipped = await rowsOf(run.ledger, ["skipped"]);
  assert.deepEqual(skipped.map(({ line }) => line), mine.filter((line) => line > 20));
});

Deno.test("produce() with --drop-missing also skips those who wait for a later time, but nobody who is settled", async () => {
  using folder = new Folder();
  await waiting(folder.file(), 3, deferred(Date.now() + 600_000));
  {
    await using run = new Run(folder.file());
    const producing = run.produce(rowsFrom(2, 6));
    while ((await run.ledger.tally()).sent < 2) {
      const job = (await run.channel.receive())!;
      run.recorder.settle({ id: job.id, relay: "", messageId: "" }, OUTCOMES.sent);
      await run.recorder.flush();
    }
    run.stop.request("signal", "enough");
    await producing;
  }
  await using run = new Run(folder.file(), { dropMissing: true, wait: false }, [], SHORTER);
  const producing = run.produce(rowsFrom(4, 4));
  await run.drain();
  await producing;
  assert.deepEqual(await statesOf(run.ledger), [
    "r2@x.test skipped",
    "r3@x.test skipped",
    "r4@x.test deferred",
    "r5@x.test sent",
    "r6@x.test sent",
  ]);
});

Deno.test("produce() reports a single missing recipient, and nothing if nobody is missing", async () => {
  using folder = new Folder();
  await waiting(folder.file(), 3, deferred(Date.now() + 600_000));
  for (
    const [last, missing] of [[3, { count: 1, examples: ["r4@x.test"] }], [4, undefined]] as const
  ) {
    await using run = new Run(folder.file(), { wait: false }, [], { list: `list to ${last}` });
    const producing = run.produce(rowsFrom(2, last));
    assert.deepEqual(await run.drain(), []);
    await producing;
    assert.deepEqual(run.missing, missing);
  }
});
