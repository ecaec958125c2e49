import assert from "node:assert/strict";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import type { Suppressed } from "../../src/suppression/suppression.ts";
import { openToRead, openToWrite } from "../../src/suppression/suppression_database.ts";
import {
  openSuppressionList,
  readSuppressionList,
} from "../../src/suppression/suppression_list.ts";
import { openDatabase } from "../support/database.ts";
import { inFolder } from "../support/folder.ts";

const left = (key: string): Suppressed => ({
  key,
  at: 1,
  campaign: undefined,
  source: "page",
  reason: undefined,
});

const inList = (action: (path: string) => void) =>
  inFolder({}, (folder) => Promise.resolve(action(join(folder, "suppressed.db"))));

const valueOf = (database: { prepare: DatabaseSync["prepare"] }, query: string) =>
  Object.values(database.prepare(query).get()!)[0];

Deno.test("openToWrite() creates a list whose commits are on the disk, and that others can read and write meanwhile", () =>
  inList((path) => {
    for (const time of ["made", "there"]) {
      using database = openToWrite(path);
      const settings = ["synchronous", "journal_mode", "busy_timeout", "user_version"];
      const values = settings.map((name) => valueOf(database as never, `PRAGMA ${name}`));
      assert.deepEqual(values, [2, "wal", 10_000, 1], time);
      assert.equal(valueOf(database as never, "PRAGMA application_id"), 0x656d6c73);
    }
    using database = openToRead(path)!;
    assert.equal(valueOf(database as never, "PRAGMA busy_timeout"), 10_000);
  }));

Deno.test({
  name: "openToWrite() makes a list that nobody else may read",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inList((path) => {
      openSuppressionList(path)[Symbol.dispose]();
      assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
    }),
});

Deno.test("openToRead() and openToWrite() treat an empty database as a missing list", () =>
  inList((path) => {
    {
      // As left by a process that is just creating the list, or died while doing so.
      using database = openDatabase(path);
      database.exec("CREATE TABLE t (a); DROP TABLE t");
    }
    assert(Deno.statSync(path).size > 0);
    assert.equal(readSuppressionList(path), undefined);
    using list = openSuppressionList(path);
    assert.equal(list.add([left("ann@x.test")]), 1);
  }));

for (
  const [what, statements, message] of [
    [
      "has tables and no application ID",
      "CREATE TABLE t (a)",
      /a different kind of file; it was left untouched$/,
    ],
    [
      "has another application ID and is empty",
      "PRAGMA application_id = 7",
      /a different kind of file; it was left untouched$/,
    ],
    [
      "is of a newer version",
      `CREATE TABLE t (a); PRAGMA application_id = ${0x656d6c73}; PRAGMA user_version = 2`,
      /found schema 2, this version supports 1; the file was left untouched$/,
    ],
  ] as const
) {
  Deno.test(`A suppression list that ${what} is refused, and closed again`, () =>
    inList((path) => {
      {
        using database = openDatabase(path);
        database.exec(statements);
      }
      const before = Deno.readFileSync(path);
      const open = () =>
        [...Deno.readDirSync(Deno.build.os === "linux" ? "/proc/self/fd" : ".")].length;
      const files = open();
      for (let time = 0; time < 20; time++) {
        for (const opening of [openSuppressionList, readSuppressionList]) {
          assert.throws(() => opening(path), (error) => {
            assert(error instanceof StorageError);
            assert.match(error.message, message);
            return true;
          });
        }
      }
      assert(open() < files + 20, `${open()} files after ${files}`);
      assert.deepEqual(Deno.readFileSync(path), before);
    }));
}

Deno.test("A file that is too short for a suppression list is refused, whatever its length", () =>
  inList((path) => {
    for (const size of [1, 99]) {
      Deno.writeFileSync(path, new Uint8Array(size));
      for (const opening of [openSuppressionList, readSuppressionList]) {
        assert.throws(
          () => opening(path),
          /because it is a different kind of file; it was left untouched/,
        );
      }
      assert.equal(Deno.statSync(path).size, size);
    }
  }));

Deno.test("SuppressionList.add() adds all entries or none, and can add others after that", () =>
  inList((path) => {
    using list = openSuppressionList(path);
    list.add([left("ann@x.test")]);
    const broken = { ...left("cem@x.test"), source: null } as unknown as Suppressed;
    assert.throws(() => list.add([left("bob@x.test"), broken]), (error) => {
      assert(error instanceof StorageError);
      assert.match(error.message, /^Cannot write to the suppression list '.*suppressed\.db': /);
      return true;
    });
    assert.equal(list.size, 1);
    assert.equal(list.add([left("bob@x.test")]), 1);
    assert.equal(list.find("bob@x.test")?.key, "bob@x.test");
  }));

Deno.test("SuppressionList.entries() yields the entries as of its start, ordered by time and key", () =>
  inList((path) => {
    using list = openSuppressionList(path);
    const at = (key: string, time: number) => ({ ...left(key), at: time });
    list.add([at("b", 2), at("c", 2), at("a", 3), at("d", 1)]);
    const entries = list.entries();
    const first = entries.next();
    using other = openSuppressionList(path);
    other.add([at("e", 4)]);
    const rest = [...entries].map(({ key }) => key);
    assert.deepEqual([first.value?.key, ...rest], ["d", "b", "c", "a"]);
    assert.equal(list.size, 5);
  }));
