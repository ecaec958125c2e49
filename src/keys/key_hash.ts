/** A 64-bit hash of a key in two words. The object is reused, as each hash is needed only once. */
export class KeyHash {
  high = 0;
  low = 0;

  /** Becomes the hash of this key. */
  of(key: string): this {
    // Two multiplicative hashes in one pass, each mixed with the other at the end (after MurmurHash3's finalizer),
    // since the low bits of a product do not depend on the high bits of its factors.
    let high = 0x9e3779b9;
    let low = 0x85ebca6b;
    for (let at = 0; at < key.length; at++) {
      const code = key.charCodeAt(at);
      high = Math.imul(high ^ code, 0x9e3779b1);
      low = Math.imul(low ^ code, 0x5f356495);
    }
    high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
    low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
    this.high = high >>> 0;
    this.low = low >>> 0;
    return this;
  }
}
