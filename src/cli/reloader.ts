import type { Reloaded } from "../campaign/relays/rates.ts";
import type { ProcessContext } from "./process_context.ts";

/** How a reload is done. */
export interface Reloading {
  /** Reads the campaign file again; undefined if that has an error, which it has reported. Never rejects. */
  readonly read: () => Promise<Reloaded | undefined>;
  /** Called when a file was read that nobody can use yet. */
  readonly onKept: () => void;
}

/**
 * Reads the campaign file again at each SIGHUP. Listens from the moment it is created, as a SIGHUP without a listener would
 * end the process; what is read before anybody can use it is kept.
 */
export class Reloader implements Disposable {
  readonly #listening: Disposable;
  #reloading: Reloading | undefined;
  /** A SIGHUP has come, perhaps before `begin()`. */
  #asked = false;
  /** Reads follow one another, so that the last one counts. */
  #reads: Promise<void> = Promise.resolve();
  #kept: Reloaded | undefined;
  #apply: ((news: Reloaded) => void) | undefined;

  constructor({ onHangUp }: Pick<ProcessContext, "onHangUp">) {
    this.#listening = onHangUp(() => this.#hangUp());
  }

  /** Acts on SIGHUP from now on, and on one that has already come. */
  begin(reloading: Reloading): void {
    this.#reloading = reloading;
    if (this.#asked) this.#hangUp();
  }

  /** Calls `apply` with what was read so far, if anything, and at each SIGHUP until it is disposed; from then on nothing is read. */
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
