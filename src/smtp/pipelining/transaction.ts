import type { Attempt, DisconnectCause } from "../../model/attempt.ts";
import type { Mail } from "../../model/mail.ts";
import type { Reply } from "../../model/reply.ts";
import type { Capabilities } from "../session/capabilities.ts";
import { bdatLast, DATA, mail as mailCommand, rcpt as rcptCommand, RSET } from "../wire/command.ts";
import type { Step } from "./order.ts";
import {
  type Advance,
  advance,
  brokenOff,
  freshProgress,
  type Grouping,
  interrupt,
  type Next,
} from "./progress.ts";

/** Called before a mail's last bytes are written; resolves when it is on record that they may leave. */
export type HandOver = () => Promise<void> | void;

/**
 * One mail's way through MAIL, RCPT and DATA or BDAT (RFC 5321, 3.3), from `SmtpClient.send()` to its outcome.
 *
 * It reads the replies by the rules in `progress.ts`, and knows where in the stream its bytes are; it writes nothing.
 * Positions are offsets in the stream; `maybeSent` is `Connection.maybeSent`.
 */
export class Transaction {
  readonly mail: Mail;
  /** The number of lines in the body that begin with a dot. */
  readonly dots: number;
  readonly attempt: Promise<Attempt>;
  readonly #mailLine: string;
  readonly #rcptLine: string;

  #grouping: Grouping = "one-by-one";
  #progress = freshProgress(false);
  /** Where the commands that await a reply begin, and where the mail ends. */
  #asksAt = Infinity;
  #endsAt = Infinity;

  readonly #handOver: HandOver;
  #handing: Promise<void> | undefined;
  #mayLeave = false;
  #settled = false;
  #resolve!: (attempt: Attempt) => void;
  #reject!: (reason: unknown) => void;

  /** @throws TypeError if the envelope cannot be written as commands, or the server lacks 8BITMIME. */
  constructor(mail: Mail, dots: number, handOver: HandOver, capabilities: Capabilities) {
    const { envelope, bytes, eightBit } = mail;
    if (eightBit && !capabilities.eightBitMime) {
      throw new TypeError("Cannot send a mail with 8-bit bytes because the server lacks 8BITMIME");
    }
    this.mail = mail;
    this.dots = dots;
    this.#mailLine = mailCommand(envelope.sender, {
      size: capabilities.sizeOffered ? bytes.length : undefined,
      eightBit,
      smtpUtf8: envelope.smtpUtf8,
    });
    this.#rcptLine = rcptCommand(envelope.recipient, envelope.smtpUtf8);
    this.#handOver = handOver;
    this.attempt = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The reply that is awaited next. */
  get awaits(): Step {
    return this.#progress.awaits;
  }

  /** Its first command is in the buffer. */
  get isBegun(): boolean {
    return this.#asksAt !== Infinity;
  }

  /** Its last byte is in the buffer: what follows belongs to another mail. */
  get isWhole(): boolean {
    return this.#endsAt !== Infinity;
  }

  /** It is on record that its last bytes may leave. */
  get mayLeave(): boolean {
    return this.#mayLeave;
  }

  /** Its last byte may have reached the server. */
  isHandedOver(maybeSent: number): boolean {
    return this.#endsAt <= maybeSent;
  }

  /** A command may have reached the server, so that a reply can be about this mail. */
  isAsked(maybeSent: number): boolean {
    return this.#asksAt < maybeSent;
  }

  /** It is the server's turn: a command is written, and all of the mail if it is the mail's reply that is awaited. */
  awaitsReply(maybeSent: number): boolean {
    return this.isAsked(maybeSent) && (this.awaits !== "body" || this.isHandedOver(maybeSent));
  }

  /** The next command alone. */
  get command(): string {
    switch (this.awaits) {
      case "rset":
        return RSET;
      case "mail":
        return this.#mailLine;
      case "rcpt":
        return this.#rcptLine;
      default:
        return DATA;
    }
  }

  /** All commands as one group. */
  get commandGroup(): string {
    const last = this.#grouping === "chunk" ? bdatLast(this.mail.bytes.length) : DATA;
    return (this.awaits === "rset" ? RSET : "") + this.#mailLine + this.#rcptLine + last;
  }

  /**
   * Begins the transaction, or begins it again from the start.
   *
   * @param reset An earlier transaction is still open on the server.
   */
  begin(grouping: Grouping, reset: boolean): void {
    this.#grouping = grouping;
    this.#progress = freshProgress(reset);
    this.#asksAt = Infinity;
  }

  /** The commands whose replies come next begin at this position. */
  asksAt(position: number): void {
    this.#asksAt = position;
  }

  /** The mail ends at this position. */
  endsAt(position: number): void {
    this.#endsAt = position;
  }

  /** Reads a reply and returns what comes next. */
  answer(reply: Reply, maybeSent: number): Next {
    const { progress, next } = this.#read(reply, maybeSent);
    this.#progress = progress;
    // Until it is written again, no reply can be about it.
    if (next.kind === "write-again") this.#asksAt = Infinity;
    return next;
  }

  #read(reply: Reply, maybeSent: number): Advance {
    return this.awaits === "body" && !this.isHandedOver(maybeSent)
      ? interrupt(this.#progress, reply)
      : advance(this.#progress, this.#grouping, reply);
  }

  /**
   * Puts it on record that the mail's last bytes may leave, then calls `write`: at once if the record needs no waiting. If it
   * cannot be recorded, calls `fail` with the reason, and the mail is not written.
   */
  handOver(write: () => void, fail: (reason: unknown) => void): void {
    let handing: Promise<void> | void;
    try {
      handing = this.#handOver();
    } catch (reason) {
      return fail(reason);
    }
    if (handing === undefined) {
      this.#mayLeave = true;
      return write();
    }
    this.#handing = handing;
    handing.then(() => {
      this.#handing = undefined;
      if (this.#settled) return;
      this.#mayLeave = true;
      write();
    }, (reason) => {
      this.#handing = undefined;
      if (!this.#settled) fail(reason);
    });
  }

  /** Resolves `attempt`. */
  settle(attempt: Attempt): void {
    this.#settled = true;
    // The record of the hand-over comes first, even if the reply was faster: it must not overwrite the outcome.
    if (this.#handing === undefined) this.#resolve(attempt);
    else this.#handing.then(() => this.#resolve(attempt), this.#reject);
  }

  /** Settles it with what is known, as no more replies come. */
  settleBroken(cause: DisconnectCause, detail: string, handedOver: boolean): void {
    this.settle(brokenOff(this.#progress, cause, detail, handedOver));
  }

  /** Rejects `attempt`, as the hand-over could not be recorded. */
  reject(reason: unknown): void {
    this.#settled = true;
    this.#reject(reason);
  }
}

/** Returns whether more than one reply is awaited, the first of them by the head of the queue. */
export function severalAwaited([head, next]: readonly Transaction[]): boolean {
  return head !== undefined && (head.awaits !== "body" || next?.isBegun === true);
}
