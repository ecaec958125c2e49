import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { output, run, start } from "./process.ts";
import { until } from "./until.ts";
import { isRunning } from "./process_tree.ts";

const ROOT = join(import.meta.dirname!, "..");
/** Short, as the test waits for it, but long enough for a shell to start and print something. */
const DEADLINE_MS = 3_000;

/** Prints its child's process id; neither of them ends. */
const HANGS = 'sleep 600 & echo "child $!"; echo "about to hang" >&2; wait';

Deno.test("run() rejects when the deadline is over, says what hung and what it had said, and leaves nothing running", async () => {
  const hanging = start("sh", ["-c", HANGS], { deadlineMs: DEADLINE_MS });
  const error = await hanging.ended.then(() => assert.fail("It ended"), (error) => error as Error);
  assert.match(error.message, /^A process did not end within 3 s and was killed: sh -c 'sleep 600/);
  assert.match(error.message, /stdout so far:\nchild \d+\n/);
  assert.match(error.message, /stderr so far:\nabout to hang\n/);
  const child = Number(/child (\d+)/.exec(error.message)?.[1]);
  await until("both processes are gone", () => !isRunning(child) && !isRunning(hanging.pid), 5_000);
});

Deno.test("run() rejects when the process has ended and another one holds its output open", async () => {
  const orphan = run("sh", ["-c", "sleep 30 & echo $!"], { deadlineMs: DEADLINE_MS });
  const error = await orphan.then(() => assert.fail("It ended"), (error) => error as Error);
  assert.match(error.message, /did not end within 3 s/);
  Deno.kill(Number(/stdout so far:\n(\d+)/.exec(error.message)?.[1]), "SIGKILL");
});

Deno.test("run() leaves a process alone that ends before its deadline", async () => {
  const args = ["-c", "cat; echo warned >&2; exit 3"];
  const ended = await run("sh", args, { stdin: "given", deadlineMs: 60_000 });
  assert.deepEqual(ended, { code: 3, signal: null, stdout: "given", stderr: "warned\n" });
});

Deno.test("seen() rejects when its own deadline is over, names the pattern, and ends the process", async () => {
  const hanging = start("sh", ["-c", HANGS]);
  await hanging.seen(/about to hang/, 60_000);
  await assert.rejects(
    () => hanging.seen(/listening/, DEADLINE_MS),
    /did not write \/listening\/ within 3 s and was killed: sh -c .*\n[^]*about to hang/,
  );
  await until("the process is gone", () => !isRunning(hanging.pid), 5_000);
});

Deno.test("seen() rejects when the process ends before it matches", async () => {
  const ending = start("sh", ["-c", "echo other; exit 7"]);
  await assert.rejects(
    () => ending.seen(/listening/),
    /ended with 7 before it wrote \/listening\/[^]*other/,
  );
});

Deno.test("stop() ends a process and what it has started, and may be called again", async () => {
  const running = start("sh", ["-c", HANGS]);
  const [, child] = await running.seen(/child (\d+)\n/);
  await running.stop();
  await running.stop();
  assert.equal((await running.ended).signal, "SIGKILL");
  await until("its child is gone", () => !isRunning(Number(child)), 5_000);
});

Deno.test("output() rejects where the tool fails, with what it said", async () => {
  assert.equal(await output("echo", ["a"]), "a\n");
  await assert.rejects(() => output("sh", ["-c", "echo no >&2; exit 1"]), /exit code 1\nno/);
});

Deno.test("until() rejects when the deadline is over, and says what did not come about", async () => {
  await assert.rejects(() => until("pigs fly", () => false, 20), /in vain: pigs fly/);
});

function* testFiles(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* testFiles(join(folder, name));
    else if (/\.m?ts$/.test(name)) yield join(folder, name);
  }
}

Deno.test("Every test starts its processes through process.ts, which gives them a deadline", () => {
  const others = [...testFiles(ROOT)].map((path) => relative(ROOT, path))
    .filter((path) => !/^support\/process(?:_test)?\.ts$/.test(path))
    .filter((path) =>
      /\bDeno\s*\.\s*Command\b|\bchild_process\b/.test(Deno.readTextFileSync(join(ROOT, path)))
    );
  assert.deepEqual(others, []);
});
