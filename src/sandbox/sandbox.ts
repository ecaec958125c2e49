import { after } from "../time/clock.ts";
import type { AddressInfo, Socket } from "node:net";
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from "smtp-server";
import { InputError } from "../model/input_error.ts";
import { type KeptMail, Outbox } from "./outbox.ts";

/**
 * The largest mail that is accepted, in octets, announced as SIZE (RFC 1870): a mail is kept in memory until it is complete. Relays
 * accept 10 to 50 MB.
 */
export const MAX_MAIL = 64 * 1024 * 1024;

/** RFC 5321, 4.5.3.2.7: a server waits at least five minutes for the next command. */
const COMMAND_TIMEOUT_MS = 5 * 60_000;

/**
 * Deno 2.5's `node:net` counts every connection ever accepted against the backlog, and stops at the first power of two above it:
 * 512 connections by default. The system applies its own maximum.
 */
const BACKLOG = 2 ** 30 - 1;

/** How long clients have to close after 421 before their connections are cut: they are on this machine. */
const FAREWELL_MS = 500;

/** A mail that was accepted and is in the outbox. */
export interface ReceivedMail {
  /** MAIL FROM; empty for the null sender. */
  readonly sender: string;
  readonly recipients: readonly string[];
  /** Octets, dot-stuffing undone. */
  readonly size: number;
  /** Path of the `.eml` file. */
  readonly file: string;
}

export interface SandboxOptions {
  /** Port 0 lets the system choose one. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** The folder for the mails; created if it does not exist. */
  readonly outbox: string;
  /** Called for each mail once its file is complete, before the client gets the reply. */
  readonly onMail?: (mail: ReceivedMail) => void;
}

/** A running sandbox; disposing it replies to mails in progress and closes it. */
export interface Sandbox extends AsyncDisposable {
  readonly hostname: string;
  /** The port it listens on. */
  readonly port: number;
  /** Mails accepted so far. */
  readonly received: number;
}

/**
 * Starts an SMTP server that stores each mail as a file and delivers it to nobody.
 *
 * It accepts mail from anyone, with any password or none, unencrypted (RFC 5321 with PIPELINING, 8BITMIME, SMTPUTF8,
 * SIZE, ENHANCEDSTATUSCODES and AUTH). A mail gets its 250 only after its file is complete; where the file cannot
 * be written, the reply is 452 and the client keeps the mail.
 *
 * @param options.signal Cancels the start. A running sandbox is closed by disposing it.
 * @throws {InputError} when the outbox cannot be used or it cannot listen on the address.
 */
export async function openSandbox(
  { listen, outbox, onMail, signal }: SandboxOptions & { readonly signal: AbortSignal },
): Promise<Sandbox> {
  signal.throwIfAborted();
  const folder = await Outbox.open(outbox);
  signal.throwIfAborted();
  const sandbox = new RunningSandbox(folder, onMail);
  await sandbox.start(listen);
  return sandbox;
}

/**
 * Runs a sandbox until the signal aborts, then closes it. Returns the number of mails received.
 *
 * @param options.onListen Called once the sandbox accepts mail.
 * @throws {InputError} as `openSandbox` does.
 */
export async function runSandbox(
  options: SandboxOptions & {
    readonly signal: AbortSignal;
    readonly onListen?: (sandbox: Sandbox) => void;
  },
): Promise<number> {
  const { signal, onListen } = options;
  const sandbox = await openSandbox(options);
  try {
    onListen?.(sandbox);
    if (!signal.aborted) {
      await new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve(), { once: true })
      );
    }
  } finally {
    await sandbox[Symbol.asyncDispose]();
  }
  return sandbox.received;
}

class RunningSandbox implements Sandbox {
  readonly #outbox: Outbox;
  readonly #onMail: ((mail: ReceivedMail) => void) | undefined;
  readonly #server: SMTPServer;
  readonly #sockets = new Set<Socket>();
  /** Files being written: their mails are complete and await a reply. */
  readonly #writes = new Set<Promise<KeptMail>>();
  #address: AddressInfo | undefined;
  #received = 0;

