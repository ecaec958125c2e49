import { after } from "../../time/clock.ts";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { ehlo, STARTTLS } from "../../smtp/wire/command.ts";
import type { Relay } from "../../model/relay.ts";
import { ReplyParser } from "../../smtp/wire/reply_parser.ts";

/** What a server's certificate says, trusted or not. */
export interface Certificate {
  /** Milliseconds since the epoch. */
  readonly validTo: number;
  /** The names it is for: "DNS:localhost, IP Address:127.0.0.1", or the common name of its subject. */
  readonly names: string;
  /** Who signed it. */
  readonly issuer: string;
}

/** Longest wait for the certificate, connection included. */
const WAIT_MS = 10_000;

/**
 * Fetches a relay's certificate, on a connection of its own: Deno's TLS, which sends the mail and decides whether the certificate
 * is trusted, does not reveal it. No login takes place, and nothing is sent.
 *
 * @returns undefined where it could not be fetched. Throws the signal's reason when the signal aborts.
 */
export async function certificateOf(
  relay: Relay,
  signal: AbortSignal,
): Promise<Certificate | undefined> {
  signal.throwIfAborted();
  const host = relay.host.replace(/^\[|\]$/g, "");
  const sockets: (Socket | TLSSocket)[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Certificate | undefined>();
  using _timer = after(WAIT_MS, () => resolve(undefined));
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const watch = <S extends Socket | TLSSocket>(socket: S): S => {
    sockets.push(socket);
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => resolve(undefined));
    return socket;
  };
  const secure = (socket: Socket): void => {
    const options = { socket, servername: isIP(host) === 0 ? host : "" };
    // Whether it is trusted has been decided before; here it is only read.
    const secured = watch(connectTls({ ...options, rejectUnauthorized: false }));
    secured.on("secureConnect", () => resolve(peerCertificate(secured)));
  };
  try {
    const socket = watch(connectTcp(relay.port, host));
    if (relay.security === "tls") socket.on("connect", () => secure(socket));
    else upgrade(socket, relay, () => secure(socket), () => resolve(undefined));
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
    for (const socket of sockets.toReversed()) socket.destroy();
  }
}

/** Greeting, EHLO, STARTTLS; then `secured`, or `failed` where the server refuses. */
function upgrade(socket: Socket, relay: Relay, secured: () => void, failed: () => void): void {
  const parser = new ReplyParser();
  const commands = [ehlo(relay.helo ?? "[127.0.0.1]"), STARTTLS];
  socket.on("data", function hear(bytes: Uint8Array) {
    for (const { code } of parser.push(bytes)) {
      if (code >= 300) return failed();
      const command = commands.shift();
      if (command !== undefined) {
        socket.write(command);
        continue;
      }
      socket.removeListener("data", hear);
      return secured();
    }
    if (parser.fault !== undefined) failed();
  });
}

function peerCertificate(socket: TLSSocket): Certificate | undefined {
  const certificate = socket.getPeerCertificate();
  const validTo = Date.parse(certificate?.valid_to ?? "");
  if (Number.isNaN(validTo)) return undefined;
  const nameOf = (name: { readonly CN?: string | string[] } | undefined) =>
    [name?.CN ?? []].flat().join(", ");
  return {
    validTo,
    names: certificate.subjectaltname || nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
  };
}
