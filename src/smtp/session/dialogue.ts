import { monotonic } from "../../time/clock.ts";
import type { Stage } from "../../model/attempt.ts";
import type { Disconnect } from "../wire/disconnect.ts";
import { encode } from "../wire/command.ts";
import type { Connection, Receiver } from "../wire/connection.ts";
import type { Reply } from "../../model/reply.ts";

/** The connection ended while a session was being opened; `connectRelay()` turns it into a `ConnectFailure`. */
export class DialogueBroken extends Error {
  override readonly name = "DialogueBroken";

  constructor(readonly stage: Stage, readonly why: Disconnect) {
    super(why.detail);
  }
}

/**
 * One command, one reply: how a session is opened.
 *
 * It reads only while a reply is awaited, so that no read is in progress when TLS takes over the socket.
 */
export class Dialogue implements Receiver {
  readonly #connection: Connection;
  #fastestMs = Infinity;
  /** Replies that came along with the awaited one. */
  readonly #unread: Reply[] = [];
  #waiting:
    | { readonly resolve: (reply: Reply) => void; readonly reject: (why: Disconnect) => void }
    | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The shortest time from a command to its reply so far, in ms: the network's round trip takes no longer. */
  get fastestMs(): number {
    return this.#fastestMs;
  }

  /** Removes this text from what the server says from now on, before anyone may be shown it. */
  hide(secret: string): void {
    this.#connection.hide([secret]);
  }

  /**
   * Sends `command` (empty for the greeting) and returns the reply to it.
   *
   * @throws DialogueBroken
   */
  async exchange(stage: Stage, command: string, timeoutMs: number): Promise<Reply> {
    const early = this.#unread.shift();
    if (early !== undefined) return this.#unexpected(stage, early);
    const coming = this.#hear(stage, timeoutMs);
    if (command === "") return await coming;
    const askedAt = monotonic();
    // If the write fails, the read side ends the connection, and waiting for the reply with it.
    void this.#connection.write(encode(command));
    const reply = await coming;
    this.#fastestMs = Math.min(this.#fastestMs, monotonic() - askedAt);
    return reply;
  }

  /**
   * Ends the connection and throws `DialogueBroken` if unsolicited replies have come.
   *
   * @returns The server's 421, if one followed its last reply; the connection accepts no more commands then.
   */
  finish(stage: Stage): Reply | undefined {
    const early = this.#unread.shift();
    return early && this.#unexpected(stage, early);
  }

  /** Secures the connection. Throws `DialogueBroken`. */
  async startTls(stage: Stage, hostname: string, ca: string | undefined): Promise<void> {
    const early = this.#unread.shift();
    // It came in clear text, so even a 421 could be an attacker's.
    if (early !== undefined) this.#neverAsked(stage, early);
    await this.#connection.startTls(hostname, ca);
    if (this.#connection.ended !== undefined) {
      throw new DialogueBroken(stage, this.#connection.ended);
    }
  }

  replies(replies: readonly Reply[]): void {
    this.#connection.receive(undefined);
    this.#connection.expectReply(undefined);
    const [first, ...rest] = replies;
    this.#unread.push(...rest);
    this.#waiting?.resolve(first!);
    this.#waiting = undefined;
  }

  broken(why: Disconnect): void {
    this.#waiting?.reject(why);
    this.#waiting = undefined;
  }

  #hear(stage: Stage, timeoutMs: number): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject: (why) => reject(new DialogueBroken(stage, why)) };
      this.#connection.expectReply(timeoutMs);
      this.#connection.receive(this);
    });
  }

  /** A 421 may come at any time (RFC 5321, 3.8) and counts as the answer; anything else is never credited to a command. */
  #unexpected(stage: Stage, reply: Reply): Reply {
    return reply.code === 421 ? reply : this.#neverAsked(stage, reply);
  }

  #neverAsked(stage: Stage, reply: Reply): never {
    this.#connection.end("protocol", `Reply ${reply.code} came before a command was sent`);
    throw new DialogueBroken(stage, this.#connection.ended!);
  }
}
