/** Rows of the ledger in the order of their due times: a binary heap. */
export class DueQueue {
  readonly #heap: { readonly id: number; readonly due: number }[] = [];

  /** The next due time (ms since the epoch); undefined if the queue is empty. */
  get next(): number | undefined {
    return this.#heap[0]?.due;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(id: number, due: number): void {
    const heap = this.#heap;
    let at = heap.push({ id, due }) - 1;
    for (let above; at > 0 && heap[above = (at - 1) >> 1]!.due > due; at = above) {
      this.#swap(at, above);
    }
  }

  /** Removes and returns up to `most` that are due at `now`, longest due first. */
  take(now: number, most: number): number[] {
    const ids: number[] = [];
    while (ids.length < most && this.#heap.length > 0 && this.#heap[0]!.due <= now) {
      ids.push(this.#pop());
    }
    return ids;
  }

  #pop(): number {
    const heap = this.#heap;
    const { id } = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return id;
    heap[0] = last;
    for (let at = 0;;) {
      const left = 2 * at + 1;
      const least = left + 1 < heap.length && heap[left + 1]!.due < heap[left]!.due
        ? left + 1
        : left;
      if (least >= heap.length || heap[least]!.due >= last.due) return id;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}
