/** Bits per page. Rows of a ledger are numbered without gaps, and those of one run are close together. */
const PAGE_BITS = 8_192;

/** A set of ledger rows, one bit each: a million refused recipients take 128 kB. */
export class RowSet {
  readonly #pages = new Map<number, Uint32Array>();

  has(id: number): boolean {
    const page = this.#pages.get(Math.floor(id / PAGE_BITS));
    return page !== undefined && (page[(id % PAGE_BITS) >>> 5]! & (1 << (id & 31))) !== 0;
  }

  add(id: number): void {
    const number = Math.floor(id / PAGE_BITS);
    let page = this.#pages.get(number);
    if (page === undefined) this.#pages.set(number, page = new Uint32Array(PAGE_BITS / 32));
    page[(id % PAGE_BITS) >>> 5]! |= 1 << (id & 31);
  }
}
