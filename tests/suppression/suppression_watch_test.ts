import assert from "node:assert/strict";
import { ClosedDatabaseError } from "../../src/sqlite/database.ts";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { openSuppressionList } from "../../src/suppression/suppression_list.ts";
import { SuppressionWatch } from "../../src/suppression/suppression_watch.ts";
import { inList, left } from "./lists.ts";

const WHY = "unsubscribed 2026-11-24 (campaign spring)";

Deno.test("SuppressionWatch.why() knows addresses added while it watches", () =>
  inList(async (path) => {
    using list = openSuppressionList(path);
    using watch = new SuppressionWatch(path);
    assert.equal(watch.why("ann@x.test"), undefined);
    list.add([left("ann@x.test")]);
    await Promise.resolve();
    assert.equal(watch.why("ann@x.test"), WHY);
    await Promise.resolve();
    list.remove(["ann@x.test"]);
    assert.equal(watch.why("ann@x.test"), undefined);
  }));

Deno.test("SuppressionWatch.why() answers consecutive lookups from one snapshot, and then releases it", () =>
  inList(async (path) => {
    using list = openSuppressionList(path);
    using watch = new SuppressionWatch(path);
    assert.equal(watch.why("ann@x.test"), undefined);
    list.add([left("ann@x.test")]);
    assert.equal(watch.why("ann@x.test"), undefined, "the same snapshot");
    await Promise.resolve();
    assert.equal(watch.why("ann@x.test"), WHY);
  }));

Deno.test("SuppressionWatch looks for a missing list once a second, and creates none", () =>
  inList(async (path) => {
    let now = 0;
    using watch = new SuppressionWatch(path, () => now);
    assert.equal(watch.isThere, false);
    assert.equal(watch.why("ann@x.test"), undefined);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
    using list = openSuppressionList(path);
    list.add([left("ann@x.test")]);
    now = 999;
    assert.equal(watch.why("ann@x.test"), undefined);
    now = 1_000;
    assert.equal(watch.why("ann@x.test"), WHY);
    assert.equal(watch.isThere, true);
  }));

Deno.test("SuppressionWatch throws if the list cannot be read, at the start or when it appears later", () =>
  inList(async (path) => {
    let now = 0;
    using watch = new SuppressionWatch(path, () => now);
    await Deno.writeTextFile(path, "no database, but long enough to be looked into\n".repeat(50));
    now = 2_000;
    assert.throws(() => watch.why("ann@x.test"), StorageError);
    assert.throws(() => new SuppressionWatch(path), StorageError);
  }));

Deno.test("SuppressionWatch throws repeatedly if the file becomes unreadable while it watches", () =>
  inList(async (path) => {
    {
      using list = openSuppressionList(path);
      list.add(Array.from({ length: 20_000 }, (_, index) => left(`p${index}@x.test`)));
    }
    using watch = new SuppressionWatch(path);
    assert.equal(watch.why("p1@x.test"), WHY);
    await Promise.resolve();
    await Deno.writeFile(path, new Uint8Array((await Deno.stat(path)).size));
    for (let time = 0; time < 3; time++) {
      await Promise.resolve();
      assert.throws(() => {
        for (let index = 0; index < 20_000; index++) watch.why(`p${index}@x.test`);
      }, StorageError);
    }
  }));

/** Puts another list at the path, as an atomic update does: made beside it, and renamed. */
function replace(path: string, ...keys: readonly string[]): void {
  {
    using list = openSuppressionList(`${path}.new`);
    list.add(keys.map((key) => left(key)));
  }
  Deno.renameSync(`${path}.new`, path);
}

