import { join } from "node:path";
import { DEADLINE_MS, type Running, SERVER_DEADLINE_MS, start } from "./process.ts";

/** The server's behavior; without any of the faults, it accepts everything at once. */
export interface SinkOptions {
  /** Lines of the reply to EHLO after the first: "PIPELINING", "CHUNKING". */
  readonly extensions: readonly string[];
  readonly port?: number;
  /** Before each answer. */
  readonly latencyMs?: number;
  /** A recipient named for the first time gets 450 until this many ms later. */
  readonly greylistMs?: number;
  /** Share of the recipients whose first RCPT is answered 450 4.2.1. */
  readonly temporaryShare?: number;
  /** 421 to the MAIL after this many accepted on one connection. */
  readonly mailsPerConnection?: number;
  /** Closes a connection silently after the answer to this many mails accepted on it. */
  readonly closesAfter?: number;
  /** 421 instead of a greeting to further ones. */
  readonly connections?: number;
  /** MAIL (or RCPT, or the whole mail) beyond this many in a second of the clock is answered with `limitReply`. */
  readonly perSecond?: number;
  readonly limitAt?: "mail" | "rcpt" | "body";
  readonly limitReply?: string;
  /** The reply to RCPT, by recipient. */
  readonly refuse?: Readonly<Record<string, string>>;
  /** The reply to each MAIL. */
  readonly mailReply?: string;
  /** The reply to AUTH. */
  readonly auth?: string;
  /** Each connection ends after a random number of the client's bytes, up to this many. */
  readonly cutAfterBytes?: number;
  /** Each recipient's local part determines the fate of its mail: see fates.ts. Refusals and cuts are logged as well. */
  readonly fates?: boolean;
  /** Every MAIL is refused because of the sender once this many mails are accepted. */
  readonly refuseUsFrom?: number;
  /** The process ends once this many mails are accepted. */
  readonly goneAfter?: number;
  /** Logs connections and MAIL commands as well. */
  readonly events?: boolean;
}

/** Something the server did. */
export interface Noted {
  readonly what:
    | "accepted"
    | "refused"
    | "later"
    | "cut"
    | "refused-us"
    | "mail"
    | "auth"
    | "connect";
  /** Milliseconds since the epoch, by the server. */
  readonly at: number;
  /** The recipient. */
  readonly of: string;
}

export const GROUPS: readonly string[] = ["PIPELINING", "8BITMIME", "SMTPUTF8"];
export const CHUNKS: readonly string[] = [...GROUPS, "CHUNKING"];

/**
 * An SMTP server in a separate process whose log is authoritative: a mail is in it if and only if the server has accepted it,
 * whatever the client believes.
 */
export class CountingServer implements AsyncDisposable {
  readonly port: number;
  readonly #log: string;
  readonly #options: SinkOptions;
  #process: Running;

  private constructor(
    port: number,
    log: string,
    options: SinkOptions,
    process: Running,
  ) {
    this.port = port;
    this.#log = log;
    this.#options = options;
    this.#process = process;
  }

  static async start(options: Partial<SinkOptions> = {}): Promise<CountingServer> {
    const whole = { extensions: GROUPS, ...options };
    const log = await Deno.makeTempFile({ prefix: "accepted-" });
    const { process, port } = await spawn(whole, log);
    return new CountingServer(port, log, whole, process);
  }

  /** The URL for `--smtp`. */
  get url(): string {
    return `smtp://127.0.0.1:${this.port}?tls=off`;
  }

  /** Size of the log: grows with each mail. Cheap enough to be watched. */
  get written(): number {
    return Deno.statSync(this.#log).size;
  }

  /** Mails taken so far. */
  get taken(): number {
    return Deno.readTextFileSync(this.#log).match(/^accepted /gm)?.length ?? 0;
  }

  /** Resolves once its process has ended, whether killed or on its own. */
  async ended(): Promise<void> {
    await this.#process.ended;
  }

  /** The log so far, in order. */
  async log(): Promise<readonly Noted[]> {
    const lines = (await Deno.readTextFile(this.#log)).split("\n").slice(0, -1);
    return lines.map((line) => {
      const [what, at, of] = line.split(" ") as [Noted["what"], string, string];
      return { what, at: Number(at), of };
    });
  }

  /** The recipients of the mails taken, one for each mail. */
  async accepted(): Promise<readonly string[]> {
    return (await this.log()).filter(({ what }) => what === "accepted").map(({ of }) => of);
  }

  /** Ends the process as `kill -9` does. */
  async kill(): Promise<void> {
    await this.#process.stop();
    const { code, signal, stderr } = await this.#process.ended;
    if (signal === null && code !== 0) throw new Error(`The counting server crashed:\n${stderr}`);
  }

  /** Restarts it on the same port, with the same log and the same or the given behavior. */
  async restart(options: SinkOptions = this.#options): Promise<void> {
    const { process } = await spawn({ ...options, port: this.port }, this.#log);
    this.#process = process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#log);
  }
}

async function spawn(
  options: SinkOptions,
  log: string,
): Promise<{ process: Running; port: number }> {
  const script = join(import.meta.dirname!, "counting_sink.ts");
  const permissions = ["--allow-net", "--allow-read", "--allow-write"];
  const process = start(
    Deno.execPath(),
    ["run", "--quiet", ...permissions, script, JSON.stringify({ ...options, log })],
    { deadlineMs: SERVER_DEADLINE_MS },
  );
  const [, port] = await process.seen(/^listening (\d+)\n/, DEADLINE_MS);
  return { process, port: Number(port) };
}
