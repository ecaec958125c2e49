import type { DisconnectCause } from "../../model/attempt.ts";
import { negative } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";

/** How a server ends a session, and what that says about the mails it has not answered. */
export class Farewell {
  #misfit: string | undefined;
  #closing = false;
  #dismissed = false;
  /** Its last reply was such. */
  #said: "421" | "reset" | undefined;
  /** Since the misfit it has refused everything. */
  #refusing = true;

  /** What does not fit, once a reply does not: nobody can tell what the replies after it answer. */
  get misfit(): string | undefined {
    return this.#misfit;
  }

  /** The end of the connection is awaited, and not for long. */
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

  /** It has refused RSET: it does no more. */
  refusedReset(): void {
    this.#said = "reset";
    this.#dismissed = true;
  }

  /** This reply does not fit what was written. */
  fell(reply: Reply, detail: string): void {
    this.#misfit = detail;
    this.#closing = this.#dismissed = true;
    this.#refusing = negative(reply);
  }

  /**
   * Whether it has done nothing with the mails it left unanswered, now that the connection has ended for this cause.
   *
   * Behind a 421 a server does nothing more (RFC 5321, 3.8), whatever was under way to it. Behind a refused RSET, or where
   * it refused all that came since the replies fell out of step, that is known when it closes the connection: a mail would
   * need its MAIL and RCPT accepted first. One that only falls silent may be at work.
   */
  silences(cause: DisconnectCause): boolean {
    if (this.#misfit !== undefined) return cause === "closed" && this.#refusing;
    return this.#said === "421" || (this.#said === "reset" && cause === "closed");
  }
}
