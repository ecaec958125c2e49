import { type Peer, ScriptedServer } from "../support/scripted_server.ts";

/**
 * A distant server: it accepts mails by CHUNKING, and each reply takes `delayMs` to arrive, so that windows grow. From
 * `hold()` until `release()` it replies to no mail.
 */
export class FarServer extends ScriptedServer {
  /** Mails that came in. */
  taken = 0;
  /** Of those, the mails whose reply has not left yet. */
  unanswered = 0;
  mostUnanswered = 0;
  readonly #delayMs: number;
  #held: PromiseWithResolvers<void> | undefined;

  constructor(delayMs: number) {
    super((peer) => this.#serve(peer));
    this.#delayMs = delayMs;
  }

  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    await super[Symbol.asyncDispose]();
  }

  async #serve(peer: Peer): Promise<void> {
    let before: Promise<void> = Promise.resolve();
    /** Replies arrive in the order of their commands. */
    const reply = (leaves: () => void | Promise<void>, ...lines: string[]): void => {
      const arrived = new Promise((next) => setTimeout(next, this.#delayMs));
      before = Promise.all([before, arrived])
        .then(leaves)
        .then(() => peer.reply(...lines).catch(() => {}));
    };
    const usual = (): void => {};
    reply(usual, "220 mx.test");
    for (let line; (line = await peer.line()) !== undefined;) {
      const [verb, size] = line.split(" ");
      if (verb === "EHLO") reply(usual, "250-mx.test", "250-PIPELINING", "250 CHUNKING");
      else if (verb === "QUIT") reply(usual, "221 bye");
      else if (verb !== "BDAT") reply(usual, "250 ok");
      else {
        await peer.bytes(Number(size));
        this.taken++;
        this.mostUnanswered = Math.max(this.mostUnanswered, ++this.unanswered);
        reply(() => this.#answer(), "250 taken");
      }
    }
    await before;
  }

  async #answer(): Promise<void> {
    await this.#held?.promise;
    this.unanswered--;
  }
}
