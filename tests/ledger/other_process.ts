import { fileURLToPath } from "node:url";
import { type Running, start } from "../support/process.ts";

const HOLDER = fileURLToPath(new URL("./hold_ledger.ts", import.meta.url));

/** Another process that has a ledger, see hold_ledger.ts. */
export class OtherProcess implements AsyncDisposable {
  readonly #process: Running;

  private constructor(process: Running) {
    this.#process = process;
  }

  static async start(path: string, work = ""): Promise<OtherProcess> {
    const args = ["run", "--allow-all", HOLDER, path, work];
    const other = new OtherProcess(start(Deno.execPath(), args));
    await other.lines(1);
    return other;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Waits until it has printed `count` lines. */
  async lines(count: number): Promise<string[]> {
    await this.#process.seen(new RegExp(`^(?:.*\\n){${count}}`));
    return this.#said();
  }

  /** Sends SIGKILL; returns everything it has printed. */
  async kill(): Promise<string[]> {
    await this.#process.stop();
    return this.#said();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
  }

  #said(): string[] {
    return this.#process.stdout.split("\n").slice(0, -1);
  }
}
