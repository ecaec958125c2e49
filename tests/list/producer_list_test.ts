import assert from "node:assert/strict";
import type { Batch } from "../../src/list/list.ts";
import type { CsvRow } from "../../src/model/recipient.ts";
import type { ListNews, SendingList } from "../../src/list/file/sending_list.ts";
import { InputError } from "../../src/model/input_error.ts";
import { Folder, rowsOf, statesOf } from "../ledger/ledgers.ts";
import { rowsFrom, Run, waiting } from "../pipeline/producer_run.ts";

/** One pass over a list that another program writes to. */
interface Pass {
  readonly rows: readonly CsvRow[];
  /** The state of the list as the pass continues: one word for each check, the last one for all further checks. */
  readonly news: readonly ListNews[];
  /** The error that ends the rows early. */
  readonly fault?: Error;
  readonly isAsScanned?: boolean;
}

/** A list that is read in these passes, in batches of four rows. */
class WrittenList implements SendingList {
  /** The lines after which passes were requested. */
  readonly begun: number[] = [];
  readonly #passes: readonly Pass[];
  #asked = 0;

  constructor(...passes: readonly Pass[]) {
    this.#passes = passes;
  }

  rowsAfter(line: number): ReturnType<SendingList["rowsAfter"]> {
    this.begun.push(line);
    this.#asked = 0;
    const { rows, fault, isAsScanned = true } = this.#now;
    const batches = function* (): Generator<Batch> {
      for (let at = 0; at < rows.length; at += 4) yield rows.slice(at, at + 4);
      if (fault !== undefined) throw fault;
    };
    return Promise.resolve({
      rows: ReadableStream.from(batches()),
      isAsScanned: () => isAsScanned,
      notChosen: () => 0,
    });
  }

  news(): Promise<ListNews> {
    const { news } = this.#now;
    return Promise.resolve(news[Math.min(this.#asked++, news.length - 1)]!);
  }

  hasChanged(): Promise<boolean> {
    return Promise.resolve(false);
  }

  get #now(): Pass {
    return this.#passes[this.begun.length - 1]!;
  }
}

/** Runs over the list to the end; the lines that were mailed. */
async function linesOf(run: Run, list: SendingList): Promise<number[]> {
  const producing = run.produce([], { list });
  const lines = await run.drain().catch(() => []);
  await producing;
  return lines;
}

const AS_SCANNED: readonly ListNews[] = ["as scanned"];

Deno.test("produce() reads a rewritten, unchanged list again after the rows it has claimed", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const rows = rowsFrom(2, 13);
  const list = new WrittenList(
    { rows, news: ["as scanned", "read again"] },
    { rows, news: ["as scanned", "as scanned", "read again"] },
    { rows, news: AS_SCANNED },
  );
  assert.deepEqual(await linesOf(run, list), rows.map(({ line }) => line));
  assert.deepEqual(list.begun, [0, 5, 9]);
  assert.equal((await run.ledger.tally()).total, 12);
  assert.equal(run.stop.reason, undefined);
});

Deno.test("produce() reads a list with selected rows again from the top, and mails nobody twice", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file(), { offset: 3 });
  const rows = rowsFrom(2, 13);
  const list = new WrittenList(
    { rows, news: ["as scanned", "as scanned", "read again"] },
    { rows, news: AS_SCANNED },
  );
  assert.deepEqual(await linesOf(run, list), [5, 6, 7, 8, 9, 10, 11, 12, 13]);
  assert.deepEqual(list.begun, [0, 0]);
});

Deno.test("produce() claims no row that was read while the list was written to", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const torn: CsvRow[] = [{ kind: "row", line: 2, cells: ["torn@x.test"] }];
  const rows = rowsFrom(2, 4);
  const list = new WrittenList({ rows: torn, news: ["read again"] }, { rows, news: AS_SCANNED });
  assert.deepEqual(await linesOf(run, list), [2, 3, 4]);
  assert.deepEqual(await statesOf(run.ledger), rows.map(({ line }) => `r${line}@x.test sent`));
});

