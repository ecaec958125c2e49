import { join } from "node:path";
import { copyProject, type TestCommand, testCommand } from "./project.ts";

/** The result of a test run. */
export type Ending = "passed" | "failed" | "timed out";

/** A copy of a project in which one file at a time is changed. */
export class Workspace implements AsyncDisposable {
  readonly #folder: string;
  readonly #project: string;
  readonly #command: TestCommand;
  readonly #signal: AbortSignal;

  private constructor(folder: string, command: TestCommand, signal: AbortSignal) {
    this.#signal = signal;
    this.#folder = folder;
    this.#project = join(folder, "project");
    this.#command = command;
  }

  /** @param signal ends the running tests, which reject with its reason */
  static async copyOf(root: string, signal: AbortSignal): Promise<Workspace> {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "mutate-" }));
    // A test reads a ledger as another user, who must reach the project.
    await Deno.chmod(folder, 0o755);
    await copyProject(root, join(folder, "project"));
    return new Workspace(folder, await testCommand(root), signal);
  }

  async write(path: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.#project, path), text);
  }

  /** Runs test files until the first test fails. */
  async test(files: readonly string[], limitMs: number): Promise<Ending> {
    const flags = ["--quiet", "--fail-fast", "--parallel", ...this.#command.flags];
    return await this.#run(["test", ...flags, ...files], limitMs);
  }

  /** Whether a file and its imports compile. */
  async compiles(file: string, limitMs: number): Promise<boolean> {
    return await this.#run(["check", "--quiet", file], limitMs) === "passed";
  }

  async #run(args: readonly string[], limitMs: number): Promise<Ending> {
    this.#signal.throwIfAborted();
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: this.#project,
      env: { ...this.#command.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DENO_JOBS: "3" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      // The leader of a process group, so that the processes it started end with it.
      detached: true,
    }).spawn();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child.pid);
    }, limitMs);
    const onAbort = () => killGroup(child.pid);
    this.#signal.addEventListener("abort", onAbort);
    const { success } = await child.status;
    this.#signal.removeEventListener("abort", onAbort);
    clearTimeout(timer);
    // A failed test may have left processes running.
    killGroup(child.pid);
    this.#signal.throwIfAborted();
    return late ? "timed out" : success ? "passed" : "failed";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function killGroup(leader: number): void {
  try {
    Deno.kill(-leader, "SIGKILL");
  } catch (error) {
    // It has ended, along with all processes it had started.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
