import { after } from "../../time/clock.ts";
import { Buffer } from "node:buffer";
import { connect } from "node:net";

/** A DNS server's address. */
export interface Server {
  /** An IP address. */
  readonly hostname: string;
  readonly port: number;
}

export interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Reads a reply; undefined: it is not the answer to the question. */
type Read<T> = (bytes: Uint8Array) => T | undefined;

/** Sends a question in one datagram and waits for the answer. Resolves to the reason where there is none; rejects when aborted. */
export async function askUdp<T>(
  server: Server,
  question: Uint8Array,
  read: Read<T>,
  limits: Limits,
): Promise<T | string> {
  // Deno.listenDatagram() is unstable; this is not.
  const { createSocket } = await import("node:dgram");
  return await settled<T>(limits, (resolve) => {
    const socket = createSocket(server.hostname.includes(":") ? "udp6" : "udp4");
    socket.on("error", (error: Error) => resolve(unreached(error)));
    // Anything else may be forged or late: keep waiting.
    socket.on("message", (bytes: Uint8Array) => {
      const reply = read(bytes);
      if (reply !== undefined) resolve(reply);
    });
    socket.connect(server.port, server.hostname, (error?: Error) => {
      if (error) return resolve(unreached(error));
      socket.send(question, (error: Error | null) => error && resolve(unreached(error)));
    });
    return () => socket.close();
  });
}

/** The same over TCP, where two octets of length precede question and answer (RFC 7766, 8). */
export async function askTcp<T>(
  server: Server,
  question: Uint8Array,
  read: Read<T>,
  limits: Limits,
): Promise<T | string> {
  return await settled<T>(limits, (resolve) => {
    const socket = connect(server.port, server.hostname);
    const held: Buffer[] = [];
    let octets = 0;
    socket.on("error", (error: Error) => resolve(unreached(error)));
    socket.on("end", () => resolve("closed the connection"));
    socket.on("connect", () => {
      socket.write(Uint8Array.from([question.length >> 8, question.length & 255, ...question]));
    });
    socket.on("data", (bytes: Buffer) => {
      held.push(bytes);
      octets += bytes.length;
      // The first two octets can arrive separately.
      if (octets < 2) return;
      if (held[0]!.length < 2) held.splice(0, held.length, Buffer.concat(held));
      const end = 2 + held[0]!.readUInt16BE(0);
      if (octets < end) return;
      const reply = read(new Uint8Array(Buffer.concat(held).subarray(2, end)));
      resolve(reply ?? "answered with something else");
    });
    return () => socket.destroy();
  });
}

/** Runs `start` until it resolves, times out or is aborted; then closes the socket with what `start` returned. */
async function settled<T>(
  { timeoutMs, signal }: Limits,
  start: (resolve: (value: T | string) => void) => () => void,
): Promise<T | string> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<T | string>();
  using _timer = after(
    timeoutMs,
    () => resolve(`did not answer within ${timeoutMs / 1000} s`),
  );
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const close = start(resolve);
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
    try {
      close();
    } catch {
      // It never opened, or closed itself after an error.
    }
  }
}

function unreached(error: Error): string {
  return `cannot be reached: ${error.message}`;
}
