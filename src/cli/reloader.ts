import type { Reloaded } from "../campaign/relays/rates.ts";
import type { ProcessContext } from "./process_context.ts";

/** How a reload is done. */
export interface Reloading {
  /** Reads the campaign file again; undefined where that has a fault, which it has told. Never rejects. */
  readonly read: () => Promise<Reloaded | undefined>;
  /** Told that a file was read while nobody can use it yet. */
  readonly onKept: () => void;
}

/**
 * Takes SIGHUP from when it is made, for one that nobody listens to would end the process, and has the campaign file read
 * again at each. What is read before somebody asks for it is kept for then.
 */
export class Reloader implements Disposable {
  readonly #listening: Disposable;
  #reloading: Reloading | undefined;
  /** A SIGHUP came before anybody could read. */
  #asked = false;
  /** One after the other: the last to come has the last word. */
  #reads: Promise<void> = Promise.resolve();
  #kept: Reloaded | undefined;
  #apply: ((news: Reloaded) => void) | undefined;

  constructor({ onHangUp }: Pick<ProcessContext, "onHangUp">) {
    this.#listening = onHangUp(() => this.#hangUp());
  }

  /** Does what SIGHUP asks for from now on, also for one that has come already. */
  begin(reloading: Reloading): void {
    this.#reloading = reloading;
    if (this.#asked) this.#hangUp();
  }

  /** Calls `apply` with what was read so far, where anything was, and at each SIGHUP until it is disposed: then none is read. */
  onReload(apply: (news: Reloaded) => void): Disposable {
    this.#apply = apply;
    if (this.#kept !== undefined) apply(this.#kept);
    return { [Symbol.dispose]: () => this.#apply = this.#reloading = undefined };
  }

  #hangUp(): void {
    this.#asked = true;
    if (this.#reloading !== undefined) this.#reads = this.#reads.then(() => this.#read());
  }

  async #read(): Promise<void> {
    const news = await this.#reloading?.read();
    if (news === undefined) return;
    this.#kept = news;
    if (this.#apply !== undefined) this.#apply(news);
    else this.#reloading?.onKept();
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#reloading = undefined;
  }
}
