import { after, monotonic } from "../../time/clock.ts";
import { type Disconnect, disconnectOf, type TlsReason } from "./disconnect.ts";
import type { DisconnectCause } from "../../model/attempt.ts";
import { ReplyParser } from "./reply_parser.ts";
import type { Reply } from "../../model/reply.ts";
import type { Timeouts } from "./timeouts.ts";

/** Receives what comes over a connection. Neither method may throw. */
export interface Receiver {
  /** The replies that one read completed, in order; at least one. */
  replies(replies: readonly Reply[]): void;
  /** The connection has ended. Called once; nothing follows. */
  broken(why: Disconnect): void;
}

/** Replies are short: those to a whole group fit. */
const READ_BUFFER = 8 * 1024;

/** The timer never sleeps longer than this, so that moving a deadline with every reply costs no timer of its own. */
const TICK_MS = 5_000;

/** After a failed write the server may have said why (a 5yz before FIN or RST): how long to wait for its last words. */
const LAST_WORDS_MS = 1_000;

/**
 * Owns a socket: reads replies while writing commands, keeps deadlines, and ends once, with one cause.
 *
 * It reads as long as there is a receiver, whatever is being written, so that two sides that both write cannot block each other
 * (RFC 2920, 3.1). There is one timer for all, and neither a promise nor a timer per reply.
 */
export class Connection implements Disposable {
  #maybeSent = 0;
  #ended: Disconnect | undefined;
  #conn: Deno.Conn;
  readonly #timeouts: Timeouts;
  readonly #parser = new ReplyParser();
  readonly #buffer = new Uint8Array(READ_BUFFER);
  #receiver: Receiver | undefined;
  #reading = false;
  #writeFailure: Disconnect | undefined;
  #replyMs = 0;
  #replyDeadline = Infinity;
  /** Writes under way: the last command of the dialogue may still be one when its reply is here and the first mail is written. */
  #writes = 0;
  #writeDeadline = Infinity;
  #timer: Disposable | undefined;
  #timerAt = Infinity;

  constructor(conn: Deno.Conn, timeouts: Timeouts) {
    this.#conn = conn;
    this.#timeouts = timeouts;
  }

  /** Bytes given to the operating system, including the write in progress: what may have reached the server. */
  get maybeSent(): number {
    return this.#maybeSent;
  }

  /** Why the connection ended; undefined while it lives. */
  get ended(): Disconnect | undefined {
    return this.#ended;
  }

  /** Our address as a literal (RFC 5321, 4.1.3): [192.0.2.1], [IPv6:2001:db8::1]. */
  get localLiteral(): string {
    const address = this.#conn.localAddr;
    const host = "hostname" in address ? address.hostname : "127.0.0.1";
    return host.includes(":") ? `[IPv6:${host}]` : `[${host}]`;
  }

  /** A reply has begun and is not complete. */
  get midReply(): boolean {
    return this.#parser.midReply;
  }

  /** Removes these texts from what the server says before anyone may be shown it. */
  hide(secrets: readonly string[]): void {
    this.#parser.hide(secrets);
  }