Deno.test("produce() attributes a fault in a list that was written to to the writing", async () => {
  using folder = new Folder();
  await using run = new Run(folder.file());
  const rows = rowsFrom(2, 9);
  const fault = new InputError("Byte 0xC3 is not valid UTF-8");
  const list = new WrittenList(
    { rows: rows.slice(0, 4), fault, news: ["as scanned", "read again"] },
    { rows, news: AS_SCANNED },
  );
  assert.deepEqual(await linesOf(run, list), rows.map(({ line }) => line));
  assert.deepEqual(list.begun, [0, 5]);
});

Deno.test("produce() throws faults of a list that was not written to, and bugs", async () => {
  for (
    const [fault, news] of [
      [new InputError("Byte 0xC3 is not valid UTF-8"), "as scanned"],
      [new TypeError("a bug"), "read again"],
      [new TypeError("a bug"), "changed"],
    ] as const
  ) {
    using folder = new Folder();
    await using run = new Run(folder.file());
    const list = new WrittenList({ rows: rowsFrom(2, 3), fault, news: ["as scanned", news] });
    await assert.rejects(run.produce([], { list }), fault);
    assert.equal(run.stop.reason, undefined);
  }
});

for (
  const [what, pass] of [
    ["before a row of it was claimed", { rows: rowsFrom(2, 9), news: ["changed"] }],
    ["while its rows were claimed", { rows: rowsFrom(2, 9), news: ["as scanned", "changed"] }],
    [
      "behind its last row",
      { rows: rowsFrom(2, 9), news: ["as scanned", "as scanned", "changed"] },
    ],
    ["in a way that only its bytes tell", {
      rows: rowsFrom(2, 9),
      news: AS_SCANNED,
      isAsScanned: false,
    }],
    ["and could not be read to its end", {
      rows: rowsFrom(2, 5),
      fault: new InputError("torn"),
      news: ["as scanned", "changed"],
    }],
  ] as readonly [string, Pass][]
) {
  Deno.test(`produce() stops if the list is a different one now: it changed ${what}`, async () => {
    using folder = new Folder();
    await waiting(folder.file(), 3);
    {
      const choice = { dropMissing: true };
      await using run = new Run(folder.file(), choice, [], { list: "list 2" });
      await linesOf(run, new WrittenList(pass));
      assert.deepEqual(run.stop.reason, {
        kind: "list-changed",
        reason: "The list 'list.csv' changed while it was being sent",
        hint: "Run again when the program that writes it is done. Nobody is mailed twice.",
      });
      assert.deepEqual(await rowsOf(run.ledger, ["skipped"]), [], "who is missing, nobody knows");
    }
    // No place that this run came to holds in the list as it is now.
    await using next = new Run(folder.file(), {}, [], { list: "list 2" });
    assert.equal(next.ledger.opened.resumeAfterLine, 0);
  });
}

Deno.test("produce() does not give up the list if it was stopped before the list changed", async () => {
  using folder = new Folder();
  const rows = rowsFrom(2, 9);
  {
    await using run = new Run(folder.file());
    const list = new WrittenList({ rows: rows.slice(0, 4), news: ["as scanned", "changed"] });
    const producing = run.produce([], {
      list: {
        rowsAfter: (line) => list.rowsAfter(line),
        hasChanged: () => list.hasChanged(),
        news: async () => {
          const news = await list.news();
          if (news === "changed") run.stop.request("signal", "enough");
          return news;
        },
      },
    });
    await run.drain().catch(() => {});
    await producing;
    assert.equal(run.stop.reason?.reason, "enough");
  }
  await using next = new Run(folder.file());
  assert.equal(next.ledger.opened.resumeAfterLine, 5);
});

Deno.test("produce() continues after the rows that an earlier run has claimed, and from the top for selected ones", async () => {
  for (
    const [choice, begun] of [[{}, 5], [{ offset: 1 }, 0], [{ only: ["r3@x.test"] }, 0]] as const
  ) {
    using folder = new Folder();
    {
      await using run = new Run(folder.file());
      const producing = run.produce(rowsFrom(2, 5));
      await run.drain();
      await producing;
    }
    await using run = new Run(folder.file(), choice);
    const list = new WrittenList({ rows: rowsFrom(2, 7), news: AS_SCANNED });
    await linesOf(run, list);
    assert.deepEqual(list.begun, [begun]);
  }
});
