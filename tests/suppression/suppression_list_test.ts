import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { type Suppressed, whySuppressed } from "../../src/suppression/suppression.ts";
import {
  openSuppressionList,
  readSuppressionList,
} from "../../src/suppression/suppression_list.ts";
import { inFolder } from "../support/folder.ts";
import { AT, inList, left } from "./lists.ts";

Deno.test("SuppressionList.add() keeps existing entries as first added, and returns how many are new", () =>
  inList((path) => {
    using list = openSuppressionList(path);
    assert.equal(list.add([left("ann@x.test"), left("bob@x.test")]), 2);
    const later = left("ann@x.test", { at: AT + 1, campaign: "autumn", source: "page" });
    assert.equal(list.add([later, left("cid@x.test"), left("cid@x.test")]), 1);
    assert.deepEqual(list.find("ann@x.test"), left("ann@x.test"));
    assert.equal(list.size, 3);
  }));

Deno.test("SuppressionList keeps every field, and returns all entries, oldest first", () =>
  inList((path) => {
    const entries = [
      left("zoe@x.test", { at: 1 }),
      left("ann@x.test", { at: 2, campaign: undefined, source: "bounce", reason: "550 5.1.1" }),
      left("bob@x.test", { at: 2, campaign: "早", source: "import" }),
    ];
    {
      using list = openSuppressionList(path);
      list.add(entries.toReversed());
    }
    using list = readSuppressionList(path)!;
    assert.deepEqual([...list.entries()], entries);
  }));

Deno.test("SuppressionList.remove() returns those who were on it", () =>
  inList((path) => {
    using list = openSuppressionList(path);
    list.add([left("ann@x.test"), left("bob@x.test")]);
    assert.deepEqual(list.remove(["bob@x.test", "cid@x.test"]), ["bob@x.test"]);
    assert.equal(list.find("bob@x.test"), undefined);
    assert.equal(list.size, 1);
  }));

Deno.test("readSuppressionList() creates no list if there is none, and cannot write", () =>
  inList(async (path) => {
    assert.equal(readSuppressionList(path), undefined);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
    openSuppressionList(path)[Symbol.dispose]();
    using list = readSuppressionList(path)!;
    assert.throws(() => list.add([left("ann@x.test")]), StorageError);
  }));

Deno.test("Two lists on one file see each other's entries at once", () =>
  inList((path) => {
    using one = openSuppressionList(path);
    using two = openSuppressionList(path);
    one.add([left("ann@x.test")]);
    assert.equal(two.add([left("ann@x.test"), left("bob@x.test")]), 1);
    assert.equal(one.size, 2);
  }));

Deno.test("openSuppressionList() refuses a file that is not a suppression list, and leaves it untouched", () =>
  inFolder({ "text.db": "ann@x.test\n".repeat(200), "short.db": "x" }, async (folder) => {
    const other = new DatabaseSync(join(folder, "other.db"));
    other.exec("CREATE TABLE t (a); PRAGMA application_id = 1835100526");
    other.close();
    {
      using list = openSuppressionList(join(folder, "newer.db"));
      list.add([left("ann@x.test")]);
    }
    const newer = new DatabaseSync(join(folder, "newer.db"));
    newer.exec("PRAGMA user_version = 99");
    newer.close();
    await Deno.mkdir(join(folder, "folder.db"));
    const table: [name: string, message: RegExp][] = [
      ["text.db", /^Cannot (use|read) .*text\.db'/],
      ["short.db", /^Cannot (use|read) .*short\.db'/],
      ["other.db", /a different kind of file; it was left untouched/],
      ["newer.db", /found schema 99, this version supports 1/],
      ["folder.db", /it is not a file/],
    ];
    for (const [name, message] of table) {
      const path = join(folder, name);
      const before = name === "folder.db" ? undefined : await Deno.readFile(path);
      for (const open of [openSuppressionList, readSuppressionList]) {
        assert.throws(() => open(path), (error) => {
          assert(error instanceof StorageError, name);
          assert.match(error.message, message);
          return true;
        });
      }
      if (before !== undefined) assert.deepEqual(await Deno.readFile(path), before, name);
    }
    assert.throws(() => openSuppressionList(join(folder, "gone", "x.db")), StorageError);
  }));

Deno.test("openSuppressionList() treats an empty file as a missing one", () =>
  inFolder({ "suppressed.db": "" }, (folder) => {
    using list = openSuppressionList(join(folder, "suppressed.db"));
    assert.equal(list.size, 0);
    return Promise.resolve();
  }));

Deno.test("whySuppressed() says how, when and by what", () => {
  const table: [entry: Suppressed, said: string][] = [
    [left("a@x.test"), "unsubscribed 2026-11-24 (campaign spring)"],
    [left("a@x.test", { source: "page", campaign: undefined }), "unsubscribed 2026-11-24"],
    [left("a@x.test", { source: "mailto" }), "unsubscribed 2026-11-24 (campaign spring)"],
    [left("a@x.test", { source: "import", campaign: undefined }), "imported 2026-11-24"],
    [
      left("a@x.test", { source: "hand", campaign: undefined, reason: "by phone" }),
      "added by hand 2026-11-24 (by phone)",
    ],
    [
      left("a@x.test", { source: "bounce", reason: "550 5.1.1 No such user" }),
      "bounced 2026-11-24 (campaign spring; 550 5.1.1 No such user)",
    ],
  ];
  for (const [entry, said] of table) assert.equal(whySuppressed(entry), said);
});
