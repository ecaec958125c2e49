import { type Peer, ScriptedServer } from "../support/scripted_server.ts";

/** A mail as the server received it. */
export interface CapturedMail {
  readonly sender: string;
  readonly recipient: string;
  /** Dot-stuffed, final dot included. */
  readonly text: string;
}

/** Accepts and keeps every mail. */
export class CapturingServer extends ScriptedServer {
  readonly mails: CapturedMail[] = [];

  constructor() {
    super((peer) => this.#serve(peer));
  }

  async #serve(peer: Peer): Promise<void> {
    const path = { MAIL: "", RCPT: "" };
    await peer.reply("220 mx.test");
    for (let line; (line = await peer.line()) !== undefined;) {
      const verb = line.slice(0, 4);
      if (verb === "QUIT") return await peer.reply("221 bye");
      if (verb === "MAIL" || verb === "RCPT") path[verb] = /<(.*)>/.exec(line)![1]!;
      if (verb === "DATA") {
        await peer.reply("354 go");
        this.mails.push({ sender: path.MAIL, recipient: path.RCPT, text: await peer.body() });
      }
      await peer.reply("250 ok");
    }
  }
}