Deno.test("SuppressionWatch.why() knows addresses on a list that was renamed to the path it watches", () =>
  inList(async (path) => {
    replace(path, "ann@x.test");
    using watch = new SuppressionWatch(path);
    assert.equal(watch.why("bob@x.test"), undefined);
    await Promise.resolve();
    replace(path, "ann@x.test", "bob@x.test");
    assert.equal(watch.why("bob@x.test"), WHY);
    assert.equal(watch.why("ann@x.test"), WHY);
    await Promise.resolve();
    // The new list is watched like the first one.
    using list = openSuppressionList(path);
    list.add([left("cem@x.test")]);
    assert.equal(watch.why("cem@x.test"), WHY);
    assert.equal(watch.why("dan@x.test"), undefined);
  }));

Deno.test("SuppressionWatch.why() still knows addresses that were only on a replaced list", () =>
  inList(async (path) => {
    replace(path, "ann@x.test", "bob@x.test");
    using watch = new SuppressionWatch(path);
    assert.equal(watch.why("ann@x.test"), WHY);
    for (const keys of [["bob@x.test"], ["cem@x.test"], ["dan@x.test"]]) {
      await Promise.resolve();
      replace(path, ...keys);
      watch.why("anybody@x.test");
    }
    await Promise.resolve();
    const replaced = "on the list until it was replaced during the run";
    assert.deepEqual(
      ["ann", "bob", "cem", "dan", "eve"].map((name) => watch.why(`${name}@x.test`)),
      [replaced, replaced, replaced, WHY, undefined],
    );
  }));

Deno.test("SuppressionWatch throws repeatedly if the list it watches is gone", () =>
  inList(async (path) => {
    replace(path, "ann@x.test");
    using watch = new SuppressionWatch(path);
    assert.equal(watch.why("ann@x.test"), WHY);
    Deno.removeSync(path);
    for (let time = 0; time < 2; time++) {
      await Promise.resolve();
      assert.throws(() => watch.why("bob@x.test"), /is missing/);
    }
    replace(path, "bob@x.test");
    assert.equal(watch.why("bob@x.test"), WHY, "it is back");
    assert.match(watch.why("ann@x.test") ?? "", /until it was replaced/);
  }));

Deno.test("SuppressionWatch throws if the list was replaced but the log of the old one remains, because SQLite would mix the two", () =>
  inList(async (path) => {
    replace(path, "ann@x.test");
    using watch = new SuppressionWatch(path);
    watch.why("ann@x.test");
    await Promise.resolve();
    {
      using list = openSuppressionList(path);
      list.add([left("bob@x.test")]);
    }
    replace(path, "cem@x.test");
    assert.throws(() => watch.why("cem@x.test"), /replaced while '.*-wal' holds changes/);
  }));

Deno.test("SuppressionWatch.why() knows addresses on a list that was copied over the one it watches", () =>
  inList(async (path) => {
    replace(path, "ann@x.test");
    using watch = new SuppressionWatch(path);
    assert.equal(watch.why("bob@x.test"), undefined);
    await new Promise((next) => setTimeout(next, 20));
    replace(`${path}.other`, "bob@x.test");
    Deno.writeFileSync(path, Deno.readFileSync(`${path}.other`));
    assert.equal(watch.why("bob@x.test"), WHY);
  }));

Deno.test({
  name: "SuppressionWatch closes the files of the lists that were replaced",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inList(async (path) => {
      const filesOpen = () => [...Deno.readDirSync("/proc/self/fd")].length;
      replace(path, "ann@x.test");
      using watch = new SuppressionWatch(path);
      watch.why("ann@x.test");
      const before = filesOpen();
      for (let time = 0; time < 20; time++) {
        await Promise.resolve();
        replace(path, "ann@x.test", `p${time}@x.test`);
        assert.equal(watch.why(`p${time}@x.test`), WHY);
      }
      // A few others can be open by chance; each list would add three.
      assert.ok(filesOpen() < before + 20, `${filesOpen()} files after ${before}`);
    }),
});

