/** Consecutive deferrals, with nothing accepted in between, that may be about our pace. */
const STREAK = 8;
/** A mail accepted this shortly before shows that the relay does not defer everybody who has waited as long. */
const JUST_BEFORE_MS = 2_000;
/** Replies after which the guess is tested. */
const ANSWERS_TO_ASK = 40;
/**
 * A rate limit accepts a series of mails, then none, then mails again. More changes than this within `ANSWERS_TO_ASK`
 * are chance.
 */
const MOST_CHANGES = 12;
/**
 * If most are deferred this many times in a row, a lower rate does not help. Once is too early to tell: one step down
 * may not be enough, and the burst before it has used up what the relay accepts in that second.
 */
const TIMES_IN_VAIN = 3;
/** A limit per minute lets some mails through within this time; a relay that accepts none at any rate has another problem. */
const PATIENCE_MS = 120_000;

/** The result of a mail, as far as it distinguishes a rate limit from chance. */
export interface Answer {
  readonly accepted: boolean;
  /** How long ago the recipient was first deferred, ms; 0 at the first try. */
  readonly waitedMs: number;
  /** Time at which the mail was given to the connection, ms. */
  readonly sentAt: number;
}

/**
 * Guesses whether a relay that defers recipients (450 4.7.1 at RCPT, 451 at the end of the mail) means them, or our
 * pace: Postfix limits recipients per minute with these replies, Rspamd the rate.
 *
 * A rate limit accepts mails and then suddenly defers all; at a lower rate it accepts them. Greylisting accepts only
 * recipients who have waited, and defers none who have waited as long; busy mailboxes are mixed with accepted mails. So
 * a streak of recipients who have waited at least as long as one just accepted starts the guess, and the replies to
 * mails sent at the lower rate confirm it, or refute it for the rest of the run.
 *
 * Pure arithmetic on the times given.
 */
export class Throttling {
  #streak = 0;
  /** The mail accepted just before whose recipient had waited least. */
  #took = { at: -Infinity, waitedMs: 0 };
  /** Since when mails are sent at the lower rate; undefined if there is no guess. */
  #slowerSince: number | undefined;
  #assumedSince = 0;
  #refuted = false;
  #lastAccepted = true;
  #answers = 0;
  #deferred = 0;
  #changes = 0;
  /** How many times in a row most of the replies, but not all, were deferrals. */
  #inVain = 0;

  /** Whether a deferral now is taken to be about our pace. */
  get assumed(): boolean {
    return this.#slowerSince !== undefined;
  }

  /** Notes a reply; `assumed` is up to date afterwards. */
  note(answer: Answer, now: number): void {
    if (this.#refuted) return;
    if (answer.accepted) this.#taken(answer, now);
    else this.#countDeferred(answer, now);
    if (this.#slowerSince === undefined) {
      if (this.#streak >= STREAK) this.#slowerSince = this.#assumedSince = now;
    } else if (answer.sentAt >= this.#slowerSince) this.#test(answer.accepted, now);
  }

  /** Notes that mails are sent at a lower rate from now on; replies to earlier ones say nothing about it. */
  slowed(now: number): void {
    if (this.assumed) this.#slowerSince = now;
  }

  #taken({ waitedMs }: Answer, now: number): void {
    this.#streak = 0;
    const isForgotten = now - this.#took.at > JUST_BEFORE_MS;
    if (isForgotten || waitedMs <= this.#took.waitedMs) this.#took = { at: now, waitedMs };
  }

  #countDeferred({ waitedMs }: Answer, now: number): void {
    // Nothing was accepted before it, so it is not the start of a limit.
    if (this.#streak === 0 && now - this.#took.at > JUST_BEFORE_MS) this.#streak = -Infinity;
    // A recipient who has waited less than the accepted one may be greylisted.
    if (waitedMs >= this.#took.waitedMs) this.#streak++;
  }

  #test(accepted: boolean, now: number): void {
    if (accepted !== this.#lastAccepted) this.#changes++;
    this.#lastAccepted = accepted;
    if (!accepted) this.#deferred++;
    if (++this.#answers < ANSWERS_TO_ASK) return;
    if (this.#contradicts(now)) {
      this.#refuted = true;
      this.#slowerSince = undefined;
    }
    this.#answers = this.#deferred = this.#changes = 0;
  }

  /** Returns whether the last `ANSWERS_TO_ASK` replies, or these and earlier ones, contradict a rate limit. */
  #contradicts(now: number): boolean {
    const [deferred, taken] = [this.#deferred, this.#answers - this.#deferred];
    this.#inVain = taken > 0 && deferred > taken ? this.#inVain + 1 : 0;
    if (taken === 0) return now - this.#assumedSince >= PATIENCE_MS;
    if (this.#changes > MOST_CHANGES || this.#inVain === TIMES_IN_VAIN) return true;
    // Chance would give 2·taken·deferred/answers changes; a rate limit is reached and left, which makes two.
    return deferred > taken && this.#changes > 2 + taken * deferred / this.#answers;
  }
}
