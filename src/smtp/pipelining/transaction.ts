import type { Mail } from "../../model/mail.ts";
import type { Attempt, DisconnectCause } from "../../model/attempt.ts";
import type { Capabilities } from "../session/capabilities.ts";
import { mail as mailCommand, rcpt as rcptCommand } from "../wire/command.ts";
import { outOfOrder } from "./order.ts";
import { negative, positive } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";
import type { Step } from "./step.ts";

/** Called before a mail's last bytes are written; resolves when it is on record that they may now leave. */
export type HandOver = () => Promise<void> | void;

/** One mail's way through MAIL, RCPT and DATA or BDAT (RFC 5321, 3.3), from `Lane.send()` to what became of it. */
export class Transaction {
  readonly mail: Mail;
  /** Lines of the body that begin with a dot. */
  readonly dots: number;
  readonly attempt: Promise<Attempt>;
  readonly mailLine: string;
  readonly rcptLine: string;

  /** The reply that is awaited next. */
  step: Step = "mail";
  /** The first refusal; what comes after it does not change what became of the mail (RFC 2920, 3.1). */
  refusal: Extract<Attempt, { kind: "refused" }> | undefined;
  mailAccepted = false;
  rcptAccepted = false;
  /** Offsets in the stream: where the commands now awaiting a reply begin, and where the mail's last byte ends. */
  start = Infinity;
  end = Infinity;
  /** Its envelope stands behind another mail's final dot in the same group. */
  behindDot = false;
  /** When the mail was written, for the window. */
  writtenAt = 0;
  settled = false;

  /** The server refused the RSET before this mail; it has not said 421. */
  #refusedReset: Reply | undefined;
  readonly #handOver: HandOver;
  #handing: Promise<void> | undefined;
  #resolve!: (attempt: Attempt) => void;
  #reject!: (reason: unknown) => void;

  /** Throws a TypeError where the envelope cannot be a command. */
  constructor(mail: Mail, dots: number, handOver: HandOver, capabilities: Capabilities) {
    const { envelope, bytes, eightBit } = mail;
    if (eightBit && !capabilities.eightBitMime) {
      throw new TypeError("Cannot send a mail with 8-bit bytes as the server lacks 8BITMIME");
    }
    this.mail = mail;
    this.dots = dots;
    this.mailLine = mailCommand(envelope.sender, {
      size: capabilities.sizeOffered ? bytes.length : undefined,
      eightBit,
      smtpUtf8: envelope.smtpUtf8,
    });
    this.rcptLine = rcptCommand(envelope.recipient, envelope.smtpUtf8);
    this.#handOver = handOver;
    this.attempt = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /**
   * Puts it on record that the mail's last bytes may now leave, then calls `go`; at once where that needs no waiting. When it
   * cannot be recorded the mail is not written: `fail` gets the reason.
   */
  handOver(go: () => void, fail: (reason: unknown) => void): void {
    let handing: Promise<void> | void;
    try {
      handing = this.#handOver();
    } catch (reason) {
      return fail(reason);
    }
    if (handing === undefined) return go();
    this.#handing = handing;
    handing.then(() => {
      this.#handing = undefined;
      if (!this.settled) go();
    }, (reason) => {
      this.#handing = undefined;
      if (!this.settled) fail(reason);
    });
  }

  /** The server says that RCPT is out of order, after it has accepted MAIL. */
  rcptOutOfOrder(reply: Reply): boolean {
    return this.step === "rcpt" && this.mailAccepted && outOfOrder("rcpt", reply);
  }

  /** Notes a reply to RSET, MAIL or RCPT and moves on; false: it does not fit. */
  hear(reply: Reply): boolean {
    const { step } = this;
    if (reply.code >= 300 && reply.code < 400) return false;
    if (step === "rset") {
      if (reply.code === 421) {
        this.refuse(reply);
      } else {
        if (negative(reply)) this.#refusedReset = reply;
        this.step = "mail";
      }
      return true;
    }
    if (negative(reply)) this.refuse(reply);
    if (step === "mail") {
      this.mailAccepted = positive(reply);
      this.step = "rcpt";
    } else if (step === "rcpt") {
      this.rcptAccepted = positive(reply);
      this.step = "data";
    }
    return true;
  }

  refuse(reply: Reply): void {
    this.refusal ??= this.#refusalOfReset() ?? { kind: "refused", stage: this.step, reply };
  }

  settle(attempt: Attempt): void {
    this.settled = true;
    // The record of the hand-over comes first, even where the answer was faster: it must not overwrite what became of the mail.
    if (this.#handing === undefined) this.#resolve(attempt);
    else this.#handing.then(() => this.#resolve(attempt), this.#reject);
  }

  /** Nothing will be heard any more: the refusal if there was one, else that the dialogue broke. */
  settleBroken(cause: DisconnectCause, detail: string, handedOver: boolean): void {
    this.refusal ??= handedOver ? undefined : this.#refusalOfReset();
    this.settle(
      this.refusal ?? { kind: "broken", stage: this.step, cause, handedOver, detail },
    );
  }

  /** It was not taken, for this cause. */
  notTaken(cause: DisconnectCause, detail: string): Attempt {
    return { kind: "broken", stage: this.step, cause, handedOver: false, detail };
  }

  /** The envelope is to be written again, as if it never had been. */
  again(): void {
    this.step = "mail";
    this.refusal = undefined;
    this.mailAccepted = false;
    this.rcptAccepted = false;
    this.start = Infinity;
  }

  /** Where MAIL was not accepted either, that was for the open transaction, not for this mail's sender. */
  #refusalOfReset(): Transaction["refusal"] {
    if (this.step !== "mail" || this.#refusedReset === undefined) return undefined;
    return { kind: "refused", stage: "rset", reply: this.#refusedReset };
  }

  reject(reason: unknown): void {
    this.settled = true;
    this.#reject(reason);
  }
}

/** What this server cannot carry is found before MAIL (RFC 1870, 6.2; RFC 6531, 3.5). */
export function unsendableOver(capabilities: Capabilities, mail: Mail): Attempt | undefined {
  const { maxSize, smtpUtf8 } = capabilities;
  if (maxSize !== undefined && mail.bytes.length > maxSize) {
    const detail = `Mail has ${mail.bytes.length} bytes and the server takes ${maxSize}`;
    return { kind: "unsendable", lacks: "size", detail };
  }
  if (mail.envelope.smtpUtf8 && !smtpUtf8) {
    const detail = "Address or header needs SMTPUTF8, which the server does not offer";
    return { kind: "unsendable", lacks: "smtputf8", detail };
  }
  return undefined;
}

/** Whether more than one reply is awaited, the first of them by the first of `queue`. */
export function severalAwaited(queue: readonly Transaction[]): boolean {
  const [head, next] = queue;
  return head !== undefined &&
    (head.step !== "body" || (next !== undefined && next.start !== Infinity));
}
