import type { ClientEnd } from "./client_end.ts";

const READY = Promise.resolve(true);
const NO_MORE = Promise.resolve(false);

/** Decides whether another mail may be given to a client: while the session takes more, and whenever there is room. */
export class MailAdmission {
  #end: ClientEnd | undefined;
  /** How many more mails may be given (LIMITS MAILMAX, RFC 9422). */
  #left: number;
  readonly #mailMax: number | undefined;
  readonly #hasRoom: () => boolean;
  #waiting: PromiseWithResolvers<boolean> | undefined;

  constructor(mailMax: number | undefined, hasRoom: () => boolean) {
    this.#mailMax = mailMax;
    this.#left = mailMax ?? Infinity;
    this.#hasRoom = hasRoom;
  }

  /** Why no more mails are taken; undefined while they are. */
  get end(): ClientEnd | undefined {
    return this.#end;
  }

  /** Resolves with true when another mail may be given, or with false when no more are taken. */
  ready(): Promise<boolean> {
    if (this.#end !== undefined) return NO_MORE;
    if (this.#hasRoom()) return READY;
    this.#waiting ??= Promise.withResolvers<boolean>();
    return this.#waiting.promise;
  }

  /** A mail was given. */
  taken(): void {
    if (--this.#left === 0) this.close({ kind: "limit", mails: this.#mailMax! });
  }

  /** Takes no more mails; the first reason stays. */
  close(end: ClientEnd): void {
    this.#end ??= end;
    this.#waiting?.resolve(false);
    this.#waiting = undefined;
  }

  /** There may be room again. */
  recheck(): void {
    if (this.#waiting === undefined || !this.#hasRoom()) return;
    this.#waiting.resolve(true);
    this.#waiting = undefined;
  }
}
