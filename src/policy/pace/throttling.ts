/** Recipients put off in a row, with nothing accepted between, that may mean our pace. */
const STREAK = 8;
/** A mail taken so shortly before says that the relay does not put off everybody who has waited as long. */
const JUST_BEFORE_MS = 2_000;
/** Answers after which it is asked whether the guess holds. */
const ANSWERS_TO_ASK = 40;
/** A limit of rate takes mails, then none, then mails again; accident mixes the two. Changes in so many answers that are accident. */
const MOST_CHANGES = 12;
/**
 * Where most are put off so many times in a row, a lower rate is no help. Once is too soon to say: one step down may not be
 * enough, and the burst before it has used up what the relay takes in that second.
 */
const TIMES_IN_VAIN = 3;
/** A limit of mails a minute lets some through in that time; a relay that takes none at any rate has another trouble. */
const PATIENCE_MS = 120_000;

/** What became of a mail, as far as it tells a limit of rate from an accident. */
export interface Answer {
  readonly accepted: boolean;
  /** How long ago the recipient was first put off, ms; 0 at the first try. */
  readonly waitedMs: number;
  /** When the mail was given to the connection, ms. */
  readonly sentAt: number;
}

/**
 * Guesses whether a relay that puts recipients off (450 4.7.1 at RCPT, 451 at the end of the mail) means them, or means our
 * pace without saying so: Postfix limits recipients a minute in these words, Rspamd the rate.
 *
 * A limit of rate takes mails and from one moment on puts off each; at a lower rate it is silent. Greylisting takes only
 * recipients who have waited, and puts off none who have waited as long; a busy mailbox here and there comes mixed with
 * mails that are taken. So a streak of recipients who have waited no shorter than one just taken begins the guess, and
 * what the relay says to mails sent at the lower rate confirms it or ends it, for the rest of the run.
 *
 * Pure arithmetic on the times given.
 */
export class Throttling {
  #streak = 0;
  /** The mail taken just before whose recipient had waited least. */
  #took = { at: -Infinity, waitedMs: 0 };
  /** Since when mails go out at the lower rate; undefined: no guess. */
  #slowerSince: number | undefined;
  #assumedSince = 0;
  #refuted = false;
  #lastAccepted = true;
  #answers = 0;
  #putOff = 0;
  #changes = 0;
  /** How many times in a row most of the answers put off a recipient, but not all. */
  #inVain = 0;

  /** Whether a recipient put off now means our pace. */
  get assumed(): boolean {
    return this.#slowerSince !== undefined;
  }

  /** Takes in an answer; `assumed` is up to date afterwards. */
  note(answer: Answer, now: number): void {
    if (this.#refuted) return;
    if (answer.accepted) this.#taken(answer, now);
    else this.#countPutOff(answer, now);
    if (this.#slowerSince === undefined) {
      if (this.#streak >= STREAK) this.#slowerSince = this.#assumedSince = now;
    } else if (answer.sentAt >= this.#slowerSince) this.#test(answer.accepted, now);
  }

  /** Mails go out at a lower rate from now on: what was sent before says nothing about it. */
  slowed(now: number): void {
    if (this.assumed) this.#slowerSince = now;
  }

  #taken({ waitedMs }: Answer, now: number): void {
    this.#streak = 0;
    const isForgotten = now - this.#took.at > JUST_BEFORE_MS;
    if (isForgotten || waitedMs <= this.#took.waitedMs) this.#took = { at: now, waitedMs };
  }

  #countPutOff({ waitedMs }: Answer, now: number): void {
    // Nothing was taken before it: not the beginning of a limit.
    if (this.#streak === 0 && now - this.#took.at > JUST_BEFORE_MS) this.#streak = -Infinity;
    // Whoever has waited less than the one taken may be greylisted.
    if (waitedMs >= this.#took.waitedMs) this.#streak++;
  }

  #test(accepted: boolean, now: number): void {
    if (accepted !== this.#lastAccepted) this.#changes++;
    this.#lastAccepted = accepted;
    if (!accepted) this.#putOff++;
    if (++this.#answers < ANSWERS_TO_ASK) return;
    if (this.#contradicts(now)) {
      this.#refuted = true;
      this.#slowerSince = undefined;
    }
    this.#answers = this.#putOff = this.#changes = 0;
  }

  /** Whether the last `ANSWERS_TO_ASK` answers, or these and those before, are not those of a limit of rate. */
  #contradicts(now: number): boolean {
    const [putOff, taken] = [this.#putOff, this.#answers - this.#putOff];
    this.#inVain = taken > 0 && putOff > taken ? this.#inVain + 1 : 0;
    if (taken === 0) return now - this.#assumedSince >= PATIENCE_MS;
    if (this.#changes > MOST_CHANGES || this.#inVain === TIMES_IN_VAIN) return true;
    // By chance there would be 2·taken·putOff/answers changes; a limit of rate is reached and left, which makes two.
    return putOff > taken && this.#changes > 2 + taken * putOff / this.#answers;
  }
}
