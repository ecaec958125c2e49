import { fileURLToPath } from "node:url";

const HOLDER = fileURLToPath(new URL("./hold_ledger.ts", import.meta.url));

/** Another process that has a ledger, see hold_ledger.ts. */
export class OtherProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #said: ReadableStreamDefaultReader<string>;
  #text = "";

  private constructor(path: string, work: string) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", HOLDER, path, work],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#said = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(path: string, work = ""): Promise<OtherProcess> {
    const other = new OtherProcess(path, work);
    await other.lines(1);
    return other;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Waits until it has said so many lines. */
  async lines(count: number): Promise<string[]> {
    for (;;) {
      const lines = this.#text.split("\n").slice(0, -1);
      if (lines.length >= count) return lines;
      const { done, value } = await this.#said.read();
      if (done) return lines;
      this.#text += value;
    }
  }

  /** kill -9; answers all it has said. */
  async kill(): Promise<string[]> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    return await this.lines(Infinity);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.kill();
    } catch {
      // It was killed before.
    }
  }
}
