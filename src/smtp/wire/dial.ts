import { after } from "../../time/clock.ts";
import { type Disconnect, disconnectOf } from "./disconnect.ts";
import type { Relay } from "../../model/relay.ts";

/** A connection, or why the last address that was tried gave none. */
export type Dialled =
  | { readonly conn: Deno.Conn; readonly address: string }
  | { readonly why: Disconnect; readonly address: string | undefined };

/**
 * Tries each address of the relay's name in turn (RFC 5321, 5.1) and returns the first connection.
 *
 * @throws The signal's reason when the signal aborts.
 */
export async function dial(relay: Relay, timeoutMs: number, signal: AbortSignal): Promise<Dialled> {
  const found = await abortable(addressesOf(relay.host, signal), signal);
  if (!Array.isArray(found)) return { why: found, address: undefined };
  let last: Dialled = { why: NO_ADDRESS, address: undefined };
  // Deno presents our certificate only if it connects by name itself (Deno.connectTls), and then does not say why a name
  // was not resolved. So the name is resolved first.
  for (const hostname of relay.certificate === undefined ? found : [withoutBrackets(relay.host)]) {
    const address = hostname.includes(":")
      ? `[${hostname}]:${relay.port}`
      : `${hostname}:${relay.port}`;
    const result = await connectTo(hostname, relay, timeoutMs, signal);
    if ("close" in result) return { conn: result, address };
    last = { why: result, address };
  }
  return last;
}

const NO_ADDRESS: Disconnect = {
  cause: "unreachable",
  detail: "Name has no address",
  tlsReason: undefined,
};

/** Returns all addresses of the name in the system's order (RFC 6724), or the address itself if it is one. */
async function addressesOf(host: string, signal: AbortSignal): Promise<string[] | Disconnect> {
  if (host.startsWith("[") || /^\d+(?:\.\d+){3}$/.test(host)) return [withoutBrackets(host)];
  // The system's resolver, unlike Deno.resolveDns(), uses search domains and sources other than DNS. Loaded here because
  // that takes 20 ms.
  const { lookup } = await import("node:dns");
  const found = await new Promise<string[] | Disconnect>((settle) => {
    lookup(host, { all: true }, (error, found) => {
      settle(error ? disconnectOf(error, "unreachable") : found.map(({ address }) => address));
    });
  });
  return Array.isArray(found) ? found : await confirmedByDns(host, found, signal);
}

/**
 * Older versions of Deno (2.5) report ENOTFOUND even if the name service did not answer (EAI_AGAIN). So the DNS is asked as
 * well: it reports with an error of its own class that there is no such name.
 */
async function confirmedByDns(
  host: string,
  why: Disconnect,
  signal: AbortSignal,
): Promise<Disconnect> {
  if (why.cause !== "unreachable") return why;
  try {
    await Deno.resolveDns(host, "A", { signal });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return why;
    return { ...disconnectOf(error), cause: "name-service" };
  }
  return why;
}

async function connectTo(
  hostname: string,
  relay: Relay,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Deno.Conn | Disconnect> {
  const limit = new AbortController();
  using _limit = after(timeoutMs, () => limit.abort());
  const abort = () => limit.abort();
  signal.addEventListener("abort", abort, { once: true });
  const pending = open(hostname, relay, limit.signal);
  try {
    const conn = await abortable(pending, limit.signal);
    // A group is already one write: waiting for more (Nagle) would only cost a round trip.
    if ("setNoDelay" in conn) conn.setNoDelay(true);
    return conn;
  } catch (error) {
    pending.then((late) => late.close(), () => {});
    signal.throwIfAborted();
    if (!limit.signal.aborted) return disconnectOf(error, "unreachable");
    const detail = `No connection within ${timeoutMs / 1000} s`;
    return { cause: "timeout", detail, tlsReason: undefined };
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function open(
  hostname: string,
  { port, certificate, ca }: Relay,
  signal: AbortSignal,
): Promise<Deno.TcpConn | Deno.TlsConn> {
  if (certificate === undefined) return Deno.connect({ hostname, port, signal });
  const caCerts = ca === undefined ? [] : [ca];
  return Deno.connectTls({
    hostname,
    port,
    caCerts,
    cert: certificate.cert,
    key: certificate.key.reveal(),
  });
}

/** Returns the result, or throws the signal's reason as soon as it aborts, without waiting for the result. */
async function abortable<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([pending, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Returns an IPv6 address without its brackets. */
export function withoutBrackets(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}
