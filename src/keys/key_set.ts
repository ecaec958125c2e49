import { KeyHash } from "./key_hash.ts";

/** Initial number of slots; always a power of two. */
const FIRST_CAPACITY = 1024;

/**
 * A set of keys that stores a 64-bit hash of each: 8 bytes a slot, at most three of four slots taken, so 11 to 21 MB
 * for a million keys (briefly 32 MB while it grows), where a `Set` of addresses takes about 80 MB.
 *
 * Two keys with the same hash count as one. Among n keys, the probability of any collision is n²/2⁶⁵: one in 37
 * million for a million keys, one in 370,000 for ten million. That is good enough for a figure in a plan, but not for
 * deciding who gets a mail.
 */
export class KeySet {
  /** Each slot has two words, the high one first; a free slot is all zeros. */
  #slots = new Uint32Array(2 * FIRST_CAPACITY);
  #size = 0;
  readonly #hash = new KeyHash();

  get size(): number {
    return this.#size;
  }

  /** Adds a key; returns false if it was already there. */
  add(key: string): boolean {
    if (this.#size >= (this.#slots.length >> 1) * 0.75) this.#grow();
    const { high, low } = this.#hash.of(key);
    const added = insert(this.#slots, high, low || 1);
    if (added) this.#size++;
    return added;
  }

  has(key: string): boolean {
    const { high, low } = this.#hash.of(key);
    return isIn(this.#slots, high, low || 1);
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 2) {
      const low = old[at + 1] ?? 0;
      if (low !== 0) insert(this.#slots, old[at] ?? 0, low);
    }
  }
}

function isIn(slots: Uint32Array, high: number, low: number): boolean {
  const mask = slots.length - 1;
  for (let at = (2 * low) & mask;; at = (at + 2) & mask) {
    const there = slots[at + 1];
    if (there === 0) return false;
    if (there === low && slots[at] === high) return true;
  }
}

/** Open addressing with linear probing; `low` is never zero. Returns false if it was already there. */
function insert(slots: Uint32Array, high: number, low: number): boolean {
  const mask = slots.length - 1;
  for (let at = (2 * low) & mask;; at = (at + 2) & mask) {
    const there = slots[at + 1];
    if (there === 0) {
      slots[at] = high;
      slots[at + 1] = low;
      return true;
    }
    if (there === low && slots[at] === high) return false;
  }
}
