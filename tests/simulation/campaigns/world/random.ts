/** The random choices of a simulation, all from one seed. */
export class Random {
  /** Uniform in [0, 1). */
  readonly uniform: () => number;

  constructor(seed: number) {
    this.uniform = mulberry32(seed);
  }

  /** An independent generator: how often it is used does not change what the others give. */
  fork(): Random {
    return new Random(Math.floor(this.uniform() * 2 ** 32));
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** A whole number, both ends included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.uniform() * (most - least + 1));
  }

  /** Log-uniform: numbers of each order of magnitude are equally likely. */
  scaled(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.uniform());
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.uniform() * choices.length)]!;
  }

  /** One of the choices, by their weights. */
  weighted<T>(choices: readonly (readonly [number, T])[]): T {
    let left = this.uniform() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, choice] of choices) if ((left -= weight) < 0) return choice;
    return choices.at(-1)![1];
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items.map((item) => ({ item, place: this.uniform() }))
      .sort((a, b) => a.place - b.place).map(({ item }) => item);
  }
}

/** Uniform in [0, 1), the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