Deno.test("SuppressionWatch looks for a missing list again after a second, not with each lookup", () =>
  inList((path) => {
    let now = 0;
    using watch = new SuppressionWatch(path, () => now);
    now = 1_500;
    assert.equal(watch.why("ann@x.test"), undefined, "it looks now");
    replace(path, "ann@x.test");
    now = 2_499;
    assert.equal(watch.why("ann@x.test"), undefined);
    now = 2_500;
    assert.equal(watch.why("ann@x.test"), WHY);
  }));

Deno.test("SuppressionWatch.why() still knows all of a long list that was replaced", () =>
  inList(async (path) => {
    // More than are compared at a time, including the first and the last.
    const keys = Array.from({ length: 2_500 }, (_, at) => `p${String(at).padStart(4, "0")}@x.test`);
    replace(path, ...keys);
    using watch = new SuppressionWatch(path);
    watch.why("anybody@x.test");
    await Promise.resolve();
    replace(path, keys[999]!, keys[1_700]!);
    const why = keys.map((key) => watch.why(key));
    const replaced = "on the list until it was replaced during the run";
    assert.deepEqual(why, keys.map((_, at) => at === 999 || at === 1_700 ? WHY : replaced));
    assert.equal(watch.why("anybody@x.test"), undefined);
  }));

Deno.test("SuppressionWatch throws on lookups after it was closed, whether or not there is a list", () =>
  inList((path) => {
    for (const isThere of [false, true]) {
      if (isThere) replace(path, "ann@x.test");
      const watch = new SuppressionWatch(path);
      watch[Symbol.dispose]();
      assert.throws(() => watch.why("ann@x.test"), { name: "ClosedDatabaseError" });
    }
  }));

Deno.test("SuppressionWatch can be closed in the middle of a snapshot", () =>
  inList(async (path) => {
    openSuppressionList(path)[Symbol.dispose]();
    const watch = new SuppressionWatch(path);
    watch.why("ann@x.test");
    watch[Symbol.dispose]();
    await Promise.resolve();
    watch[Symbol.dispose]();
  }));

Deno.test("SuppressionWatch.version differs after each change, at most ten milliseconds later", () =>
  inList(async (path) => {
    let now = 0;
    using watch = new SuppressionWatch(path, () => now);
    const versions: number[] = [];
    /** Returns whether the version has never occurred before. */
    const isNew = (): boolean => {
      const { version } = watch;
      return !versions.includes(version) && versions.push(version) > 0;
    };
    assert.equal(isNew(), true);
    using list = openSuppressionList(path);
    now += 999;
    assert.equal(isNew(), false, "a list is looked for once a second");
    now += 10;
    assert.equal(isNew(), true, "it is there");
    for (
      const [what, change] of [
        ["added", () => list.add([left("ann@x.test")])],
        ["removed", () => list.remove(["ann@x.test"])],
      ] as const
    ) {
      now += 10;
      assert.equal(isNew(), false, `before one is ${what}`);
      change();
      now += 9;
      assert.equal(isNew(), false, "too soon to look");
      now += 1;
      assert.equal(isNew(), true, what);
    }
    now += 10;
    watch.why("ann@x.test");
    list.add([left("bob@x.test")]);
    assert.equal(isNew(), false, "in the snapshot");
    await Promise.resolve();
    now += 10;
    assert.equal(isNew(), true, "added while a snapshot was held");
  }));

Deno.test("SuppressionWatch.version differs if the list was replaced, and throws if the list is gone or the watch closed", () =>
  inList((path) => {
    replace(path, "ann@x.test");
    let now = 0;
    using watch = new SuppressionWatch(path, () => now);
    const first = watch.version;
    replace(path, "ann@x.test");
    now += 10;
    assert.notEqual(watch.version, first);
    Deno.removeSync(path);
    now += 10;
    assert.throws(() => watch.version, /is missing/);
    assert.throws(() => watch.version, StorageError, "repeatedly");
    watch[Symbol.dispose]();
    now += 10;
    assert.throws(() => watch.version, ClosedDatabaseError);
  }));
