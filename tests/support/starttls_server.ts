import type { Pair } from "./certificates.ts";
import { DEADLINE_MS, type Running, SERVER_DEADLINE_MS, start } from "./process.ts";

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

/** The messages of the server on stdout, one per line. */
type Said = { readonly port: number } | { readonly secured: boolean; readonly line: string };

/** The server of starttls_server.mjs, as a separate Node process. */
export class TlsServer implements AsyncDisposable {
  readonly port: number;
  readonly #process: Running;

  private constructor(process: Running, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async start(options: TlsServerOptions): Promise<TlsServer> {
    const script = new URL("./starttls_server.mjs", import.meta.url).pathname;
    const process = start("node", [script, JSON.stringify(options)], {
      deadlineMs: SERVER_DEADLINE_MS,
    });
    const [, port] = await process.seen(/^\{"port":(\d+)\}\n/, DEADLINE_MS);
    return new TlsServer(process, Number(port));
  }

  /** Stops the server and returns the commands it received: "clear EHLO x", "tls MAIL FROM:<...>". */
  async heard(): Promise<readonly string[]> {
    await this.#process.stop();
    const said = this.#process.stdout.split("\n").slice(0, -1).map((line): Said =>
      JSON.parse(line)
    );
    return said.flatMap((one) =>
      "port" in one ? [] : [`${one.secured ? "tls" : "clear"} ${one.line}`]
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
  }
}
