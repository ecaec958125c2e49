import assert from "node:assert/strict";
import type { BadRow, CsvRow, Job } from "../../src/model/recipient.ts";
import { deferred, Folder, OUTCOMES, rowsOf, statesOf } from "../ledger/ledgers.ts";
import { listOf, rowsFrom, Run } from "./producer_run.ts";

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve));
};

Deno.test("produce() reads only a few rows more than the channel holds while its consumer is stuck", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const producing = run.produce(rowsFrom(2, 1_001));
  await turns(30);
  assert.ok(run.taken <= 8 + 2 * 4, `${run.taken} rows for a channel of 8`);
  assert.ok((await run.ledger.tally()).total <= 16);
  run.stop.request("signal", "enough");
  await producing;
});

Deno.test("produce() offers every good row once, in the order of the list, and then ends", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const bad: BadRow = {
    kind: "bad-row",
    line: 6,
    address: "",
    fields: [],
    reason: "Too few fields",
  };
  const rows = [
    ...rowsFrom(2, 5),
    bad,
    { kind: "row", line: 7, cells: ["no address"] } as const,
    { kind: "row", line: 8, cells: ["r2@x.test"] } as const,
    ...rowsFrom(9, 12),
  ];
  const producing = run.produce(rows);
  assert.deepEqual(await run.drain(), [2, 3, 4, 5, 9, 10, 11, 12]);
  await producing;
  const { sent, invalid, skipped, total } = await run.ledger.tally();
  assert.deepEqual({ sent, invalid, skipped, total }, {
    sent: 8,
    invalid: 2,
    skipped: 1,
    total: 11,
  });
});

Deno.test("produce() brings deferred recipients back between fresh rows when they are due", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const tried = new Set<number>();
  const producing = run.produce(rowsFrom(2, 101));
  const lines = await run.drain(({ recipient: { line } }) => {
    if (line % 10 !== 0 || tried.has(line)) return OUTCOMES.sent;
    tried.add(line);
    return deferred(0);
  });
  await producing;
  assert.equal(lines.length, 100 + 10);
  const second = lines.lastIndexOf(10);
  assert.ok(second > lines.indexOf(10) && second < lines.indexOf(60), `line 10 again at ${second}`);
  assert.equal((await run.ledger.tally()).sent, 100);
});

Deno.test("produce() counts the tries of returning recipients, and keeps the time of the first", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const jobs: Job[] = [];
  const producing = run.produce(rowsFrom(2, 2));
  await run.drain((job) => {
    jobs.push(job);
    return jobs.length < 3 ? deferred(0, jobs.length === 1) : OUTCOMES.sent;
  });
  await producing;
  assert.deepEqual(jobs.map(({ attempt }) => attempt), [1, 2, 2]);
  assert.equal(jobs[0]?.firstTriedAt, undefined);
  assert.ok(jobs[1]!.firstTriedAt! > 0);
  assert.equal(jobs[1]?.firstTriedAt, jobs[2]?.firstTriedAt);
});

Deno.test("produce() waits for what is under way before it ends", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  let ended = false;
  const producing = run.produce(rowsFrom(2, 2)).then(() => ended = true);
  const job = (await run.channel.receive())!;
  await turns(10);
  assert.equal(ended, false, "it may still be deferred");
  run.recorder.settle({ id: job.id, relay: "", messageId: "" }, deferred(0));
  assert.deepEqual(await run.drain(), [2]);
  await producing;
});

Deno.test("produce() reports until when it waits if only deferred recipients are left", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const due = Date.now() + 150;
  const producing = run.produce(rowsFrom(2, 3));
  let deferrals = 0;
  await run.drain(({ recipient: { line } }) =>
    line === 2 && deferrals++ === 0 ? deferred(due) : OUTCOMES.sent
  );
  await producing;
  assert.deepEqual([...new Set(run.waits)], [due, undefined]);
});

