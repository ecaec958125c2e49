/** A session on which MAIL was refused after other mails. */
export interface Exhausted {
  /** Mails given to it before. */
  readonly given: number;
  /** Mails the relay accepted on it. */
  readonly accepted: number;
}

/**
 * Determines whether a relay that refuses MAIL on a used session has reached its limit of mails per session, or
 * refuses us. A fresh session tells: if it accepts a mail, it was the limit; if its first MAIL is refused as well, the
 * refusal means what it says.
 */
export class MailRefusals {
  #open: (Exhausted & { readonly newest: number }) | undefined;
  /** Whether the last fresh session was refused as well. */
  #refuted = false;

  /**
   * Notes that MAIL was refused on a used session; `newest` is the last one opened. Returns whether that may be the
   * limit. Once a 4yz turned out to be about our pace, it is not tested again, because each test costs a connection.
   */
  onUsed(session: Exhausted, newest: number, temporary: boolean): boolean {
    if (temporary && this.#refuted) return false;
    this.#open ??= { ...session, newest };
    return true;
  }

  /** Notes that MAIL was refused on a fresh session. */
  onFresh(number: number): void {
    if (this.#open === undefined || number <= this.#open.newest) return;
    this.#open = undefined;
    this.#refuted = true;
  }

  /** Notes that a mail was accepted. Returns the session whose limit that proves, if any. */
  accepted(number: number): Exhausted | undefined {
    const open = this.#open;
    if (open === undefined || number <= open.newest) return undefined;
    this.#open = undefined;
    this.#refuted = false;
    return open;
  }
}
