import { join } from "node:path";
import { type Running, SERVER_DEADLINE_MS, start } from "../support/process.ts";
import { cached, freePorts, listening, type MailServer } from "./mail_server.ts";

const PACKAGE = join(cached("haraka"), "node_modules/Haraka");

/** Accepts every recipient but those that begin with "bad", and logs each before it says that the mail is accepted. */
const PLUGIN = `
const { appendFileSync } = require("node:fs");
exports.hook_rcpt = (next, connection, [recipient]) =>
  recipient.user.startsWith("bad") ? next(DENY, "no such user") : next(OK);
exports.hook_queue = (next, { transaction }) => {
  for (const { user, host } of transaction.rcpt_to) appendFileSync(process.env.TAKEN, user + "@" + host + "\\n");
  next(OK);
};
`;

/** Haraka on Node, as `.ci/run` installs it from npm. It offers PIPELINING, and refuses commands that follow a final dot in a packet. */
export class Haraka implements MailServer {
  readonly #folder: string;
  readonly #port: number;
  #process: Running | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(): Promise<Haraka> {
    const folder = await Deno.makeTempDir({ prefix: "haraka-" });
    const haraka = new Haraka(folder, freePorts(1)[0]!);
    await haraka.#configure();
    await haraka.start();
    return haraka;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}?tls=off`;
  }

  async start(): Promise<void> {
    this.#process = start("node", [join(PACKAGE, "bin/haraka"), "-c", this.#folder], {
      deadlineMs: SERVER_DEADLINE_MS,
      env: { PATH: Deno.env.get("PATH") ?? "", TAKEN: this.#taken },
    });
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
    return (await Deno.readTextFile(this.#taken)).split("\n").slice(0, -1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }

  get #taken(): string {
    return join(this.#folder, "taken");
  }

  async #configure(): Promise<void> {
    const files = {
      "taken": "",
      "plugins/take.js": PLUGIN,
      "config/plugins": "take\n",
      "config/me": "mx.test\n",
      "config/loglevel": "EMERG\n",
      "config/smtp.ini": `listen=127.0.0.1:${this.#port}\nnodes=0\n`,
    };
    for (const folder of ["plugins", "config", "queue"]) {
      await Deno.mkdir(join(this.#folder, folder));
    }
    // It does not start without these defaults.
    await Deno.copyFile(
      join(PACKAGE, "config/connection.ini"),
      join(this.#folder, "config/connection.ini"),
    );
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(this.#folder, name), text);
    }
  }
}