  constructor(outbox: Outbox, onMail: ((mail: ReceivedMail) => void) | undefined) {
    this.#outbox = outbox;
    this.#onMail = onMail;
    this.#server = new SMTPServer(this.#serverOptions());
    // A client that goes away does not matter; start() handles the errors of the listener.
    this.#server.on("error", () => {});
    this.#server.server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  get hostname(): string {
    return this.#address?.address ?? "";
  }

  get port(): number {
    return this.#address?.port ?? 0;
  }

  get received(): number {
    return this.#received;
  }

  async start(listen: SandboxOptions["listen"]): Promise<void> {
    const { server } = this.#server;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen({ host: listen.hostname, port: listen.port, backlog: BACKLOG }, resolve);
    try {
      await promise;
    } catch (cause) {
      throw cannotListen(listen, cause);
    } finally {
      server.off("error", reject);
    }
    this.#address = server.address() as AddressInfo; // a string only for Unix sockets
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { server, connections } = this.#server;
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await Promise.allSettled(this.#writes);
    for (const connection of connections) connection.send(421, "Sandbox is closing");
    const farewell = Promise.withResolvers<void>();
    using _timer = after(FAREWELL_MS, farewell.resolve);
    await Promise.race([closed, farewell.promise]);
    for (const socket of this.#sockets) socket.destroy();
    await Promise.allSettled(this.#writes);
  }

  #serverOptions(): SMTPServerOptions {
    return {
      name: "sandbox",
      banner: "nothing leaves this machine",
      logger: false,
      size: MAX_MAIL,
      rejectOversized: true,
      hideENHANCEDSTATUSCODES: false,
      // There is no certificate that a client could verify; the last three are jokes of the library.
      disabledCommands: ["STARTTLS", "WIZ", "SHELL", "KILL"],
      disableReverseLookup: true,
      socketTimeout: COMMAND_TIMEOUT_MS,
      authMethods: ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"],
      authOptional: true,
      allowInsecureAuth: true,
      onAuth: (auth, _session, done) => done(null, { user: auth.username || "anyone" }),
      onData: (stream, session, done) => {
        this.#receive(stream, session).then(
          ({ id, mail }) => {
            this.#received++;
            this.#onMail?.(mail);
            done(null, `kept as ${id}`);
          },
          (cause) => done(refusal(cause)),
        );
      },
    };
  }

  async #receive(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
  ): Promise<{ id: string; mail: ReceivedMail }> {
    const { mailFrom, rcptTo } = session.envelope;
    const recipients = rcptTo.map((recipient) => recipient.address);
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      if (stream.sizeExceeded) chunks.length = 0; // the library answers 552 once it has read it all
      else chunks.push(chunk);
    }
    if (stream.sizeExceeded) throw new Error("Mail is too large");
    const { id, path } = await this.#keep(recipients[0] ?? "nobody", chunks);
    const sender = mailFrom ? mailFrom.address : "";
    return { id, mail: { sender, recipients, size: stream.byteLength, file: path } };
  }

  async #keep(recipient: string, chunks: readonly Uint8Array[]): Promise<KeptMail> {
    const write = this.#outbox.keep(recipient, chunks);
    this.#writes.add(write);
    try {
      return await write;
    } finally {
      this.#writes.delete(write);
    }
  }
}

/** RFC 5321, 4.2.2: 452 is "insufficient system storage"; the client tries again. */
function refusal(cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return Object.assign(new Error(`Cannot keep the mail: ${reason}`), { responseCode: 452 });
}

function cannotListen(listen: SandboxOptions["listen"], cause: unknown): InputError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const reason = code === "EADDRINUSE"
    ? "the port is in use"
    : code === "EACCES"
    ? "permission denied"
    : cause instanceof Error
    ? cause.message
    : String(cause);
  const where = `${listen.hostname}:${listen.port}`;
  return new InputError(`Cannot listen on ${where}: ${reason}`, {
    hint: "Give another address with --listen, such as 127.0.0.1:2525.",
    cause,
  });
}