  /** Passes everything that comes from now on to `receiver`; undefined stops reading after the current read. */
  receive(receiver: Receiver | undefined): void {
    this.#receiver = receiver;
    if (receiver === undefined) return;
    if (this.#ended !== undefined) receiver.broken(this.#ended);
    else if (!this.#reading) void this.#read();
  }

  /** Sets the deadline for the whole next reply; undefined: none is awaited. */
  expectReply(ms: number | undefined): void {
    if (this.#writeFailure !== undefined) return;
    if (ms === undefined) {
      this.#replyDeadline = Infinity;
      return;
    }
    const now = monotonic();
    this.#replyMs = ms;
    this.#replyDeadline = now + ms;
    this.#arm(now);
  }

  /**
   * Writes all of `bytes`, which must not change meanwhile. Call it again only when the promise has resolved, or when the reply
   * to these very bytes is here.
   *
   * The promise never rejects; false means that the connection has ended or is about to.
   */
  async write(bytes: Uint8Array): Promise<boolean> {
    if (this.#ended !== undefined || this.#writeFailure !== undefined) return false;
    this.#maybeSent += bytes.length;
    this.#writes++;
    const now = monotonic();
    this.#writeDeadline = now + this.#timeouts.write;
    this.#arm(now);
    try {
      for (let rest = bytes; rest.length > 0;) {
        const taken = await this.#conn.write(rest);
        rest = taken === rest.length ? NOTHING : rest.subarray(taken);
      }
    } catch (error) {
      this.#awaitLastWords(disconnectOf(error));
    }
    if (--this.#writes === 0) this.#writeDeadline = Infinity;
    return this.#ended === undefined && this.#writeFailure === undefined;
  }

  /**
   * Secures the connection (RFC 3207). Nothing may be read meanwhile, so there must be no receiver. Bytes that follow the reply to
   * STARTTLS in the same packet end the connection: they could be an attacker's (CVE-2011-0411).
   */
  async startTls(hostname: string, ca: string | undefined): Promise<void> {
    if (this.midReply) {
      this.end("protocol", "Bytes follow the reply to STARTTLS in clear text");
      return;
    }
    this.expectReply(this.#timeouts.handshake);
    try {
      const options = { hostname, caCerts: ca === undefined ? [] : [ca] };
      // A connection that presents our certificate is TLS from the start and lacks only the handshake.
      const secured = "handshake" in this.#conn
        ? this.#conn as Deno.TlsConn
        : await Deno.startTls(this.#conn as Deno.TcpConn, options);
      this.#conn = secured;
      if (this.#ended !== undefined) secured.close();
      else await secured.handshake();
    } catch (error) {
      const { cause, detail, tlsReason } = disconnectOf(error, "tls");
      this.end(cause, detail, tlsReason);
    }
    this.expectReply(undefined);
  }

  /** Ends the connection and tells the receiver; the first cause stays. */
  end(cause: DisconnectCause, detail: string, tlsReason?: TlsReason): void {
    if (this.#ended !== undefined) return;
    this.#ended = { cause, detail, tlsReason };
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    close(this.#conn);
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.broken(this.#ended);
  }

  [Symbol.dispose](): void {
    this.#receiver = undefined;
    this.end("cancelled", "Connection was closed by this side");
  }

  async #read(): Promise<void> {
    this.#reading = true;
    while (this.#receiver !== undefined) {
      let count: number | null;
      try {
        count = await this.#conn.read(this.#buffer);
      } catch (error) {
        const { cause, detail, tlsReason } = this.#writeFailure ?? disconnectOf(error);
        this.end(cause, detail, tlsReason);
        break;
      }
      if (this.#ended !== undefined) break;
      if (count === null) this.#endOfStream();
      else this.#deliver(this.#buffer.subarray(0, count));
    }
    this.#reading = false;
  }

  #endOfStream(): void {
    const within = this.midReply ? " in the middle of a reply" : "";
    this.end("closed", `Server closed the connection${within}`);
  }

  #deliver(bytes: Uint8Array): void {
    const replies = this.#parser.push(bytes);
    if (replies.length > 0) this.#receiver?.replies(replies);
    if (this.#parser.fault !== undefined) this.end("protocol", this.#parser.fault);
  }

  #awaitLastWords(why: Disconnect): void {
    this.#writeFailure = why;
    if (!this.#reading) return this.end(why.cause, why.detail, why.tlsReason);
    const now = monotonic();
    this.#replyDeadline = Math.min(this.#replyDeadline, now + LAST_WORDS_MS);
    this.#arm(now);
  }

  #arm(now: number): void {
    if (this.#ended !== undefined) return;
    const deadline = Math.min(this.#replyDeadline, this.#writeDeadline);
    const at = Math.min(deadline, now + TICK_MS);
    // A timer that fires too early only checks and sleeps again; one that would fire too late is replaced.
    if (this.#timer !== undefined && this.#timerAt <= deadline) return;
    this.#timer?.[Symbol.dispose]();
    this.#timerAt = at;
    this.#timer = after(at - now, () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    const now = monotonic();
    if (now >= this.#replyDeadline || now >= this.#writeDeadline) return this.#timeOut(now);
    if (this.#replyDeadline !== Infinity || this.#writeDeadline !== Infinity) this.#arm(now);
  }

  #timeOut(now: number): void {
    if (this.#writeFailure !== undefined) {
      const { cause, detail, tlsReason } = this.#writeFailure;
      this.end(cause, detail, tlsReason);
    } else {
      this.end(
        "timeout",
        now >= this.#replyDeadline
          ? `No whole reply within ${this.#replyMs / 1_000} s`
          : `Server has stopped reading for ${this.#timeouts.write / 1_000} s`,
      );
    }
  }
}

const NOTHING = new Uint8Array(0);

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Deno.startTls() has taken the socket over, or it is closed already: there is nothing left to close.
  }
}
