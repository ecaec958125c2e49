import type { Attempt, Stage } from "./attempt.ts";
import { type Break, breakOf, type TlsReason } from "./break.ts";
import { Connection } from "./connection.ts";
import { DialogueBroken } from "./dialogue.ts";
import type { Relay } from "./relay.ts";
import { type Lacking, openSession, type Session, SessionRefused } from "./session.ts";
import { TIMEOUTS, type Timeouts } from "./timeouts.ts";

/** No session came about. It carries the facts and judges nothing. */
export interface ConnectFailure {
  readonly kind: "connect-failure";
  /** The step that failed. */
  readonly stage: Stage;
  /** What the server said, how the connection ended, or what the relay asks for and the server lacks. */
  readonly attempt: Extract<Attempt, { kind: "refused" | "broken" }> | {
    readonly kind: "lacking";
    readonly stage: Stage;
    readonly lacks: Lacking;
    readonly detail: string;
  };
  /** What is wrong with the certificate, where that is the cause. */
  readonly tlsReason: TlsReason | undefined;
  /** The last address tried, "192.0.2.1:587"; undefined where the name does not resolve. */
  readonly address: string | undefined;
}

export interface ConnectOptions {
  readonly signal: AbortSignal;
  /** Replace single ones of `TIMEOUTS`. */
  readonly timeouts?: Partial<Timeouts>;
}

/**
 * Connects to the relay and opens a session: every address of its name in turn (RFC 5321, 5.1), then greeting, EHLO, STARTTLS
 * and AUTH as `openSession()` says.
 *
 * A failure is a value. Throws the signal's reason when the signal aborts.
 *
 * @returns A session whose connection is the caller's to end: give it to a `Lane`, or dispose of `session.connection`.
 */
export async function connectRelay(
  relay: Relay,
  options: ConnectOptions,
): Promise<Session | ConnectFailure> {
  const { signal } = options;
  signal.throwIfAborted();
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const dialled = await dial(relay, timeouts, signal);
  if (!(dialled instanceof Connection)) return dialled;
  const connection = dialled;
  const { remote } = connection;
  const abort = () => connection.end("cancelled", "Connection was given up");
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await openSession(relay, connection, timeouts);
  } catch (error) {
    connection[Symbol.dispose]();
    signal.throwIfAborted();
    return failureOf(error, remote);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The first address that takes the connection. */
async function dial(
  relay: Relay,
  timeouts: Timeouts,
  signal: AbortSignal,
): Promise<Connection | ConnectFailure> {
  const addresses = await resolve(relay.host);
  if (!Array.isArray(addresses)) return broken("connect", addresses, undefined);
  let last: ConnectFailure | undefined;
  for (const hostname of addresses) {
    signal.throwIfAborted();
    const address = `${hostname}:${relay.port}`;
    const conn = await connectTo(hostname, relay, timeouts, signal);
    if ("close" in conn) return new Connection(conn, timeouts);
    last = broken("connect", conn, address);
  }
  const none: Break = { cause: "unreachable", detail: "Name has no address", tlsReason: undefined };
  return last ?? broken("connect", none, undefined);
}

/** All addresses of the name, in the system's order (RFC 6724); an address stands for itself. */
async function resolve(host: string): Promise<string[] | Break> {
  const literal = /^\[(.+)\]$/.exec(host)?.[1];
  if (literal !== undefined) return [literal];
  if (/^\d+(?:\.\d+){3}$/.test(host)) return [host];
  // The system's resolver, unlike Deno.resolveDns(), knows search domains and services beside DNS. Loaded here as it costs 20 ms.
  const { lookup } = await import("node:dns");
  return await new Promise((settle) => {
    lookup(host, { all: true }, (error, found) => {
      settle(error ? breakOf(error, "unreachable") : found.map(({ address }) => address));
    });
  });
}

async function connectTo(
  hostname: string,
  relay: Relay,
  timeouts: Timeouts,
  signal: AbortSignal,
): Promise<Deno.Conn | Break> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeouts.connect);
  const abort = () => limit.abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const conn = await Deno.connect({ hostname, port: relay.port, signal: limit.signal });
    // A group is one write already: waiting for more (Nagle) only costs a round trip.
    conn.setNoDelay(true);
    return conn;
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.signal.aborted) return breakOf(error, "unreachable");
    const detail = `No connection within ${timeouts.connect / 1000} s`;
    return { cause: "timeout", detail, tlsReason: undefined };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

function failureOf(error: unknown, address: string): ConnectFailure {
  if (error instanceof DialogueBroken) return broken(error.stage, error.why, address);
  if (!(error instanceof SessionRefused)) throw error;
  const { stage, why } = error;
  const attempt = "reply" in why
    ? { kind: "refused" as const, stage, reply: why.reply }
    : { kind: "lacking" as const, stage, lacks: why.lacks, detail: why.detail };
  return { kind: "connect-failure", stage, attempt, tlsReason: undefined, address };
}

function broken(stage: Stage, why: Break, address: string | undefined): ConnectFailure {
  const { cause, detail, tlsReason } = why;
  return {
    kind: "connect-failure",
    stage,
    attempt: { kind: "broken", stage, cause, handedOver: false, detail },
    tlsReason,
    address,
  };
}
