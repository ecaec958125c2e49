import { after } from "../../time/clock.ts";
import { clientHello, isTlsRecord } from "./client_hello.ts";
import type { Connection } from "./connection.ts";
import type { Relay } from "../../model/relay.ts";

/** A greeting that takes longer is looked into; servers that make clients wait on purpose take 5 to 30 s, and are left alone. */
const SLOW_MS = 5_000;
/** Time for the second connection, from its beginning to the first bytes of an answer. */
const LOOK_MS = 5_000;
/** Port of servers among themselves (RFC 5321, 4.5.4.2): never TLS from the first byte, and who speaks first is a spammer there. */
const SMTP_PORT = 25;

const HTTP = "HTTP/";

/**
 * Finds out why no greeting comes: a server that waits for TLS, or for a request of a browser, waits as long as we do.
 *
 * It speaks first on a second connection and looks at the answer. An SMTP server that is only slow says nothing, or says it in
 * SMTP, and is waited for. Where the answer is another protocol's, the first connection ends with the cause "not-smtp".
 */
export class PortWatch implements Disposable {
  readonly #over = new AbortController();
  #timer: Disposable;

  constructor(relay: Relay, remote: Deno.Addr, connection: Connection) {
    this.#timer = after(SLOW_MS, async () => {
      if (relay.port === SMTP_PORT || remote.transport !== "tcp") return;
      this.#timer = after(LOOK_MS, () => this.#over.abort());
      const found = await answerOf(relay, remote, this.#over.signal);
      this.#timer[Symbol.dispose]();
      if (found !== undefined && !this.#over.signal.aborted) connection.end("not-smtp", found);
    });
  }

  /** The greeting is there, or is not waited for any more. */
  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
    this.#over.abort();
  }
}

/** What is spoken there instead of SMTP, for people; undefined: nothing that is known for sure. */
async function answerOf(
  relay: Relay,
  { hostname, port }: Deno.NetAddr,
  signal: AbortSignal,
): Promise<string | undefined> {
  let conn: Deno.Conn | undefined;
  const close = () => void closed(conn);
  signal.addEventListener("abort", close, { once: true });
  try {
    const plain = await Deno.connect({ hostname, port, signal });
    conn = plain;
    const bare = relay.host.replace(/^\[|\]$/g, "");
    const secured = relay.security === "tls";
    if (secured) {
      conn = await Deno.startTls(plain, { hostname: bare, caCerts: relay.ca ? [relay.ca] : [] });
    }
    await conn.write(secured ? new TextEncoder().encode("QUIT\r\n\r\n") : clientHello(bare));
    const answer = new Uint8Array(HTTP.length);
    await conn.read(answer);
    if (!secured && isTlsRecord(answer)) return `Port ${port} speaks TLS from the first byte`;
    if (new TextDecoder().decode(answer) === HTTP) return `Port ${port} is a web server's`;
    return undefined;
  } catch {
    // It could not be looked at, which says nothing: the greeting is waited for.
    return undefined;
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

function closed(conn: Deno.Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // It was closed, or taken by TLS, before.
  }
}
