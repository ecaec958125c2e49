import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "./folder.ts";
import { run } from "./process.ts";

const PRELOAD = join(import.meta.dirname!, "time_limit.ts");

/** What `deno test` says of a file of tests, and its exit code. */
async function outcomeOf(source: string, limit: string): Promise<{ code: number; said: string }> {
  let outcome = { code: -1, said: "" };
  await inFolder({ "some_test.ts": source, "deno.json": "{}" }, async (cwd) => {
    const flags = ["--no-check", "--quiet", "--allow-all", `--preload=${PRELOAD}`];
    const env = { ...Deno.env.toObject(), NO_COLOR: "1", TEST_LIMIT_S: limit };
    const { code, stdout } = await run(Deno.execPath(), ["test", ...flags], { cwd, env });
    outcome = { code, said: stdout };
  });
  return outcome;
}

Deno.test("A test that waits for what never comes fails by its name and place, and the next is run", async () => {
  const { code, said } = await outcomeOf(
    `interface Erased {
  line: string;
}
Deno.test("waits", async () => {
  await new Promise(() => setInterval(() => {}, 1_000));
});
Deno.test("is quick", () => {});
`,
    "0.2",
  );
  assert.equal(code, 1);
  assert.match(said, /^waits \.\.\. FAILED/m);
  assert.match(said, /^waits => \.\/some_test\.ts:4:6$/m);
  assert.match(said, /Error: The test was not over after 0\.2 s/);
  assert.match(said, /^is quick \.\.\. ok/m);
});

Deno.test("A test's own timeout goes before the limit of the task", async () => {
  const { code, said } = await outcomeOf(
    `const wait = () => new Promise<void>((resolve) => setTimeout(resolve, 300));
Deno.test({ name: "longer", timeout: 60_000, fn: wait });
Deno.test("shorter", { timeout: 10 }, async () => await wait());
`,
    "0.1",
  );
  assert.equal(code, 1);
  assert.match(said, /^longer \.\.\. ok/m);
  assert.match(said, /^shorter \.\.\. FAILED/m);
  assert.match(said, /not over after 0\.01 s/);
});

Deno.test({
  name: "A test that never lets go of the processor fails too",
  // Deno 2.5 has no timeout of its own.
  ignore: Deno.version.deno.startsWith("2.5."),
  fn: async () => {
    const { code, said } = await outcomeOf(`Deno.test("loops", () => { for (;;); });`, "0.1");
    assert.equal(code, 1);
    assert.match(said, /^loops \.\.\. FAILED/m);
    assert.match(said, /timed out/);
  },
});

Deno.test("A test that is in time stays what it is, however it is written", async () => {
  const { code, said } = await outcomeOf(
    `Deno.test("name and function", () => {});
Deno.test(function named() {});
Deno.test({ name: "one object", fn: () => {} });
Deno.test("options between", { ignore: true }, () => {});
Deno.test("fails", () => { throw new Error("own words"); });
Deno.test("leaks", { sanitizeResources: true }, () => { Deno.openSync("some_test.ts"); });
Deno.test.ignore("is ignored", () => {});
`,
    "60",
  );
  assert.equal(code, 1);
  assert.match(said, /^named \.\.\. ok/m);
  assert.match(said, /^one object \.\.\. ok/m);
  assert.match(said, /^options between \.\.\. ignored/m);
  assert.match(said, /Error: own words/);
  assert.match(said, /A file was opened/);
  assert.match(said, /FAILED \| 3 passed \| 2 failed \| 2 ignored/);
});
