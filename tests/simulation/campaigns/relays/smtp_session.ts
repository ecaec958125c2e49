import type { ServerEnd } from "../world/link_profile.ts";
import type { Link } from "../world/link.ts";
import type { Answer, SessionPolicy } from "./session_policy.ts";
import { THE_WORLD, type WorldTime } from "../world/world_time.ts";

/** How long a relay that has said 421 waits for the client to close. */
const LINGER_MS = 10_000;
/** A program may be about to write when the 421 arrives. */
const SLACK_MS = 1;

const OK: Answer = { say: ["250 2.0.0 OK"] };
const OUT_OF_ORDER: Answer = { say: ["503 5.5.1 Out of order"] };
const FINAL_DOT = "\r\n.\r\n";

/** One connection as a relay sees it: reads commands one by one, and answers each before it looks at the next (RFC 5321). */
export class SmtpSession implements ServerEnd {
  readonly #time: WorldTime;
  readonly #link: Link;
  readonly #policy: SessionPolicy;
  #input = "";
  #busy = true;
  #over = false;
  #sender = false;
  #recipient: string | undefined;
  /** Reads the body of a mail up to its final dot. */
  #inData = false;
  /** Octets of a chunk that are still to be read. */
  #chunk: number | undefined;
  /** Octets that arrived after a final dot in the same packet. */
  #afterDot = 0;
  /** When it said 421; it then waits for the client to close. */
  #lingersFrom = Infinity;
  readonly #latencyMs: number;

  constructor(time: WorldTime, link: Link, policy: SessionPolicy, latencyMs: number) {
    this.#time = time;
    this.#latencyMs = latencyMs;
    this.#link = link;
    this.#policy = policy;
    this.#answer(policy.greeting());
  }

  receive(text: string): void {
    if (this.#lingersFrom < this.#time.now && !this.#over) return this.#hearLate(text);
    if (this.#over) return;
    this.#input += text;
    if (!this.#busy) this.#work();
  }

  gone(): void {
    this.#end();
  }

  /** Commands that were on their way when the client read the 421 are not its fault. */
  #hearLate(text: string): void {
    const known = this.#time.now > this.#lingersFrom + 2 * this.#latencyMs + SLACK_MS;
    if (known && /^(?:MAIL|RCPT|DATA|BDAT)/m.test(text)) this.#policy.commandAfter421(text.trim());
  }

  #work(): void {
    while (!this.#busy && !this.#over && this.#lingersFrom === Infinity) {
      const answer = this.#inData
        ? this.#readBody()
        : this.#chunk !== undefined
        ? this.#readChunk(this.#chunk)
        : this.#readCommand();
      if (answer === undefined) return;
      this.#answer(answer);
    }
  }

  #readCommand(): Answer | undefined {
    const end = this.#input.indexOf("\n");
    if (end < 0) return undefined;
    const line = this.#input.slice(0, end).trimEnd();
    this.#input = this.#input.slice(end + 1);
    const refused = this.#afterDot > 0 && this.#policy.profile.refusesAfterDot;
    this.#afterDot = Math.max(0, this.#afterDot - end - 1);
    this.#policy.heard(line);
    return refused ? OUT_OF_ORDER : this.#obey(line);
  }

  #obey(line: string): Answer {
    const verb = line.slice(0, 4).toUpperCase();
    switch (verb) {
      case "EHLO":
        return this.#greet();
      case "HELO":
        return { say: ["250 relay.test"] };
      case "MAIL":
        return this.#mail();
      case "RCPT":
        return this.#rcpt(line);
      case "DATA":
        return this.#data();
      case "BDAT":
        return this.#bdat(line);
      case "RSET":
        this.#forget();
        return OK;
      case "QUIT":
        return { say: ["221 2.0.0 Bye"], then: "close" };
      default:
        return { say: ["500 5.5.2 What?"] };
    }
  }

  #greet(): Answer {
    const { offers } = this.#policy.profile;
    if (offers === undefined) return { say: ["502 5.5.1 HELO, please"] };
    const lines = ["relay.test", ...offers];
    return { say: lines.map((text, at) => `250${at < lines.length - 1 ? "-" : " "}${text}`) };
  }

  #mail(): Answer {
    if (this.#sender) return OUT_OF_ORDER;
    const answer = this.#policy.mail();
    this.#sender = isYes(answer);
    return answer;
  }

  #rcpt(line: string): Answer {
    if (!this.#sender) return OUT_OF_ORDER;
    const recipient = /<(.*)>/.exec(line)?.[1] ?? "";
    const answer = this.#policy.rcpt(recipient);
    if (isYes(answer)) this.#recipient = recipient;
    return answer;
  }

  #data(): Answer {
    if (!this.#sender) return OUT_OF_ORDER;
    if (this.#recipient === undefined && !this.#policy.profile.acceptsEmptyData) {
      return { say: ["554 5.5.1 No valid recipients"] };
    }
    this.#inData = true;
    return { say: ["354 Go ahead"] };
  }

  #readBody(): Answer | undefined {
    // The CRLF before the dot may be that of the reply to DATA's own line.
    const text = `\r\n${this.#input}`;
    const end = text.indexOf(FINAL_DOT);
    if (end < 0) return undefined;
    const body = text.slice(0, end + 2).replaceAll("\r\n..", "\r\n.").slice(2);
    this.#input = text.slice(end + FINAL_DOT.length);
    this.#afterDot = this.#input.length;
    this.#inData = false;
    return this.#judge(body);
  }

  #bdat(line: string): Answer {
    const size = Number(line.split(" ")[1]);
    if (this.#recipient === undefined && this.#policy.profile.readsRefusedChunks) {
      return OUT_OF_ORDER;
    }
    this.#chunk = size;
    return { say: [] };
  }

  #readChunk(size: number): Answer | undefined {
    if (this.#input.length < size) return undefined;
    const body = this.#input.slice(0, size);
    this.#input = this.#input.slice(size);
    this.#chunk = undefined;
    return this.#recipient === undefined ? OUT_OF_ORDER : this.#judge(body);
  }

  #judge(body: string): Answer {
    const recipient = this.#recipient;
    this.#forget();
    if (recipient === undefined) return { say: ["554 5.5.1 No valid recipients"] };
    return this.#policy.body(recipient, body);
  }

  #forget(): void {
    this.#sender = false;
    this.#recipient = undefined;
  }

  #answer(answer: Answer): void {
    if (answer.afterMs === undefined) return this.#say(answer);
    this.#busy = true;
    this.#time.after(answer.afterMs, THE_WORLD, () => {
      this.#say(answer);
      if (!this.#over) this.#work();
    });
  }

  #say({ say, then }: Answer): void {
    this.#busy = false;
    if (say.length > 0) this.#link.say(say.map((line) => `${line}\r\n`).join(""));
    if (then === undefined) return;
    if (this.#policy.profile.lingers && say[0]?.startsWith("421")) return this.#linger();
    if (then === "close") this.#link.close();
    else if (then === "reset") this.#link.reset();
    else this.#link.silence();
    this.#end();
  }

  #linger(): void {
    this.#lingersFrom = this.#time.now;
    this.#time.after(LINGER_MS, THE_WORLD, () => {
      if (this.#over) return;
      this.#link.close();
      this.#end();
    });
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#policy.ended();
  }
}

function isYes({ say }: Answer): boolean {
  return say[0]?.startsWith("2") ?? false;
}
