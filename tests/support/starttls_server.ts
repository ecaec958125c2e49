import type { Pair } from "./certificates.ts";

export interface TlsServerOptions extends Pair {
  /** Demand a client certificate signed by this authority. */
  readonly ca?: string;
  /** TLS from the first byte. */
  readonly implicit?: boolean;
  /** Lines of EHLO before TLS and after it. */
  readonly offers: { readonly clear: readonly string[]; readonly secured: readonly string[] };
  /** Bytes sent in clear with the 220 of STARTTLS, in the same packet. */
  readonly behind220?: string;
  /** The reply to STARTTLS instead of "220 go". */
  readonly starttls?: string;
  /** The replies to AUTH and to each line after it, in turn. */
  readonly auth?: readonly string[];
}

/** The server of starttls_server.mjs, as a process of its own under Node. */
export class TlsServer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #heard: string[] = [];
  readonly #reading: Promise<void>;
  readonly #listening = Promise.withResolvers<number>();

  private constructor(options: TlsServerOptions) {
    const script = new URL("./starttls_server.mjs", import.meta.url).pathname;
    this.#process = new Deno.Command("node", {
      args: [script, JSON.stringify(options)],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#reading = this.#read();
  }

  static async start(options: TlsServerOptions): Promise<TlsServer & { readonly port: number }> {
    const server = new TlsServer(options);
    return Object.assign(server, { port: await server.#listening.promise });
  }

  /** Stops the server and returns what it heard: "clear EHLO x", "tls MAIL FROM:<...>". */
  async heard(): Promise<readonly string[]> {
    await this[Symbol.asyncDispose]();
    return this.#heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill();
    } catch {
      // It has ended already.
    }
    await this.#process.status;
    await this.#reading;
  }

  async #read(): Promise<void> {
    let held = "";
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (held + text).split("\n");
      held = lines.pop() ?? "";
      for (const line of lines) this.#hear(JSON.parse(line));
    }
    this.#listening.reject(new Error("The TLS server has ended"));
  }

  #hear(said: { port: number } | { secured: boolean; line: string }): void {
    if ("port" in said) this.#listening.resolve(said.port);
    else this.#heard.push(`${said.secured ? "tls" : "clear"} ${said.line}`);
  }
}
