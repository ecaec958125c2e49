import { type Peer, ScriptedServer } from "../support/scripted_server.ts";

/** What a server knows when it replies. */
export interface Moment {
  readonly server: RuleServer;
  /** From 0, in the order the connections came. */
  readonly connection: number;
  /** MAIL commands on this connection before this one. */
  readonly mailsBefore: number;
  /** undefined before RCPT. */
  readonly recipient: string | undefined;
}

/** A reply line, `undefined` for the usual one, or DROP to close the connection. */
type Answer = string | undefined;
export const DROP = "DROP";

export interface Rules {
  readonly greeting?: (moment: Moment) => Answer;
  readonly mail?: (moment: Moment) => Answer;
  readonly rcpt?: (moment: Moment) => Answer;
  readonly body?: (moment: Moment) => Answer | Promise<Answer>;
  readonly quit?: () => Promise<void>;
  /** The extensions in the reply to EHLO; by default, PIPELINING and 8BITMIME. */
  readonly offers?: readonly string[];
  /** A connection is closed silently after the answer to this many mails. */
  readonly closesAfter?: number;
  /** A connection is closed with 421 after this many ms without a command. */
  readonly idleMs?: number;
}

class Dropped extends Error {}

/** A pipelining SMTP server that answers by rules and keeps count. */
export class RuleServer extends ScriptedServer {
  readonly accepted: string[] = [];
  /** Recipients named in RCPT, whatever the answer. */
  readonly named: string[] = [];
  /** The connection on which each mail came, and the mail as it came. */
  readonly bodies: { readonly connection: number; readonly text: string }[] = [];
  /** QUIT commands. */
  quits = 0;
  mails = 0;
  connections = 0;
  open = 0;
  mostOpen = 0;
  /** When each connection came and each mail was accepted, in ms. */
  readonly connectedAt: number[] = [];
  readonly acceptedAt: number[] = [];
  readonly #rules: Rules;

  constructor(rules: Rules = {}) {
    super((peer) => this.#serve(peer));
    this.#rules = rules;
  }

  async #serve(peer: Peer): Promise<void> {
    const connection = this.connections++;
    this.connectedAt.push(performance.now());
    this.mostOpen = Math.max(this.mostOpen, ++this.open);
    try {
      await this.#dialogue(peer, connection);
    } catch (error) {
      if (!(error instanceof Dropped)) throw error;
    } finally {
      this.open--;
      peer.close();
    }
  }

  async #dialogue(peer: Peer, connection: number): Promise<void> {
    const rules = this.#rules;
    let moment: Moment = { server: this, connection, mailsBefore: -1, recipient: undefined };
    const say = async (answer: Answer, usual: string): Promise<string> => {
      if (answer === DROP) throw new Dropped();
      await peer.reply(answer ?? usual);
      if (answer?.startsWith("421")) throw new Dropped();
      return answer ?? usual;
    };
    if (!(await say(rules.greeting?.(moment), "220 mx.test")).startsWith("2")) return;
    let letIn = false;
    for (let line; (line = await this.#line(peer)) !== undefined;) {
      if (line.startsWith("EHLO")) {
        const lines = ["mx.test", ...(rules.offers ?? ["PIPELINING", "8BITMIME"])];
        const last = lines.pop()!;
        await peer.reply(...lines.map((line) => `250-${line}`), `250 ${last}`);
      } else if (line.startsWith("MAIL")) {
        this.mails++;
        moment = { ...moment, mailsBefore: moment.mailsBefore + 1, recipient: undefined };
        letIn = (await say(rules.mail?.(moment), "250 ok")).startsWith("2");
      } else if (line.startsWith("RCPT")) {
        moment = { ...moment, recipient: /<(.*)>/.exec(line)![1]! };
        if (letIn) this.named.push(moment.recipient!);
        letIn = (await say(letIn ? rules.rcpt?.(moment) : "503 no", "250 ok")).startsWith("2");
      } else if (line === "DATA") {
        await peer.reply(letIn ? "354 go" : "503 no");
        if (letIn) await this.#body(peer, moment, say);
        if (moment.mailsBefore + 1 === rules.closesAfter) return;
      } else if (line === "RSET") await peer.reply("250 ok");
      else if (line === "QUIT") {
        this.quits++;
        await rules.quit?.();
        return await peer.reply("221 bye");
      } else await peer.reply("500 what");
    }
  }

  async #line(peer: Peer): Promise<string | undefined> {
    const { idleMs } = this.#rules;
    if (idleMs === undefined) return await peer.line();
    const timer = setTimeout(() => {
      void peer.reply("421 4.4.2 idle").catch(() => {}).finally(() => peer.close());
    }, idleMs);
    try {
      return await peer.line();
    } finally {
      clearTimeout(timer);
    }
  }

  async #body(
    peer: Peer,
    moment: Moment,
    say: (answer: Answer, usual: string) => Promise<string>,
  ): Promise<void> {
    this.bodies.push({ connection: moment.connection, text: await peer.body() });
    const answer = await this.#rules.body?.(moment);
    if (answer === undefined) {
      this.accepted.push(moment.recipient!);
      this.acceptedAt.push(performance.now());
    }
    await say(answer, "250 2.0.0 queued");
  }
}
