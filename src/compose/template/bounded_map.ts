/** A map that drops the least recently used entries once all of them together are too large; the latest one always stays. */
export class BoundedMap<Value> {
  readonly #most: number;
  readonly #entries = new Map<string, { readonly value: Value; readonly size: number }>();
  #size = 0;

  /** @param most Size of keys and values together, as given to `set`: characters, or octets. */
  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // The last entry in the map's order is the most recently used.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** @param length Size of the value. */
  set(key: string, value: Value, length: number): void {
    const size = key.length + length;
    this.#entries.set(key, { value, size });
    this.#size += size;
    for (const [oldest, { size }] of this.#entries) {
      if (this.#size <= this.#most || oldest === key) break;
      this.#entries.delete(oldest);
      this.#size -= size;
    }
  }
}
