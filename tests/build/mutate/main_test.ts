import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Workspace } from "../../../build/mutate/workspace.ts";
import { inFolder } from "../../support/folder.ts";
import { type Ended, run, start } from "../../support/process.ts";
import { until } from "../../support/until.ts";
import { isRunning } from "../../support/process_tree.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** No test asks about 18 and 19, and an empty law is only a type error. */
const AGES = `export const LIMIT: { years: number; law: "x" | "y" } = { years: 18, law: "x" };
export function isAdult(age: number): boolean {
  return age >= LIMIT.years;
}
`;

const AGES_TEST = `import { isAdult } from "../../src/policy/ages.ts";
Deno.test("isAdult() tells children from adults", () => {
  if (isAdult(3) || !isAdult(30)) throw new Error("wrong");
});
`;

const EXCUSES = `
| File | Before | After | Reason |
| ---- | ------ | ----- | ------ |
| \`src/policy/ages.ts\` | \`return age >= LIMIT.years;\` | \`return age > LIMIT.years;\` | None. |
`;

const PROJECT = {
  "src/policy/ages.ts": AGES,
  "tests/policy/ages_test.ts": AGES_TEST,
  "docs/testing.md": EXCUSES,
};

function commandLine(project: string): string[] {
  const main = join(ROOT, "build/mutate/main.ts");
  const config = join(ROOT, "deno.json");
  return ["run", "--quiet", "--allow-all", "--config", config, main, "--project", project];
}

async function mutate(project: string, ...args: string[]): Promise<Ended> {
  return await run(Deno.execPath(), [...commandLine(project), ...args]);
}

Deno.test("mutate shows the faults that no test notices, and fails if there are too many", async () => {
  await inFolder(PROJECT, async (cwd) => {
    const json = join(cwd, "out.json");
    const { code, stdout, stderr } = await mutate(cwd, "--room", "policy", "--json", json);
    assert.equal(code, 1, stderr);
    const [survivor, , room, ...rest] = stdout.trimEnd().split("\n");
    assert.equal(
      survivor,
      `src/policy/ages.ts:1:${AGES.indexOf("18") + 1} ` +
        'number: export const LIMIT: { years: number; law: "x" | "y" } = ' +
        '{ years: 18, law: "x" }; -> export const LIMIT: { years: number; law: "x" | "y" } = ' +
        '{ years: 19, law: "x" };',
    );
    // Killed: years 0. Refused: law "". Excused: the boundary. Survived: years 19.
    assert.deepEqual(room?.split(/\s+/), ["policy", "4", "1", "0", "1", "1", "1", "66.7", "%"]);
    assert.deepEqual(rest, []);
    const { results } = JSON.parse(await Deno.readTextFile(json));
    assert.deepEqual(
      results.map(({ verdict }: { verdict: string }) => verdict).sort(),
      ["excused", "killed", "refused", "survived"],
    );
    assert.equal(await Deno.readTextFile(join(cwd, "src/policy/ages.ts")), AGES);
  });
});

Deno.test("mutate succeeds if few enough faults survive, even with several jobs", async () => {
  await inFolder(PROJECT, async (cwd) => {
    const file = ["--file", "src/policy/ages.ts", "--jobs", "2", "--at-least", "66"];
    const { code, stdout, stderr } = await mutate(cwd, ...file);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^src\/policy\/ages\.ts +4 .* 66\.7 %$/m);
  });
});

Deno.test("mutate refuses to run if tests fail without any fault", async () => {
  const project = { ...PROJECT, "src/policy/ages.ts": AGES.replace(">=", "<") };
  await inFolder(project, async (cwd) => {
    const { code, stderr } = await mutate(cwd, "--room", "policy");
    assert.equal(code, 2);
    assert.match(stderr, /^tests\/policy\/ages_test\.ts failed though nothing was changed$/m);
  });
});

