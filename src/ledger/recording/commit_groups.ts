interface Group<T> {
  readonly items: T[];
  readonly done: PromiseWithResolvers<void>;
}

/** Commits together whatever is added in one turn of the event loop, since a commit costs as much as a few dozen rows. */
export class CommitGroups<T> {
  readonly #commit: (items: readonly T[]) => Promise<void>;
  #group: Group<T> | undefined;
  #committing: Promise<void> | undefined;

  constructor(commit: (items: readonly T[]) => Promise<void>) {
    this.#commit = commit;
  }

  /** Resolves when the item's group is committed; rejects if the commit throws. */
  add(item: T): Promise<void> {
    this.#group ??= { items: [], done: Promise.withResolvers() };
    this.#group.items.push(item);
    this.#committing ??= this.#commitAll();
    return this.#group.done.promise;
  }

  /** Resolves when everything added so far is committed or has failed. */
  async flush(): Promise<void> {
    await this.#committing;
  }

  async #commitAll(): Promise<void> {
    while (this.#group !== undefined) {
      await turnOver(this.#group.items);
      const { items, done } = this.#group;
      this.#group = undefined;
      await this.#commit(items).then(done.resolve, done.reject);
    }
    this.#committing = undefined;
  }
}

/** Microtask hops without a new item after which the current turn of the event loop is considered complete. */
const QUIET_HOPS = 8;

/**
 * Resolves when this turn of the event loop adds nothing more to the list, so that replies that arrive together share
 * a commit.
 */
async function turnOver(list: readonly unknown[]): Promise<void> {
  for (let known = 0; known < list.length;) {
    known = list.length;
    for (let hop = 0; hop < QUIET_HOPS; hop++) await undefined;
  }
}
