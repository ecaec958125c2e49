import assert from "node:assert/strict";
import { shardOf } from "../../src/produce/shard.ts";
import { deferred, Folder, OUTCOMES } from "../record/ledgers.ts";
import { rowsFrom, Run } from "./producer_run.ts";

const numbers = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

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
    assert.deepEqual(run.unmet, "only" in choice ? ["no@x.test"] : [], "a slip of the pen is told");
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