Deno.test("produce() ends without waiting on request, and offers those due now", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file(), { wait: false });
  const producing = run.produce(rowsFrom(2, 4));
  let tries = 0;
  const lines = await run.drain(({ recipient: { line } }) =>
    line === 2
      ? deferred(Date.now() + 600_000)
      : line === 3 && tries++ === 0
      ? deferred(0)
      : OUTCOMES.sent
  );
  await producing;
  assert.deepEqual(lines, [2, 3, 4, 3]);
  assert.deepEqual(await statesOf(run.ledger), [
    "r2@x.test deferred",
    "r3@x.test sent",
    "r4@x.test sent",
  ]);
});

Deno.test("produce() does not offer suppressed recipients, nor those suppressed while waiting", async () => {
  using folder = new Folder();
  {
    await using run = new Run(folder.file());
    const producing = run.produce(rowsFrom(2, 5));
    for (let count = 0; count < 4; count++) {
      const job = (await run.channel.receive())!;
      run.recorder.settle({ id: job.id, relay: "", messageId: "" }, deferred(0));
      await run.recorder.flush();
    }
    run.stop.request("signal", "enough");
    await producing;
  }
  await using run = new Run(folder.file(), {}, ["r3@x.test", "r7@x.test"]);
  const producing = run.produce(rowsFrom(2, 8));
  assert.deepEqual((await run.drain()).sort(), [2, 4, 5, 6, 8]);
  await producing;
  const skipped = await rowsOf(run.ledger, ["skipped"]);
  assert.deepEqual(skipped.map(({ line, reason }) => [line, reason]), [
    [3, "Suppressed by no.csv:1"],
    [7, "Suppressed by no.csv:1"],
  ]);
});

Deno.test("produce() ends when the run stops: while it waits for room, for a due time, or for a row", async () => {
  using folder = new Folder();
  {
    await using run = new Run(folder.file());
    const producing = run.produce(rowsFrom(2, 100));
    await turns(5);
    run.stop.request("signal", "full channel");
    await producing;
  }
  {
    await using run = new Run(folder.file("due"));
    const producing = run.produce(rowsFrom(2, 2));
    const job = (await run.channel.receive())!;
    run.recorder.settle({ id: job.id, relay: "", messageId: "" }, deferred(Date.now() + 600_000));
    while (run.waits.length === 0) await turns(1);
    run.stop.request("signal", "waiting");
    await producing;
  }
  await using run = new Run(folder.file("row"));
  const held = new ReadableStream<never>({ pull: () => new Promise(() => {}) });
  const producing = run.produce([], { list: listOf(held) });
  await turns(3);
  run.stop.request("signal", "a pipe that nobody writes to");
  await producing;
});

Deno.test("produce() loses nobody when stopped: what it claimed is left to the next run", async () => {
  using folder = new Folder();
  let sent: number;
  {
    await using run = new Run(folder.file());
    const producing = run.produce(rowsFrom(2, 60));
    for (let count = 0; count < 10; count++) {
      const job = (await run.channel.receive())!;
      run.recorder.settle({ id: job.id, relay: "", messageId: "" }, OUTCOMES.sent);
    }
    run.stop.request("signal", "enough");
    await producing;
    await run.recorder.flush();
    sent = (await run.ledger.tally()).sent;
  }
  await using run = new Run(folder.file());
  assert.equal((await run.ledger.tally()).claimed, 0);
  const producing = run.produce(rowsFrom(2, 60));
  const lines = await run.drain();
  await producing;
  assert.equal(lines.length, 59 - sent);
  assert.equal((await run.ledger.tally()).sent, 59);
});

Deno.test("produce() throws what is wrong with the list, and has offered the rows before", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const rows = new ReadableStream<readonly CsvRow[]>({
    start(controller) {
      controller.enqueue(rowsFrom(2, 4));
    },
    pull(controller) {
      controller.error(new TypeError("quote never closed"));
    },
  }, { highWaterMark: 2 });
  const producing = run.produce([], { list: listOf(rows) });
  const ended = producing.catch((error) => {
    run.stop.request("signal", "list");
    throw error;
  });
  await assert.rejects(ended, /quote never closed/);
});
