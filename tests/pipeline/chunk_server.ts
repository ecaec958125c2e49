import { type Peer, ScriptedServer } from "../support/scripted_server.ts";

export interface ChunkServerOptions {
  /** Closes a connection silently after it has accepted this many mails on it; called for each mail. */
  readonly closesAfter?: (connection: number) => number;
  /** Does so only when the next mail has arrived, which it does not accept. */
  readonly closesOnNext?: boolean;
  /** Accepts the mail, and closes without an answer. */
  readonly failsAt?: (taken: number) => boolean;
  /** The reply to RCPT. */
  readonly rcpt?: (recipient: string) => string | undefined;
  /** Refuses RSET with 554 and closes, as Exim does, after this many on the connection. */
  readonly resets?: number;
}

/** A server that offers CHUNKING, accepts mails by BDAT and by DATA, and records what it has accepted. */
export class ChunkServer extends ScriptedServer {
  /** Recipients, one for each mail, as soon as it is taken. */
  readonly taken: string[] = [];
  /** Mails begun by each of the two, by the connection they came on. */
  readonly chunked: number[] = [];
  readonly dotted: number[] = [];
  /** Connections that it has closed without warning the client. */
  closed = 0;
  connections = 0;
  readonly #options: ChunkServerOptions;

  constructor(options: ChunkServerOptions = {}) {
    super((peer) => this.#dialogue(peer, this.connections++));
    this.#options = options;
  }

  /** Ends all connections at once, as a restart does. */
  cut(): void {
    for (const peer of this.peers) peer.close();
  }

  async #dialogue(peer: Peer, connection: number): Promise<void> {
    await peer.reply("220 mx.test");
    const most = this.#options.closesAfter?.(connection) ?? Infinity;
    let [taken, counted, free, recipient] = [0, 0, true, ""];
    const close = () => {
      this.closed++;
      peer.close();
    };
    for (let line; (line = await peer.line()) !== undefined;) {
      const [verb = "", size] = line.split(" ");
      if (verb === "EHLO") await peer.reply("250-mx.test", "250-PIPELINING", "250 CHUNKING");
      else if (verb === "MAIL") await peer.reply("250 ok");
      else if (verb === "RCPT") {
        const named = /<(.*)>/.exec(line)![1]!;
        const answer = this.#options.rcpt?.(named) ?? "250 ok";
        recipient = answer.startsWith("2") ? named : "";
        await peer.reply(answer);
      } else if (verb === "BDAT" || verb === "DATA") {
        if (verb === "BDAT") await peer.bytes(Number(size));
        if (recipient === "") {
          await peer.reply("503 no recipient");
          continue;
        }
        if (taken >= most) return close();
        (verb === "BDAT" ? this.chunked : this.dotted).push(connection);
        if (verb === "DATA") await peer.reply("354 go").then(() => peer.body());
        this.taken.push(recipient);
        if (this.#options.failsAt?.(this.taken.length)) return close();
        await peer.reply("250 taken");
        free = true;
        if (++taken >= most && !this.#options.closesOnNext) return close();
      } else if (verb === "RSET") {
        if (!free && ++counted > (this.#options.resets ?? Infinity)) {
          await peer.reply("554 Too many nonmail commands");
          // Data in flight is read, so that the end of the connection does not destroy replies (RST).
          await Promise.race([peer.drain(), new Promise((next) => setTimeout(next, 50))]);
          return close();
        }
        free = false;
        recipient = "";
        await peer.reply("250 reset");
      } else return await peer.reply("221 bye");
    }
  }
}
