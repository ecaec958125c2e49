/** Bits for each key, and how many of them it sets: one key in some two thousand is taken for one that is there. */
const BITS_A_KEY = 16;
const PROBES = 6;

/** Two hashes of a key, by which its bits are found; reused, as a mail needs them once. */
export class KeyHash {
  first = 0;
  second = 0;

  of(key: string): this {
    let first = 0x9e3779b9;
    let second = 0x85ebca6b;
    for (let at = 0; at < key.length; at++) {
      const code = key.charCodeAt(at);
      first = Math.imul(first ^ code, 0x9e3779b1);
      second = Math.imul(second ^ code, 0x5f356495);
    }
    // The low bits of a product know nothing of the high bits of what went in (MurmurHash3's finalizer).
    this.first = Math.imul(first ^ (first >>> 16), 0x85ebca6b) ^ (second >>> 13);
    this.second = (Math.imul(second ^ (second >>> 16), 0xc2b2ae35) ^ (first >>> 13)) | 1;
    return this;
  }
}

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
      const { first, second } = hash.of(key);
      for (let probe = 0; probe < PROBES; probe++) {
        const bit = (first + Math.imul(probe, second)) & this.#mask;
        this.#bits[bit >>> 5]! |= 1 << (bit & 31);
      }
    }
  }

  mayHold({ first, second }: KeyHash): boolean {
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = (first + Math.imul(probe, second)) & this.#mask;
      if ((this.#bits[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}
