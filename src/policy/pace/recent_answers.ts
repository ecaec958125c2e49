/** The number of recent recipients from which it is judged how a relay treats the others. */
const MOST = 40;
/** Without other recipients, the relay is assumed to defer one in four. */
const SUPPOSED = 4;
/** If the probability of being deferred in each try by chance is below this, the cause is the recipient. */
const CHANCE = 1 / 4_096;

/**
 * Distinguishes a recipient who is the cause of the deferrals from those whom a relay defers at random, for example
 * when its rate limit is reached: the former is deferred each time, while others are accepted.
 *
 * Three tries are enough if hardly any others are deferred, six if nothing is known about others, and twelve if every
 * second recipient is deferred.
 */
export class RecentAnswers {
  /** The most recent recipients, and whether each was deferred the last time. */
  readonly #recent = new Map<number, boolean>();
  /** For recipients asked about, the probability of being deferred as often by chance. */
  readonly #chances = new Map<number, number>();
  /** The largest share of others deferred at the same time as a recipient. */
  #largestShare = 0;

  /** Notes that a recipient's mail was accepted. */
  accepted(id: number): void {
    this.#note(id, false);
    this.#chances.delete(id);
  }

  /** Notes that a recipient was deferred. */
  deferred(id: number): void {
    this.#note(id, true);
    this.#largestShare = Math.max(this.#largestShare, this.#shareOfOthers(id));
  }

  /**
   * Returns whether the recipient is the cause of being deferred in this many tries. Called once for each
   * further try; the first call assumes the largest share of deferred others for all earlier tries.
   */
  isAlone(id: number, tries: number): boolean {
    const share = this.#shareOfOthers(id);
    const before = Math.max(share, this.#largestShare) ** (tries - 1);
    const chance = (this.#chances.get(id) ?? before) * share;
    const alone = chance <= CHANCE;
    if (alone) this.#chances.delete(id);
    else this.#chances.set(id, chance);
    return alone;
  }

  #note(id: number, deferred: boolean): void {
    this.#recent.delete(id);
    this.#recent.set(id, deferred);
    if (this.#recent.size <= MOST) return;
    for (const oldest of this.#recent.keys()) return void this.#recent.delete(oldest);
  }

  /** The estimated share of the others that were deferred, above 0 and below 1. */
  #shareOfOthers(id: number): number {
    let [others, deferred] = [0, 0];
    for (const [other, wasDeferred] of this.#recent) {
      if (other === id) continue;
      others++;
      if (wasDeferred) deferred++;
    }
    return (deferred + 1) / (others + SUPPOSED);
  }
}
