/** Generates numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns up to `count` items that pass `accepts`, all equally likely, in an order that depends on the seed. */
export function sample<T>(
  items: readonly T[],
  options: {
    readonly count: number;
    readonly seed: number;
    readonly accepts: (item: T) => boolean;
  },
): T[] {
  const { count, seed, accepts } = options;
  const random = randomOf(seed);
  const left = [...items];
  const chosen: T[] = [];
  while (chosen.length < count && left.length > 0) {
    const [item] = left.splice(Math.floor(random() * left.length), 1);
    if (item !== undefined && accepts(item)) chosen.push(item);
  }
  return chosen;
}
