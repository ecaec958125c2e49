import assert from "node:assert/strict";
import { join } from "node:path";
import { openSuppression } from "../../src/campaign/content/suppression.ts";
import { ClosedDatabaseError } from "../../src/sqlite/database.ts";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { openSuppressionList } from "../../src/suppression/suppression_list.ts";
import { InputError } from "../../src/model/input_error.ts";
import type { Reporter } from "../../src/report/reporter.ts";
import type { MailingListOptions } from "../../src/compose/content_options.ts";
import { inFolder } from "../support/folder.ts";

const { signal } = new AbortController();

/** The warnings about the files, and who is suppressed by them and by the list. */
async function opened(
  folder: string,
  suppress: readonly string[],
  named = false,
): Promise<{ warnings: string[]; suppressing: Awaited<ReturnType<typeof openSuppression>> }> {
  const warnings: string[] = [];
  const reporter = { warn: (message) => void warnings.push(message) } as Partial<
    Reporter
  > as Reporter;
  const options = {
    suppress: suppress.map((name) => join(folder, name)),
    suppressionList: { path: join(folder, "suppressed.db"), named },
    mailingList: {} as MailingListOptions,
  };
  return { warnings, suppressing: await openSuppression(options, signal, reporter) };
}

const enter = (folder: string, ...keys: string[]) => {
  using list = openSuppressionList(join(folder, "suppressed.db"));
  const entry = { at: Date.UTC(2026, 10, 24), campaign: undefined, reason: undefined };
  list.add(keys.map((key) => ({ ...entry, key, source: "page" })));
};

Deno.test("openSuppression() names each line of the files that suppresses nobody", () =>
  inFolder(
    { "a.txt": "ann@x.test\nbob at x.test\n", "b.txt": "Email\n\n@x.test\n" },
    async (folder) => {
      const { warnings, suppressing } = await opened(folder, ["a.txt", "b.txt"]);
      using _ends = suppressing;
      assert.equal(warnings.length, 2);
      const [a, b] = ["a.txt:2: ", "b.txt:3: "].map((place) => join(folder, place));
      assert(warnings[0]?.startsWith(a!) && warnings[0].includes("'bob at x.test'"), warnings[0]);
      assert(warnings[1]?.startsWith(b!) && warnings[1].includes("'@x.test'"), warnings[1]);
      for (const warning of warnings) assert.match(warning, /; nobody is suppressed by it$/);
    },
  ));

Deno.test("openSuppression() only counts the lines that suppress nobody after the first twenty", () =>
  inFolder({}, async (folder) => {
    for (
      const [lines, more] of [
        [20, undefined],
        [21, "1 more line of the suppression files names no address"],
        [25, "5 more lines of the suppression files name no address"],
      ] as const
    ) {
      await Deno.writeTextFile(join(folder, "no.txt"), `ann@x.test\n${"nobody\n".repeat(lines)}`);
      const { warnings, suppressing } = await opened(folder, ["no.txt"]);
      using _ends = suppressing;
      assert.deepEqual(warnings.slice(20), more === undefined ? [] : [more]);
    }
  }));

Deno.test("openSuppression() says what suppresses a recipient, a file before the list, and nothing about others", () =>
  inFolder({ "no.txt": "ann@x.test\n" }, async (folder) => {
    enter(folder, "ann@x.test", "bob@x.test");
    const { warnings, suppressing } = await opened(folder, ["no.txt"]);
    using _ends = suppressing;
    assert.deepEqual(
      ["ann@x.test", "bob@x.test", "cem@x.test"].map((key) => suppressing.why(key)),
      [
        `Suppressed by ${join(folder, "no.txt")}:1`,
        "Suppressed: unsubscribed 2026-11-24",
        undefined,
      ],
    );
    assert.deepEqual(warnings, []);
  }));

Deno.test("openSuppression() has another version once somebody is added", () =>
  inFolder({}, async (folder) => {
    enter(folder, "ann@x.test");
    using suppressing = (await opened(folder, [])).suppressing;
    const before = suppressing.version;
    enter(folder, "bob@x.test");
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.notEqual(suppressing.version, before);
  }));

Deno.test("openSuppression() refuses a missing list that was named, but not the default one", () =>
  inFolder({}, async (folder) => {
    await assert.rejects(opened(folder, [], true), (error) => {
      assert(error instanceof InputError);
      assert.match(
        error.describe(),
        /^There is no suppression list '.*suppressed\.db'\n.*'add' and 'import'/,
      );
      return true;
    });
    using suppressing = (await opened(folder, [])).suppressing;
    assert.equal(suppressing.why("ann@x.test"), undefined);
    enter(folder, "ann@x.test");
    using named = (await opened(folder, [], true)).suppressing;
    assert.match(named.why("ann@x.test") ?? "", /unsubscribed/);
  }));

Deno.test("openSuppression() throws if the files or the list cannot be read, and its list is closed with it", () =>
  inFolder(
    { "suppressed.db": "no list, though long enough for one\n".repeat(50) },
    async (folder) => {
      await assert.rejects(opened(folder, ["gone.txt"]), InputError);
      await assert.rejects(opened(folder, []), StorageError);
      await Deno.remove(join(folder, "suppressed.db"));
      enter(folder, "ann@x.test");
      const { suppressing } = await opened(folder, []);
      suppressing[Symbol.dispose]();
      assert.throws(() => suppressing.why("ann@x.test"), ClosedDatabaseError);
    },
  ));
