import assert from "node:assert/strict";
import type { CsvRow } from "../../src/model/recipient.ts";
import { deferred, Folder, OUTCOMES, rowsOf, statesOf } from "../ledger/ledgers.ts";
import { rowsFrom, Run, waiting } from "./producer_run.ts";

/** One run over `rows`; the addresses it offered. */
async function addresses(
  path: string,
  rows: readonly CsvRow[],
  choice: ConstructorParameters<typeof Run>[1],
): Promise<string[]> {
  await using run = new Run(path, choice);
  const offered: string[] = [];
  const producing = run.produce(rows, { claimSize: 32 });
  await run.drain(({ recipient }) => {
    offered.push(recipient.address);
    return OUTCOMES.sent;
  });
  await producing;
  return offered;
}

function list(...names: readonly string[]): CsvRow[] {
  return names.map((name, at) => ({ kind: "row", line: at + 2, cells: [`${name}@x.test`] }));
}

const users = (count: number) => Array.from({ length: count }, (_, at) => `user${at + 1}`);

Deno.test("A limited run skips nobody: a duplicate row, then --limit 5, then the rest", async () => {
  using folder = new Folder();
  const rows = list("dup", "dup", ...users(100));
  assert.equal((await addresses(folder.file(), rows, { limit: 5 })).length, 5);
  assert.equal((await addresses(folder.file(), rows, {})).length, 96);
});

Deno.test("Limited runs reach everybody in turn where every tenth row is doubled", async () => {
  using folder = new Folder();
  const rows = list(...users(100).flatMap((name, at) => at % 10 === 9 ? [name, name] : [name]));
  const runs: string[][] = [];
  for (let run = 0; run < 5; run++) runs.push(await addresses(folder.file(), rows, { limit: 20 }));
  assert.deepEqual(runs.map(({ length }) => length), [20, 20, 20, 20, 20]);
  assert.deepEqual(new Set(runs.flat()).size, 100);
});

Deno.test("A limited run that follows one with selected recipients skips nobody", async () => {
  using folder = new Folder();
  const rows = list(...users(60));
  const only = users(5).map((name) => `${name}@x.test`);
  assert.equal((await addresses(folder.file(), rows, { only })).length, 5);
  assert.deepEqual(await addresses(folder.file(), rows, { limit: 5 }), [
    ...["user6@x.test", "user7@x.test", "user8@x.test", "user9@x.test", "user10@x.test"],
  ]);
  assert.equal((await addresses(folder.file(), rows, {})).length, 50);
});

Deno.test("--offset with --limit, run again and again, continues row by row", async () => {
  using folder = new Folder();
  const rows = list(...users(60));
  for (const first of [11, 16, 21]) {
    const expected = [0, 1, 2, 3, 4].map((more) => `user${first + more}@x.test`);
    assert.deepEqual(await addresses(folder.file(), rows, { offset: 10, limit: 5 }), expected);
  }
  assert.equal((await addresses(folder.file(), rows, {})).length, 45);
});

for (
  const [sentence, choice, expected] of [
    ["--only", { only: ["r4@x.test", "r6@x.test"] }, [4, 6]],
    ["--only and --limit", { only: ["r4@x.test", "r6@x.test", "r7@x.test"], limit: 2 }, [4, 6]],
    ["--offset", { offset: 5 }, [7, 8]],
    ["--offset and --limit", { offset: 2, limit: 3 }, [4, 5, 6]],
    ["--limit", { limit: 3 }, [2, 3, 4]],
  ] as const
) {
  Deno.test(`${sentence} narrows the recipients who return because they are due`, async () => {
    using folder = new Folder();
    await waiting(folder.file(), 7);
    await using run = new Run(folder.file(), choice);
    const producing = run.produce(rowsFrom(2, 8));
    assert.deepEqual((await run.drain()).sort(), expected);
    await producing;
    assert.equal((await run.ledger.tally()).deferred, 7 - expected.length);
  });

  Deno.test(`${sentence} narrows the recipients who are mailed again because they are in doubt`, async () => {
    using folder = new Folder();
    await waiting(folder.file(), 7, OUTCOMES["in-doubt"]);
    {
      await using run = new Run(folder.file(), { ...choice, inDoubt: "resend" });
      const producing = run.produce(rowsFrom(2, 8));
      assert.deepEqual((await run.drain()).sort(), expected);
      await producing;
      assert.equal((await run.ledger.tally()).inDoubt, 7 - expected.length);
    }
    await using plain = new Run(folder.file());
    const producing = plain.produce(rowsFrom(2, 8));
    assert.deepEqual(await plain.drain(), [], "the others are held");
    await producing;
  });
}

Deno.test("A recipient in doubt once more is not mailed a third time by the same run", async () => {
  using folder = new Folder();
  await waiting(folder.file(), 5, OUTCOMES["in-doubt"]);
  await using run = new Run(folder.file(), { inDoubt: "resend" });
  const producing = run.produce(rowsFrom(2, 6));
  assert.equal((await run.drain(() => OUTCOMES["in-doubt"])).length, 5);
  await producing;
  assert.equal((await run.ledger.tally()).inDoubt, 5);
});

Deno.test("Who is in doubt and has left since is not sent to again, and stays in doubt", async () => {
  using folder = new Folder();
  await waiting(folder.file(), 3, OUTCOMES["in-doubt"]);
  await using run = new Run(folder.file(), { inDoubt: "resend" }, ["r3@x.test"]);
  const producing = run.produce(rowsFrom(2, 4));
  assert.deepEqual((await run.drain()).sort(), [2, 4]);
  await producing;
  assert.deepEqual(await statesOf(run.ledger), [
    "r2@x.test sent",
    "r3@x.test in-doubt",
    "r4@x.test sent",
  ]);
});

Deno.test("A recipient taken by --limit is retried although there is no room for others", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file(), { limit: 3 });
  const producing = run.produce(rowsFrom(2, 40));
  let deferrals = 0;
  const lines = await run.drain(({ recipient: { line } }) =>
    line === 3 && deferrals++ < 2 ? deferred(0) : OUTCOMES.sent
  );
  await producing;
  assert.deepEqual(lines, [2, 3, 4, 3, 3]);
  assert.equal((await run.ledger.tally()).sent, 3);
});

Deno.test("Waiting recipients who are not in the list are named and keep waiting, or are dropped on request", async () => {
  using folder = new Folder();
  await waiting(folder.file(), 5);
  const facts = { list: "list 2" };
  {
    await using run = new Run(folder.file(), {}, [], facts);
    const producing = run.produce(rowsFrom(2, 3));
    assert.deepEqual(await run.drain(), [2, 3]);
    await producing;
    assert.deepEqual(run.missing, {
      count: 3,
      examples: ["r4@x.test", "r5@x.test", "r6@x.test"],
    });
    assert.equal((await run.ledger.tally()).deferred, 3);
  }
  await using run = new Run(folder.file(), { dropMissing: true }, [], facts);
  const producing = run.produce(rowsFrom(2, 3));
  assert.deepEqual(await run.drain(), []);
  await producing;
  assert.equal(run.missing, undefined);
  const skipped = await rowsOf(run.ledger, ["skipped"]);
  assert.deepEqual(skipped.map(({ reason }) => reason), Array(3).fill("No longer in list.csv"));
});
