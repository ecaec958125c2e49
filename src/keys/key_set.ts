import { KeyHash } from "./key_hash.ts";

/** Slots at the beginning; always a power of two. */
const FIRST_CAPACITY = 1024;

/**
 * A set of keys that keeps 64 bits of each and not the key: 8 bytes a slot, at most three of four slots taken, so
 * 11 to 21 MB for a million keys (32 MB for a moment while it grows), where a `Set` of addresses takes about 80 MB.
 *
 * Two keys of one hash are taken for one. Among n keys that happens at all with odds of n²/2⁶⁵: one in 37 million
 * for a million keys, one in 370,000 for ten million. It is good for a figure in a plan, and for nothing that
 * decides who gets a mail.
 */
export class KeySet {
  /** Each slot is two words, the high one first; both zero: free. */
  #slots = new Uint32Array(2 * FIRST_CAPACITY);
  #size = 0;
  readonly #hash = new KeyHash();

  get size(): number {
    return this.#size;
  }

  /** Adds a key; false if it was there. */
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

/** Open addressing with linear probing; `low` is never zero. False if it was there. */
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
