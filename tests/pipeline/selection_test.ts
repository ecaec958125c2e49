import assert from "node:assert/strict";
import { NobodyChosen, Selection } from "../../src/pipeline/producer/selection.ts";
import { shardOf } from "../../src/keys/shard.ts";
import { deferred, Folder, OUTCOMES, recipient } from "../ledger/ledgers.ts";
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
    assert.equal((await run.ledger.tally()).total, expected.length);
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

Deno.test("produce(): a limited run is continued where it ended, and skips nobody", async () => {
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
    run.stop.request("signal", "enough");
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

/** The error of a selection after a list with these recipients has been read completely. */
function faultOf(
  options: Partial<ConstructorParameters<typeof Selection>[0]>,
  names: readonly string[],
  list = "list.csv",
  readOnce = true,
): string | undefined {
  const selection = new Selection({ ...EVERYBODY, ...options }, readOnce);
  for (const [place, name] of names.entries()) {
    if (selection.covers(place)) selection.chooses(recipient(place + 2, `${name}@x.test`));
  }
  try {
    selection.assertFoundAny(list);
    return undefined;
  } catch (error) {
    assert(error instanceof NobodyChosen);
    return error.describe();
  }
}

const EVERYBODY = { offset: 0, only: [], shard: undefined, limit: undefined };

Deno.test("Selection.assertFoundAny() names the missing recipients and the nearest ones if the list has none of them", () => {
  const only = ["anm@x.test", "quentin.zimmer@other.example", "bop@x.test", "four@x.test"];
  const names = ["ann", "bob", "cem"];
  const message =
    "--only must name recipients of the list 'list.csv': found 'anm@x.test', 'quentin.zimmer@other.example', 'bop@x.test'";
  assert.equal(
    faultOf({ only }, names),
    `${message}\n  Did you mean 'ann@x.test'?\n  Did you mean 'bob@x.test'?`,
  );
  assert.equal(faultOf({ only }, names, "list.csv", false), message, "a scan has said it before");
  assert.match(faultOf({ only }, names, "-") ?? "", /of the list on standard input: found/);
  assert.equal(faultOf({ only: [...only, "cem@x.test"] }, names), undefined, "it has one");
  assert.equal(faultOf({}, []), undefined, "nobody was asked for");
});

Deno.test("Selection.assertFoundAny() suggests a recipient once who is nearest to several missing ones", () => {
  assert.match(
    faultOf({ only: ["anm@x.test", "amn@x.test"] }, ["ann"]) ?? "",
    /found 'anm@x.test', 'amn@x.test'\n {2}Did you mean 'ann@x.test'\?$/,
  );
});

Deno.test("Selection.assertFoundAny() wants --offset to leave a row over", () => {
  assert.equal(faultOf({ offset: 1 }, ["ann", "bob"]), undefined);
  for (const offset of [2, 3]) {
    assert.equal(
      faultOf({ offset }, ["ann", "bob"]),
      `--offset must be less than the number of rows of the list 'list.csv': found '${offset}'`,
    );
  }
  assert.match(faultOf({ offset: 2 }, ["ann"], "-") ?? "", /the list on standard input: found '2'/);
});

Deno.test("Selection tells which part of the list, and of the ledger, a run is about", () => {
  for (
    const [options, facts] of [
      [{}, { whole: true, picks: false, isNarrow: false }],
      [{ limit: 5 }, { whole: true, picks: false, isNarrow: true }],
      [{ offset: 1 }, { whole: false, picks: true, isNarrow: true }],
      [{ only: ["ann@x.test"] }, { whole: false, picks: true, isNarrow: true }],
      [{ shard: { index: 1, count: 2 } }, { whole: false, picks: false, isNarrow: false }],
    ] as const
  ) {
    const { whole, picks, isNarrow } = new Selection({ ...EVERYBODY, ...options });
    assert.deepEqual({ whole, picks, isNarrow }, facts, JSON.stringify(options));
  }
});

Deno.test("Selection.room counts each recipient once, however often they are taken", () => {
  const limited = new Selection({ ...EVERYBODY, limit: 2 });
  assert.equal(limited.room, 2);
  for (const line of [2, 2, 3]) limited.took(recipient(line));
  assert.equal(limited.room, 0);
  const all = new Selection(EVERYBODY);
  all.took(recipient(2));
  assert.equal(all.room, Infinity);
});

Deno.test("Selection.notFound excludes those found in a row, even of another shard", () => {
  const only = ["r2@x.test", "r3@x.test", "r4@x.test"];
  const index = shardOf("r2@x.test", 2) + 1;
  const selection = new Selection({ ...EVERYBODY, only, shard: { index, count: 2 } });
  const other = [3, 4, 5, 6, 7].find((line) => shardOf(`r${line}@x.test`, 2) !== index - 1)!;
  assert.equal(selection.chooses(recipient(2)), true);
  assert.equal(selection.chooses(recipient(other)), false);
  assert.equal(selection.chooses(recipient(9)), false);
  assert.deepEqual(selection.notFound, only.slice(1).filter((key) => key !== `r${other}@x.test`));
});
