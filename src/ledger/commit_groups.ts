interface Group<T> {
  readonly items: T[];
  readonly done: PromiseWithResolvers<void>;
}

/** Makes one commit of all that is added in one turn of the event loop: a commit costs as much as some dozen rows. */
export class CommitGroups<T> {
  readonly #commit: (items: readonly T[]) => Promise<void>;
  #group: Group<T> | undefined;
  #committing: Promise<void> | undefined;

  constructor(commit: (items: readonly T[]) => Promise<void>) {
    this.#commit = commit;
  }

  /** Resolves when the item's group is committed; rejects with what the commit throws. */
  add(item: T): Promise<void> {
    this.#group ??= { items: [], done: Promise.withResolvers() };
    this.#group.items.push(item);
    this.#committing ??= this.#commitAll();
    return this.#group.done.promise;
  }

  /** Resolves when all that was added so far is committed, or has failed to be. */
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

/** Hops of the microtask queue without news after which a turn of the event loop is taken to have brought all it has. */
const QUIET_HOPS = 8;

/** Resolves when this turn of the event loop adds nothing more to the list: replies that arrive together are one commit. */
async function turnOver(list: readonly unknown[]): Promise<void> {
  for (let known = 0; known < list.length;) {
    known = list.length;
    for (let hop = 0; hop < QUIET_HOPS; hop++) await undefined;
  }
}
