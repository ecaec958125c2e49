import assert from "node:assert/strict";
import { excuses, excusesIn } from "../../../build/mutate/excuses.ts";
import { ImportGraph, importsOf } from "../../../build/mutate/import_graph.ts";
import { mutantsOf } from "../../../build/mutate/mutate_source.ts";
import { type Result, scoreOf, tableOf } from "../../../build/mutate/result.ts";
import { sample } from "../../../build/mutate/sample.ts";

Deno.test("sample() takes the same items for the same seed, and others for another", () => {
  const items = Array.from({ length: 100 }, (_, index) => index);
  const take = (seed: number) =>
    sample(items, { count: 10, seed, accepts: (item) => item % 2 === 0 });
  assert.deepEqual(take(1), take(1));
  assert.notDeepEqual(take(1), take(2));
  assert.equal(new Set(take(1)).size, 10);
  assert(take(1).every((item) => item % 2 === 0));
});

Deno.test("sample() takes all items if there are fewer than asked for", () => {
  const chosen = sample([1, 2, 3], { count: 10, seed: 1, accepts: (item) => item > 1 });
  assert.deepEqual(chosen.sort(), [2, 3]);
});

Deno.test("sample() takes every item equally often", () => {
  const counts = [0, 0, 0, 0];
  for (let seed = 0; seed < 400; seed++) {
    for (const item of sample([0, 1, 2, 3], { count: 1, seed, accepts: () => true })) {
      counts[item] = (counts[item] ?? 0) + 1;
    }
  }
  // 100 each; the standard deviation is below 9.
  for (const count of counts) assert(count > 60 && count < 140, `${counts}`);
});

Deno.test("importsOf() names files that are imported as code or started as workers", () => {
  const source = `
    import a from "./a.ts";
    import { b, type B } from "../b.ts";
    import type { C } from "./c.ts";
    import { type D } from "./d.ts";
    import "./e.ts";
    export * from "./f.ts";
    export type { G } from "./g.ts";
    import { h } from "node:assert";
    const i = await import("./i.ts");
    new Worker(new URL("./j.ts", import.meta.url));
  `;
  assert.deepEqual(
    importsOf("src/x/y.ts", source),
    ["src/x/a.ts", "src/b.ts", "src/x/e.ts", "src/x/f.ts", "src/x/i.ts", "src/x/j.ts"],
  );
});

Deno.test("ImportGraph.testsOf() names the nearest tests first, and no test that takes minutes", () => {
  const of = (...names: string[]) => names.map((name) => `import "${name}";`).join("\n");
  const graph = new ImportGraph(
    new Map([
      ["src/smtp/smtp_client.ts", ""],
      ["src/smtp/session/connect_relay.ts", of("../smtp_client.ts")],
      ["src/campaign/run.ts", of("../smtp/session/connect_relay.ts")],
      ["tests/campaign/campaign_test.ts", of("../../src/campaign/run.ts")],
      ["tests/pipeline/pool_test.ts", of("../../src/smtp/smtp_client.ts")],
      ["tests/smtp/connect_relay_test.ts", of("../../src/smtp/session/connect_relay.ts")],
      ["tests/smtp/farewell_test.ts", of("../../src/smtp/smtp_client.ts")],
      ["tests/smtp/client_life_test.ts", of("../../src/smtp/smtp_client.ts")],
      ["tests/smtp/smtp_client_test.ts", of("./clients.ts")],
      ["tests/smtp/clients.ts", of("../../src/smtp/smtp_client.ts")],
      // It starts a program that imports the client; of another room, it would not count.
      ["tests/smtp/smtp_client_by_name_test.ts", ""],
      ["tests/bounces/smtp_client_test.ts", ""],
      ["tests/smtp/reply_parser_test.ts", of("../../src/smtp/wire/reply_parser.ts")],
      ["tests/endurance/kill_test.ts", of("../../src/smtp/smtp_client.ts")],
    ]),
  );
  assert.deepEqual(graph.testsOf("src/smtp/smtp_client.ts"), [
    "tests/smtp/smtp_client_test.ts",
    "tests/smtp/smtp_client_by_name_test.ts",
    "tests/smtp/client_life_test.ts",
    "tests/smtp/farewell_test.ts",
    "tests/pipeline/pool_test.ts",
    "tests/smtp/connect_relay_test.ts",
    "tests/campaign/campaign_test.ts",
  ]);
});

const EXCUSES = `
| File | Rows |
| ---- | ---- |
| a    | 1    |

| File | Before | After | Reason |
| ---- | ------ | ----- | ------ |
| \`src/a.ts\` | \`a \\|\\| b\` | \`a && b\` | Both are the same there. |
| src/b.ts | \`\` \`c\` \`\` | "" | None. |

| Not | an | excuse | more |
`;

Deno.test("excusesIn() reads only the table of excused survivors", () => {
  assert.deepEqual(excusesIn(EXCUSES), [
    { path: "src/a.ts", before: "a || b", after: "a && b", reason: "Both are the same there." },
    { path: "src/b.ts", before: "`c`", after: '""', reason: "None." },
  ]);
  assert.deepEqual(excusesIn("# None"), []);
  const empty = EXCUSES.split("\n").filter((line) => !line.includes("src/")).join("\n");
  assert.deepEqual(excusesIn(empty), []);
});

Deno.test("excusesIn() rejects an excuse without a reason", () => {
  assert.throws(() => excusesIn(EXCUSES.replace("None.", "")), /Cannot read excuse: .*src\/b\.ts/);
});

Deno.test("excuses() recognizes a mutant on any line, but only in its own file", () => {
  const [mutant] = mutantsOf("src/a.ts", "\n\nlet x = a < b;");
  assert(mutant);
  const excuse = {
    path: "src/a.ts",
    before: "let x = a < b;",
    after: "let x = a <= b;",
    reason: "",
  };
  assert(excuses(excuse, mutant));
  for (const [name, value] of [["path", "src/b.ts"], ["before", "a"], ["after", "a"]] as const) {
    assert(!excuses({ ...excuse, [name]: value }, mutant), name);
  }
});

function resultsOf(group: string, verdicts: readonly Result["verdict"][]): Result[] {
  const [mutant] = mutantsOf("src/a.ts", "let x = a < b;");
  assert(mutant);
  return verdicts.map((verdict) => ({ group, mutant, verdict }));
}

Deno.test("scoreOf() counts the mutants that were noticed, and ignores those excused", () => {
  const verdicts = ["killed", "timed out", "refused", "excused", "survived"] as const;
  assert.equal(scoreOf(resultsOf("a", verdicts)), 75);
  assert.equal(scoreOf([]), 100);
});

Deno.test("tableOf() has a row for each room", () => {
  const results = [...resultsOf("a", ["killed", "survived"]), ...resultsOf("bcd", ["timed out"])];
  assert.equal(
    tableOf(["a", "bcd"], results),
    [
      "     mutants  killed  timed out  refused  excused  survived    score",
      "a          2       1          0        0        0         1   50.0 %",
      "bcd        1       0          1        0        0         0  100.0 %",
    ].join("\n"),
  );
});
