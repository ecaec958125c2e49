import { KeyHash } from "./key_hash.ts";

/** Bits for each key, and how many of them it sets: one key in some two thousand is taken for one that is there. */
const BITS_A_KEY = 16;
const PROBES = 6;

/** A Bloom filter: says of a key that it is certainly not among those it was made of, or that it may be. */
export class KeyFilter {
  readonly #bits: Uint32Array;
  readonly #mask: number;

  /** @param count of the keys, or more */
  constructor(keys: Iterable<string>, count: number) {
    const bits = 2 ** Math.ceil(Math.log2(Math.max(1, count) * BITS_A_KEY));
    this.#mask = bits - 1;
    this.#bits = new Uint32Array(Math.max(1, bits / 32));
    const hash = new KeyHash();
    for (const key of keys) {
      hash.of(key);
      for (let probe = 0; probe < PROBES; probe++) {
        const bit = bitOf(hash, probe) & this.#mask;
        this.#bits[bit >>> 5]! |= 1 << (bit & 31);
      }
    }
  }

  mayHold(hash: KeyHash): boolean {
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = bitOf(hash, probe) & this.#mask;
      if ((this.#bits[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}

/** Steps of an odd width reach every bit. */
function bitOf({ high, low }: KeyHash, probe: number): number {
  return high + Math.imul(probe, low | 1);
}
