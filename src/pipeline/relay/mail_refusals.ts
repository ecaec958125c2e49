/** A session on which MAIL was refused after other mails. */
export interface Exhausted {
  /** Mails given to it before. */
  readonly given: number;
  /** Mails the relay took on it. */
  readonly accepted: number;
}

/**
 * Whether a relay that refuses MAIL on a session which has carried mails has reached its number of mails for one session, or
 * refuses us: a fresh session tells. Where that takes a mail, it was the number; where its first MAIL is refused as well, that
 * refusal is what it says.
 */
export class MailRefusals {
  #open: (Exhausted & { readonly newest: number }) | undefined;
  /** The last fresh session was refused as well. */
  #refuted = false;

  /**
   * MAIL was refused on a session that has carried mails; `newest` is the last one that was opened. Returns whether that may
   * be its number. A 4yz is no longer asked about once it was our pace: each question costs a connection.
   */
  onUsed(session: Exhausted, newest: number, temporary: boolean): boolean {
    if (temporary && this.#refuted) return false;
    this.#open ??= { ...session, newest };
    return true;
  }

  /** MAIL was refused on a session that has carried none. */
  onFresh(number: number): void {
    if (this.#open === undefined || number <= this.#open.newest) return;
    this.#open = undefined;
    this.#refuted = true;
  }

  /** A mail was accepted. Returns the session whose number of mails is proved by that, where one is. */
  accepted(number: number): Exhausted | undefined {
    const open = this.#open;
    if (open === undefined || number <= open.newest) return undefined;
    this.#open = undefined;
    this.#refuted = false;
    return open;
  }
}
