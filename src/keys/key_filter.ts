import { KeyHash } from "./key_hash.ts";

/** Bits per key, and the number of bits that each key sets: about one false positive in two thousand. */
const BITS_A_KEY = 16;
const PROBES = 6;

/** A Bloom filter: tells whether a key is certainly not, or possibly, among those that it was built from. */
export class KeyFilter {
  readonly #bits: Uint32Array;
  readonly #mask: number;

  /** @param count number of keys, or more */
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

/** An odd step reaches every bit. */
function bitOf({ high, low }: KeyHash, probe: number): number {
  return high + Math.imul(probe, low | 1);
}
