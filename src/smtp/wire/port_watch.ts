import { after } from "../../time/clock.ts";
import { clientHello, isTlsRecord } from "./client_hello.ts";
import type { Connection } from "./connection.ts";
import { withoutBrackets } from "./dial.ts";
import type { Relay } from "../../model/relay.ts";

/** A greeting that takes longer is looked into. Servers that make clients wait on purpose take 5 to 30 s. */
const SLOW_MS = 5_000;
/** Time for the second connection, from its start to the first bytes of an answer. */
const LOOK_MS = 5_000;
/** Port between servers (RFC 5321, 4.5.4.2): never TLS from the first byte, and a client that speaks first passes for a spammer. */
const SMTP_PORT = 25;

const HTTP = "HTTP/";

/**
 * Finds out why no greeting comes: a server that waits for TLS or for a browser's request waits as long as we do.
 *
 * It speaks first on a second connection and looks at the answer. An SMTP server that is only slow says nothing, or answers in
 * SMTP; its greeting is still awaited. If the answer is another protocol's, the first connection ends with the cause "not-smtp".
 */
export class PortWatch implements Disposable {
  readonly #over = new AbortController();
  #timer: Disposable;

  constructor(relay: Relay, remote: Deno.Addr, connection: Connection) {
    this.#timer = after(SLOW_MS, async () => {
      if (relay.port === SMTP_PORT || remote.transport !== "tcp") return;
      this.#timer = after(LOOK_MS, () => this.#over.abort());
      const found = await otherProtocol(relay, remote, this.#over.signal);
      this.#timer[Symbol.dispose]();
      if (found !== undefined && !this.#over.signal.aborted) connection.end("not-smtp", found);
    });
  }

  /** The greeting has come, or is no longer awaited. */
  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
    this.#over.abort();
  }
}

/** Returns what is spoken there instead of SMTP, in words; undefined if that is not certain. */
async function otherProtocol(
  relay: Relay,
  { hostname, port }: Deno.NetAddr,
  signal: AbortSignal,
): Promise<string | undefined> {
  let conn: Deno.Conn | undefined;
  const close = () => closeQuietly(conn);
  signal.addEventListener("abort", close, { once: true });
  try {
    const plain = await Deno.connect({ hostname, port, signal });
    conn = plain;
    const host = withoutBrackets(relay.host);
    const secured = relay.security === "tls";
    if (secured) {
      conn = await Deno.startTls(plain, { hostname: host, caCerts: relay.ca ? [relay.ca] : [] });
    }
    await conn.write(secured ? new TextEncoder().encode("QUIT\r\n\r\n") : clientHello(host));
    const answer = new Uint8Array(HTTP.length);
    await conn.read(answer);
    if (!secured && isTlsRecord(answer)) return `Port ${port} speaks TLS from the first byte`;
    if (new TextDecoder().decode(answer) === HTTP) return `Port ${port} is a web server's`;
    return undefined;
  } catch {
    // A failure says nothing: the greeting is still awaited.
    return undefined;
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

function closeQuietly(conn: Deno.Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // It is closed already, or TLS has taken it over.
  }
}
