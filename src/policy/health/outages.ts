/** Shorter outages are ignored: they are pauses within a burst. */
const SHORTEST_MS = 1_000;
/** Outages kept apart; earlier ones are merged. */
const MOST = 100;

/** Records when a relay accepted nobody, so that this time does not count against waiting recipients. Pure arithmetic. */
export class Outages {
  readonly #past: { from: number; readonly to: number; ms: number }[] = [];
  #since: number | undefined;

  /** Notes that the relay accepts nobody. Returns for how long, in ms. */
  begin(now: number): number {
    this.#since ??= now;
    return now - this.#since;
  }

  /** Notes that the relay accepts mail again. */
  end(now: number): void {
    const from = this.#since;
    this.#since = undefined;
    if (from === undefined || now - from < SHORTEST_MS) return;
    this.#past.push({ from, to: now, ms: now - from });
    if (this.#past.length <= MOST) return;
    const [first, second] = this.#past.splice(0, 2);
    this.#past.unshift({ from: first!.from, to: second!.to, ms: first!.ms + second!.ms });
  }

  /** Returns for how much of this period the relay accepted nobody, in ms. */
  within(from: number, to: number): number {
    let sum = this.#since === undefined ? 0 : Math.max(0, to - Math.max(from, this.#since));
    for (let at = this.#past.length - 1; at >= 0 && this.#past[at]!.to > from; at--) {
      const outage = this.#past[at]!;
      sum += Math.min(outage.ms, outage.to - Math.max(from, outage.from));
    }
    return sum;
  }
}
