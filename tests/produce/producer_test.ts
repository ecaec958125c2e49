import assert from "node:assert/strict";
import type { SendOptions } from "../../src/cli/options.ts";
import { Stop } from "../../src/consume/stop.ts";
import { Channel } from "../../src/produce/channel.ts";
import { produce, type Production } from "../../src/produce/producer.ts";
import type { BadRow, CsvRow, Job } from "../../src/produce/recipient.ts";
import { Selection } from "../../src/produce/selection.ts";
import { shardOf } from "../../src/produce/shard.ts";
import type { Outcome } from "../../src/record/outcome.ts";
import { Recorder } from "../../src/record/recorder.ts";
import { SqliteLedger } from "../../src/record/sqlite.ts";
import { deferred, FACTS, Folder, OUTCOMES, rowsOf, statesOf } from "../record/ledgers.ts";

type Choice = Partial<Pick<SendOptions, "offset" | "only" | "shard" | "limit" | "wait">>;

/** Rows `first` to `last` of a list: "r2@x.test" on line 2. */
function rowsFrom(first: number, last: number): CsvRow[] {
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const line = first + at;
    return { kind: "row", line, cells: [`r${line}@x.test`] };
  });
}

/** One run of a producer over a ledger of its own, whose consumer is the test. */
class Run implements AsyncDisposable {
  readonly stop = new Stop();
  readonly ledger: SqliteLedger;
  readonly recorder: Recorder;
  readonly channel: Channel<Job>;
  readonly waits: (number | undefined)[] = [];
  /** Rows the producer has taken out of the list. */
  taken = 0;
  readonly #choice: Choice;
  readonly #suppressed: ReadonlySet<string>;

  constructor(path: string, choice: Choice = {}, suppressed: readonly string[] = []) {
    this.#choice = choice;
    this.#suppressed = new Set(suppressed);
    this.ledger = new SqliteLedger({ path, facts: FACTS, resendInDoubt: false });
    this.recorder = new Recorder(this.ledger, { mostHandedOver: 100, onFailure: () => {} });
    this.channel = new Channel<Job>({ capacity: 8, signal: this.stop.signal });
  }

  produce(rows: readonly (CsvRow | BadRow)[], changes: Partial<Production> = {}): Promise<void> {
    const { offset = 0, only = [], shard, limit, wait = true } = this.#choice;
    const taken = (size: number) => this.taken += size;
    const stream = new ReadableStream<readonly (CsvRow | BadRow)[]>({
      start: (controller) => void (this.#at = 0, controller),
      pull: (controller) => {
        const batch = rows.slice(this.#at, this.#at += 4);
        taken(batch.length);
        if (batch.length === 0) controller.close();
        else controller.enqueue(batch);
      },
    }, { highWaterMark: 0 });
    return produce({
      rows: stream as Production["rows"],
      columns: { names: ["Email"], email: 0 },
      listName: "list.csv",
      required: [],
      selection: new Selection({ offset, only, shard, limit }),
      suppression: {
        why: (key: string) => this.#suppressed.has(key) ? "Suppressed by no.csv:1" : undefined,
      },
      resumeAfterLine: this.ledger.opened.resumeAfterLine,
      recorder: this.recorder,
      tally: () => this.ledger.tally(),
      channel: this.channel,
      claimSize: 4,
      stop: this.stop,
      wait,
      onWaiting: (until) => this.waits.push(until),
      ...changes,
    });
  }

  /** Receives and settles until the producer is done; answers the lines, in the order they came. */
  async drain(outcomeOf: (job: Job) => Outcome = () => OUTCOMES.sent): Promise<number[]> {
    const lines: number[] = [];
    for (let job; (job = await this.channel.receive()) !== undefined;) {
      lines.push(job.recipient.line);
      this.recorder.settle({ id: job.id, relay: "mx.test", messageId: "" }, outcomeOf(job));
    }
    return lines;
  }

  #at = 0;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.recorder[Symbol.asyncDispose]();
    await this.ledger[Symbol.asyncDispose]();
  }
}

const numbers = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve));
};

Deno.test("produce() reads only a few rows more than the channel holds while its consumer is stuck", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const producing = run.produce(rowsFrom(2, 1_001));
  await turns(30);
  assert.ok(run.taken <= 8 + 2 * 4, `${run.taken} rows for a channel of 8`);
  assert.ok(run.ledger.tally().total <= 16);
  run.stop.give("enough");
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
  const { sent, invalid, skipped, total } = run.ledger.tally();
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
  assert.equal(run.ledger.tally().sent, 100);
});

