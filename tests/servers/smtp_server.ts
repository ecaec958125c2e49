import { join } from "node:path";
import { type Running, SERVER_DEADLINE_MS, start } from "../support/process.ts";
import { freePorts, listening, type MailServer } from "./mail_server.ts";

/** The server of the npm package smtp-server, in a process of its own. It knows neither PIPELINING nor CHUNKING. */
export class NpmSmtpServer implements MailServer {
  readonly #port: number;
  readonly #log: string;
  readonly #closesAfter: number;
  #process: Running | undefined;

  private constructor(port: number, log: string, closesAfter: number) {
    this.#port = port;
    this.#log = log;
    this.#closesAfter = closesAfter;
  }

  /** @param closesAfter After this many mails, a connection is closed without a reply. */
  static async start(closesAfter = 0): Promise<NpmSmtpServer> {
    const log = await Deno.makeTempFile({ prefix: "accepted-" });
    const server = new NpmSmtpServer(freePorts(1)[0]!, log, closesAfter);
    await server.start();
    return server;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}?tls=off`;
  }

  async start(): Promise<void> {
    const script = join(import.meta.dirname!, "npm_smtp_server.ts");
    this.#process = start(Deno.execPath(), [
      ...["run", "--quiet", "--no-check", "--allow-all", script],
      ...[String(this.#port), this.#log, String(this.#closesAfter)],
    ], { deadlineMs: SERVER_DEADLINE_MS });
    await listening(this.#port);
  }

  async kill(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }

  async progress(): Promise<number> {
    return (await this.taken()).length;
  }

  async taken(): Promise<readonly string[]> {
    return (await Deno.readTextFile(this.#log)).split("\n").slice(0, -1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#log);
  }
}
