import type { DisconnectCause } from "../../model/attempt.ts";
import { negative } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";

/** How the server ends the session, and what that says about the mails it has not answered. */
export class Farewell {
  #misfit: string | undefined;
  #closing = false;
  #dismissed = false;
  /** The kind of its last reply, if a 421 or the refusal of RSET. */
  #said: "421" | "reset" | undefined;
  /** Whether it has refused everything since the misfit. */
  #refusing = true;

  /** Describes the first reply that does not fit; it is unknown what the replies after it are about. */
  get mismatch(): string | undefined {
    return this.#misfit;
  }

  /** Whether the server is about to close the connection, which is awaited, but not for long. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Nothing more may be written. */
  get dismissed(): boolean {
    return this.#dismissed;
  }

  heard(reply: Reply): void {
    if (this.#misfit !== undefined) {
      this.#refusing &&= negative(reply);
      return;
    }
    this.#said = reply.code === 421 ? "421" : undefined;
    if (reply.code === 421) this.#closing = this.#dismissed = true;
  }

  /** Notes that the server has refused RSET and accepts no more commands. */
  refusedReset(): void {
    this.#said = "reset";
    this.#dismissed = true;
  }

  /** Notes that this reply does not fit what was written. */
  outOfStep(reply: Reply, detail: string): void {
    this.#misfit = detail;
    this.#closing = this.#dismissed = true;
    this.#refusing = negative(reply);
  }

  /**
   * Returns whether the server has done nothing with the mails it left unanswered, now that the connection has ended for this cause.
   *
   * After a 421 a server does nothing more (RFC 5321, 3.8), whatever was on its way. After a refused RSET, or if it has refused
   * everything since the misfit, this is certain only once it closes the connection: a mail would need its MAIL and RCPT accepted
   * first. A server that only falls silent may be at work.
   */
  silences(cause: DisconnectCause): boolean {
    if (this.#misfit !== undefined) return cause === "closed" && this.#refusing;
    return this.#said === "421" || (this.#said === "reset" && cause === "closed");
  }
}
