import { Buffer } from "node:buffer";

/**
 * Says whether a login is right, in the protocol by which Postfix asks Dovecot (Dovecot Authentication Protocol 1.2): one
 * user, PLAIN only.
 */
export class SaslServer implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #right: string;
  readonly #conns = new Set<Deno.Conn>();
  readonly #serving: Promise<void>;

  private constructor(listener: Deno.TcpListener, user: string, password: string) {
    this.#listener = listener;
    this.#right = Buffer.from(`\0${user}\0${password}`).toString("base64");
    this.#serving = this.#serve();
  }

  static start(user: string, password: string): SaslServer {
    return new SaslServer(Deno.listen({ hostname: "127.0.0.1", port: 0 }), user, password);
  }

  /** For `smtpd_sasl_path`. */
  get path(): string {
    return `inet:127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) {
      try {
        conn.close();
      } catch {
        // The other side was first.
      }
    }
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const talks: Promise<void>[] = [];
    try {
      for await (const conn of this.#listener) talks.push(this.#talk(conn).catch(() => {}));
    } catch {
      // Closed.
    }
    await Promise.all(talks);
  }

  async #talk(conn: Deno.Conn): Promise<void> {
    this.#conns.add(conn);
    const say = async (...lines: string[]) => {
      const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
      for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
    };
    await say(
      "VERSION\t1\t2",
      "MECH\tPLAIN\tplaintext",
      "SPID\t1",
      "CUID\t1",
      "COOKIE\t0123456789abcdef0123456789abcdef",
      "DONE",
    );
    let held = "";
    for await (const text of conn.readable.pipeThrough(new TextDecoderStream())) {
      const lines = (held + text).split("\n");
      held = lines.pop() ?? "";
      for (const line of lines) {
        const [command, id, , ...parameters] = line.split("\t");
        if (command !== "AUTH") continue;
        const response = parameters.find((one) => one.startsWith("resp="))?.slice("resp=".length);
        await say(response === this.#right ? `OK\t${id}\tuser=ann` : `FAIL\t${id}\tuser=ann`);
      }
    }
  }
}