Deno.test("mutate reports invalid options by name", async () => {
  const cases: [string[], RegExp][] = [
    [["--room", "kitchen"], /--room must be one of the rooms: found kitchen/],
    [["--count", "few"], /--count must be a whole number: found few/],
    [["--file", "src/none.ts"], /no src\/none\.ts/],
  ];
  await inFolder(PROJECT, async (cwd) => {
    for (const [args, message] of cases) {
      const { code, stderr } = await mutate(cwd, ...args);
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
  });
});

Deno.test("Workspace.test() runs tests as the project's own task does", async () => {
  const config = (command: string) => JSON.stringify({ tasks: { test: { command } } });
  const leaking = `Deno.test("leaks", () => void Deno.openSync("deno.json"));`;
  // Deno 2.5 always looks for leaks.
  const unasked = Deno.version.deno.startsWith("2.5.") ? "failed" : "passed";
  const cases: [command: string, ending: string][] = [
    ["DENO_TEST_SANITIZE_RESOURCES=1 deno test -A --allow-read --parallel tests", "failed"],
    ["DENO_TEST_SANITIZE_RESOURCES=0 deno test -A --allow-read --parallel tests", unasked],
    ["deno test --allow-write", "failed"],
  ];
  for (const [command, ending] of cases) {
    await inFolder({ "deno.json": config(command), "tests/a_test.ts": leaking }, async (cwd) => {
      await using workspace = await Workspace.copyOf(cwd, new AbortController().signal);
      assert.equal(await workspace.test(["tests/a_test.ts"], 60_000), ending, command);
    });
  }
});

Deno.test("mutate leaves no tests and no copies behind when it is stopped by a signal", async () => {
  const hanging = `Deno.test("hangs", async () => {
  await Deno.writeTextFile("PID_FILE", String(Deno.pid));
  await new Promise(() => setInterval(() => {}, 1_000));
});
`;
  const files = { "project/src/policy/ages.ts": AGES, "project/tests/policy/ages_test.ts": "" };
  await inFolder({ ...files, "tmp/keep": "" }, async (cwd) => {
    const project = join(cwd, "project");
    const pidFile = join(cwd, "pid");
    const text = `import "../../src/policy/ages.ts";\n${hanging.replace("PID_FILE", pidFile)}`;
    await Deno.writeTextFile(join(project, "tests/policy/ages_test.ts"), text);
    const env = { ...Deno.env.toObject(), TMPDIR: join(cwd, "tmp") };
    const running = start(Deno.execPath(), [...commandLine(project), "--room", "policy"], { env });
    const pid = () => Deno.readTextFile(pidFile).catch(() => "");
    await until("a test hangs", async () => await pid() !== "");
    running.kill("SIGTERM");
    const { code, stderr } = await running.ended;
    assert.equal(code, 2);
    assert.match(stderr, /Stopped by SIGTERM/);
    assert(!isRunning(Number(await pid())));
    assert.deepEqual([...Deno.readDirSync(join(cwd, "tmp"))].map(({ name }) => name), ["keep"]);
  });
});

Deno.test("Workspace.test() ends a run that takes too long, and all processes that it has started", async () => {
  const process = new URL("../../support/process.ts", import.meta.url);
  const hanging = `import { start } from "${process}";
Deno.test("hangs", async () => {
  const child = start("sleep", ["600"]);
  await Deno.writeTextFile("PID_FILE", String(child.pid));
  await child.ended;
});
`;
  await inFolder({ "tests/hanging_test.ts": hanging, pid: "" }, async (cwd) => {
    await using workspace = await Workspace.copyOf(cwd, new AbortController().signal);
    const text = hanging.replace("PID_FILE", join(cwd, "pid"));
    await workspace.write("tests/hanging_test.ts", text);
    assert.equal(await workspace.test(["tests/hanging_test.ts"], 10_000), "timed out");
    const pid = await Deno.readTextFile(join(cwd, "pid"));
    assert.match(pid, /^\d+$/);
    await until("the process has ended", () => !isRunning(Number(pid)));
  });
});
