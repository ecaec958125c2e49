import assert from "node:assert/strict";
import { KeyIndex } from "../../src/ledger/sqlite/key_index.ts";
import { openForWriting } from "../../src/ledger/sqlite/file/ledger_file.ts";
import { SqliteStore } from "../../src/ledger/sqlite/store.ts";
import { badRow, entries, entry, Folder, openAt, recipient } from "./ledgers.ts";

/** The index of a ledger that is not being sent from. */
class OpenIndex implements Disposable {
  readonly keys: KeyIndex;
  readonly store: SqliteStore;
  readonly #file: Disposable;

  constructor(path: string) {
    const file = openForWriting(path, "refuse");
    this.#file = file;
    this.store = new SqliteStore(file.database, path);
    this.keys = new KeyIndex(this.store);
  }

  /** What the index in the file holds. */
  get indexed(): unknown[] {
    const rows = this.store.statement("SELECT key, id FROM recipient_of_key").all();
    return rows.map((row) => Object.values(row));
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

const at = (line: number) => `r${line}@x.test`;

/** Two recipients, a row without a recipient and a duplicate, and after them the third recipient: rows 1, 2 and 5. */
async function example(path: string): Promise<void> {
  await using ledger = openAt(path);
  await ledger.claim(entries(2, 3), 3);
  await ledger.claim([entry(badRow(4)), entry(recipient(5, at(2))), entry(recipient(6))], 6);
}

Deno.test("KeyIndex.merge() brings the keys that are held into the index, each once, however often it is called", async () => {
  using folder = new Folder();
  await example(folder.file());
  const all = [[at(2), 1], [at(3), 2], [at(6), 5]];
  {
    using index = new OpenIndex(folder.file());
    assert.deepEqual(index.indexed, []);
    const found = () => [2, 3, 6, 4].map((line) => index.keys.find(at(line)));
    assert.deepEqual(found(), [1, 2, 5, undefined], "as held in memory");
    index.keys.merge();
    assert.deepEqual(index.indexed, all);
    assert.deepEqual(found(), [1, 2, 5, undefined], "as in the index");
    index.keys.merge();
    assert.deepEqual(index.indexed, all);
  }
  {
    await using ledger = openAt(folder.file());
    await ledger.claim(entries(7, 8), 8);
  }
  using index = new OpenIndex(folder.file());
  index.keys.merge();
  assert.deepEqual(index.indexed, [...all, [at(7), 6], [at(8), 7]]);
  assert.deepEqual([2, 8, 9].map((line) => index.keys.find(at(line))), [1, 7, undefined]);
});

Deno.test("KeyIndex finds in the index what an earlier process has brought there, and nothing else is held in memory", async () => {
  using folder = new Folder();
  await example(folder.file());
  {
    using index = new OpenIndex(folder.file());
    index.keys.merge();
  }
  using index = new OpenIndex(folder.file());
  assert.deepEqual([2, 3, 6, 9].map((line) => index.keys.find(at(line))), [1, 2, 5, undefined]);
  // Without the index only those are found that are held.
  index.store.statement("DELETE FROM recipient_of_key").run();
  assert.deepEqual([2, 3, 6].map((line) => index.keys.find(at(line))), [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("KeyIndex does not ask the file of a new ledger for a key that it has not brought there", async () => {
  using folder = new Folder();
  await example(folder.file());
  using index = new OpenIndex(folder.file());
  const asked: unknown[] = [];
  const { statement } = index.store;
  index.store.statement = (text) => {
    asked.push(text);
    return statement.call(index.store, text);
  };
  const strangers = Array.from({ length: 100 }, (_, number) => `stranger${number}@x.test`);
  for (const key of strangers) assert.equal(index.keys.find(key), undefined);
  assert.equal(index.keys.find(at(2)), 1);
  assert.deepEqual(asked, [], "nothing is in the index, and who is held is found in memory");
  index.keys.merge();
  asked.splice(0);
  for (const key of strangers) assert.equal(index.keys.find(key), undefined);
  assert(asked.length < 10, `${asked.length} of 100 questions for strangers`);
  assert.equal(index.keys.find(at(2)), 1);
});

Deno.test("KeyIndex forgets a key whose row was not committed", async () => {
  using folder = new Folder();
  await example(folder.file());
  using index = new OpenIndex(folder.file());
  index.keys.entered("new@x.test", 6);
  assert.equal(index.keys.find("new@x.test"), 6);
  index.keys.takenBack("new@x.test");
  assert.equal(index.keys.find("new@x.test"), undefined);
});

Deno.test("KeyIndex.isFull tells when 32,768 keys are held", async () => {
  using folder = new Folder();
  await openAt(folder.file())[Symbol.asyncDispose]();
  using index = new OpenIndex(folder.file());
  for (let id = 1; id < 32_768; id++) index.keys.entered(at(id), id);
  assert.equal(index.keys.isFull, false);
  index.keys.entered(at(32_768), 32_768);
  assert.equal(index.keys.isFull, true);
});
