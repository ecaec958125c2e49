/** So many recipients tell how a relay treats others. */
const MOST = 40;
/** Where nobody else was heard of, a relay that puts off one in four is nothing unusual. */
const SUPPOSED = 4;
/** The chance to be put off in each try only because many are, below which it is for the recipient's own sake. */
const CHANCE = 1 / 4_096;

/**
 * Tells a recipient who is put off for his own sake from those whom a relay puts off at random, such as whoever comes when its
 * limit of rate is reached: he is put off each time, while others are taken.
 *
 * Three tries tell where hardly anybody else is put off, six where nothing is known of others, and twelve where every
 * other recipient is.
 */
export class RecentAnswers {
  /** The recipients heard of last, and whether they were put off the last time. */
  readonly #putOff = new Map<number, boolean>();
  /** Of recipients who were asked about, the chance to be put off as often. */
  readonly #chances = new Map<number, number>();
  /** The largest share of others that were put off beside one. */
  #largestShare = 0;

  /** A recipient's mail was taken. */
  took(id: number): void {
    this.#note(id, false);
    this.#chances.delete(id);
  }

  /** A recipient was put off. */
  putOff(id: number): void {
    this.#note(id, true);
    this.#largestShare = Math.max(this.#largestShare, this.#putOffBeside(id));
  }

  /**
   * Returns whether a recipient has been put off in so many tries for his own sake. Asked once for each further try; the first
   * time, others are taken to have fared at each try before as badly as ever.
   */
  isAlone(id: number, tries: number): boolean {
    const share = this.#putOffBeside(id);
    const before = Math.max(share, this.#largestShare) ** (tries - 1);
    const chance = (this.#chances.get(id) ?? before) * share;
    const alone = chance <= CHANCE;
    if (alone) this.#chances.delete(id);
    else this.#chances.set(id, chance);
    return alone;
  }

  #note(id: number, putOff: boolean): void {
    this.#putOff.delete(id);
    this.#putOff.set(id, putOff);
    if (this.#putOff.size <= MOST) return;
    for (const oldest of this.#putOff.keys()) return void this.#putOff.delete(oldest);
  }

  /** The share of the others that were put off, as far as so few tell it: above 0 and below 1. */
  #putOffBeside(id: number): number {
    let [others, putOff] = [0, 0];
    for (const [other, wasPutOff] of this.#putOff) {
      if (other === id) continue;
      others++;
      if (wasPutOff) putOff++;
    }
    return (putOff + 1) / (others + SUPPOSED);
  }
}