Deno.test("produce() counts the tries of who comes back, and keeps the time of the first", async () => {
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

Deno.test("produce() says until when it waits where only deferred recipients are left", async () => {
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

Deno.test("produce() ends without waiting where that is asked for, and gives out who is due now", async () => {
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

for (
  const [sentence, choice, expected] of [
    ["--limit takes the first ones", { limit: 3 }, [2, 3, 4]],
    ["--offset passes over the first ones", { offset: 17 }, [19, 20, 21]],
    ["--offset and --limit", { offset: 5, limit: 2 }, [7, 8]],
    ["--only takes those named", { only: ["r5@x.test", "r19@x.test", "no@x.test"] }, [5, 19]],
  ] as const
) {
  Deno.test(`produce(): ${sentence}, and the ledger knows of no others`, async () => {
    using folder = new Folder();
    await using run = new Run(folder.file(), choice);
    const producing = run.produce(rowsFrom(2, 21));
    assert.deepEqual(await run.drain(), expected);
    await producing;
    assert.equal(run.ledger.tally().total, expected.length);
  });
}

Deno.test("produce(): the shards of a list are its parts: nobody is in two, nobody in none", async () => {
  const lines: number[] = [];
  for (const index of [1, 2, 3]) {
    using folder = new Folder();
    await using run = new Run(folder.file(), { shard: { index, count: 3 } });
    const producing = run.produce(rowsFrom(2, 61));
    const own = await run.drain();
    await producing;
    for (const line of own) assert.equal(shardOf(`r${line}@x.test`, 3), index - 1);
    lines.push(...own);
  }
  assert.deepEqual(lines.sort((a, b) => a - b), numbers(2, 61));
});

Deno.test("produce(): a limited run is gone on with where it ended, and passes over nobody", async () => {
  using folder = new Folder();
  const all: number[] = [];
  for (const expected of [[2, 3, 4, 5, 6], [7, 8, 9, 10, 11], [12, 13], []]) {
    await using run = new Run(folder.file(), { limit: 5 });
    const producing = run.produce(rowsFrom(2, 13));
    const lines = await run.drain();
    await producing;
    assert.deepEqual(lines, expected);
    all.push(...lines);
  }
  assert.deepEqual(all, numbers(2, 13));
});

Deno.test("produce(): a whole run after one with --only or --offset mails all others", async () => {
  using folder = new Folder();
  for (
    const [choice, expected] of [
      [{ only: ["r9@x.test"] }, [9]],
      [{ offset: 10 }, [12, 13]],
      [{}, [2, 3, 4, 5, 6, 7, 8, 10, 11]],
    ] as const
  ) {
    await using run = new Run(folder.file(), choice);
    const producing = run.produce(rowsFrom(2, 13));
    assert.deepEqual(await run.drain(), expected);
    await producing;
  }
});

Deno.test("produce(): retries of a limited run are waited for, and other recipients are not taken for them", async () => {
  using folder = new Folder();
  {
    await using run = new Run(folder.file());
    const producing = run.produce(rowsFrom(2, 6));
    await run.channel.receive();
    run.stop.give("enough");
    await producing;
  }
  await using run = new Run(folder.file(), { limit: 2 });
  const producing = run.produce(rowsFrom(2, 20));
  const tries = new Map<number, number>();
  await run.drain(({ recipient: { line } }) => {
    tries.set(line, (tries.get(line) ?? 0) + 1);
    return tries.get(line)! < 3 ? deferred(0) : OUTCOMES.sent;
  });
  await producing;
  assert.equal(tries.size, 2);
  assert.deepEqual([...tries.values()], [3, 3]);
});

Deno.test("produce() does not offer who is suppressed, nor who has become so while waiting", async () => {
  using folder = new Folder();
  {
    await using run = new Run(folder.file());
    const producing = run.produce(rowsFrom(2, 5));
    for (let count = 0; count < 4; count++) {
      const job = (await run.channel.receive())!;
      run.recorder.settle({ id: job.id, relay: "", messageId: "" }, deferred(0));
      await run.recorder.flush();
    }
    run.stop.give("enough");
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
    run.stop.give("full channel");
    await producing;
  }
  {
    await using run = new Run(folder.file("due"));
    const producing = run.produce(rowsFrom(2, 2));
    const job = (await run.channel.receive())!;
    run.recorder.settle({ id: job.id, relay: "", messageId: "" }, deferred(Date.now() + 600_000));
    while (run.waits.length === 0) await turns(1);
    run.stop.give("waiting");
    await producing;
  }
  await using run = new Run(folder.file("row"));
  const held = new ReadableStream<never>({ pull: () => new Promise(() => {}) });
  const producing = run.produce([], { rows: held });
  await turns(3);
  run.stop.give("a pipe that nobody writes to");
  await producing;
});

Deno.test("produce() that was stopped has lost nobody: what it claimed is owed by the next run", async () => {
  using folder = new Folder();
  let sent: number;
  {
    await using run = new Run(folder.file());
    const producing = run.produce(rowsFrom(2, 60));
    for (let count = 0; count < 10; count++) {
      const job = (await run.channel.receive())!;
      run.recorder.settle({ id: job.id, relay: "", messageId: "" }, OUTCOMES.sent);
    }
    run.stop.give("enough");
    await producing;
    await run.recorder.flush();
    sent = run.ledger.tally().sent;
  }
  await using run = new Run(folder.file());
  assert.equal(run.ledger.tally().claimed, 0);
  const producing = run.produce(rowsFrom(2, 60));
  const lines = await run.drain();
  await producing;
  assert.equal(lines.length, 59 - sent);
  assert.equal(run.ledger.tally().sent, 59);
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
  const producing = run.produce([], { rows: rows as Production["rows"] });
  const ended = producing.catch((error) => {
    run.stop.give("list");
    throw error;
  });
  await assert.rejects(ended, /quote never closed/);
});
