/**
 * The process behind counting_server.ts: an SMTP server that accepts mail as fast as it can, or as badly as requested,
 * and logs each mail before it confirms it. The log is the truth about what was accepted.
 *
 * Run with one argument: a `SinkOptions` as JSON. Prints `listening PORT`.
 */
import { Buffer } from "node:buffer";
import type { SinkOptions } from "./counting_server.ts";
import { Fates, type FateStage } from "./fates.ts";

const options: SinkOptions & { readonly log: string } = JSON.parse(Deno.args[0]!);
const encoder = new TextEncoder();
const CRLF = Buffer.from("\r\n");
const FINAL_DOT = Buffer.from("\r\n.\r\n");

const log = Deno.openSync(options.log, { append: true, create: true });

/** One write per line, so that a killed process leaves only whole lines. */
function note(lines: string): void {
  log.writeSync(encoder.encode(lines));
}

/** Refuses once the present second has seen as many mails as are allowed. */
class SecondCounter {
  #second = 0;
  #count = 0;

  full(): boolean {
    const second = Math.floor(Date.now() / 1_000);
    if (second !== this.#second) [this.#second, this.#count] = [second, 0];
    return options.perSecond !== undefined && ++this.#count > options.perSecond;
  }
}

const counter = new SecondCounter();
/** When a recipient was first named. */
const firstSeen = new Map<string, number>();
const fates = options.fates ? new Fates(Deno.readTextFileSync(options.log)) : undefined;
let open = 0;
/** Mails taken by this process. */
let mailsTaken = 0;

/** One connection: the bytes not yet parsed, and the state of the dialogue. */
class Dialogue {
  #pending: Buffer = Buffer.alloc(0);
  #state: "command" | "body" | "chunk" = "command";
  #chunkLeft = 0;
  #lastChunk = false;
  #mail = false;
  #recipient: string | undefined;
  #accepted = 0;
  /** Replies and log lines that this read has brought about. */
  #replies = "";
  #noted = "";
  ended = false;

  /** Everything that `bytes` completes is answered; returns the replies. */
  take(bytes: Buffer): string {
    this.#replies = this.#noted = "";
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    while (!this.ended && this.#step());
    if (this.#noted !== "") note(this.#noted);
    return this.#replies;
  }

  #step(): boolean {
    if (this.#state === "body") return this.#body();
    if (this.#state === "chunk") return this.#chunk();
    const end = this.#pending.indexOf(CRLF);
    if (end < 0) return false;
    const line = this.#pending.toString("latin1", 0, end);
    this.#pending = this.#pending.subarray(end + 2);
    this.#command(line);
    return true;
  }

  #command(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "EHLO") return this.#say(["mx.test", ...options.extensions].join("\r\n"));
    if (verb === "AUTH") {
      this.#note("auth", "");
      return this.#answer(options.auth ?? "235 2.7.0 ok");
    }
    if (verb === "MAIL") return this.#mailFrom();
    if (verb === "RCPT") return this.#rcptTo(/<([^>]*)>/.exec(line)?.[1] ?? "");
    if (verb === "DATA") return this.#data();
    if (verb === "BDAT") return this.#bdat(line);
    if (verb === "RSET") {
      this.#reset();
      return this.#answer("250 2.0.0 ok");
    }
    if (verb === "QUIT") {
      this.#answer("221 2.0.0 bye");
      this.ended = true;
      return;
    }
    this.#answer("500 5.5.2 what");
  }

  #mailFrom(): void {
    this.#reset();
    if (options.events) this.#note("mail", "");
    if (this.#accepted >= (options.mailsPerConnection ?? Infinity)) {
      this.#answer("421 4.7.0 enough for one connection");
      this.ended = true;
      return;
    }
    if (mailsTaken >= (options.refuseUsFrom ?? Infinity)) {
      this.#note("refused-us", "");
      return this.#answer("550 5.7.1 Your address is blocked");
    }
    if (options.mailReply !== undefined) return this.#answer(options.mailReply);
    if ((options.limitAt ?? "mail") === "mail" && counter.full()) {
      return this.#answer(options.limitReply ?? "451 4.7.1 too fast");
    }
    this.#mail = true;
    this.#answer("250 2.1.0 ok");
  }

  #rcptTo(recipient: string): void {
    if (!this.#mail) return this.#answer("503 5.5.1 no MAIL");
    if (options.limitAt === "rcpt" && counter.full()) {
      return this.#answer(options.limitReply ?? "450 4.7.1 too fast");
    }
    const refusal = options.refuse?.[recipient];
    if (refusal !== undefined) return this.#answer(refusal);
    if (this.#refuses(recipient, "rcpt")) return;
    if (options.greylistMs !== undefined && this.#isNew(recipient, options.greylistMs)) {
      return this.#answer("450 4.2.0 greylisted");
    }
    if (Math.random() < (options.temporaryShare ?? 0) && this.#isNew(recipient, 0)) {
      return this.#answer("450 4.2.1 mailbox busy");
    }
    this.#recipient = recipient;
    this.#answer("250 2.1.5 ok");
  }

  /** Answers according to the recipient's fate at this stage; returns false if it has none. */
  #refuses(recipient: string, at: FateStage): boolean {
    const refusal = fates?.refusal(recipient, at);
    if (refusal === undefined) return false;
    this.#note(refusal.what, recipient);
    this.#answer(refusal.reply);
    return true;
  }

  #isNew(recipient: string, ms: number): boolean {
    const now = Date.now();
    const seen = firstSeen.get(recipient);
    if (seen === undefined) firstSeen.set(recipient, now);
    return seen === undefined || now - seen < ms;
  }

  #data(): void {
    if (this.#recipient === undefined) return this.#answer("503 5.5.1 no RCPT");
    if (this.#refuses(this.#recipient, "data")) return;
    this.#state = "body";
    // An empty body is just the final dot: with this line end before it, one search finds both.
    this.#pending = Buffer.concat([CRLF, this.#pending]);
    this.#answer("354 go");
  }

  #body(): boolean {
    const end = this.#pending.indexOf(FINAL_DOT);
    if (end < 0) return false;
    this.#pending = this.#pending.subarray(end + FINAL_DOT.length);
    this.#state = "command";
    this.#accept();
    return true;
  }

  #bdat(line: string): void {
    const [, size, last] = line.split(" ");
    this.#chunkLeft = Number(size);
    this.#lastChunk = last !== undefined;
    this.#state = "chunk";
  }

  #chunk(): boolean {
    const taken = Math.min(this.#chunkLeft, this.#pending.length);
    this.#pending = this.#pending.subarray(taken);
    this.#chunkLeft -= taken;
    if (this.#chunkLeft > 0) return false;
    this.#state = "command";
    if (this.#recipient === undefined) this.#answer("503 5.5.1 no RCPT");
    else if (this.#lastChunk && this.#refuses(this.#recipient, "data")) this.#reset();
    else if (this.#lastChunk) this.#accept();
    else this.#answer("250 2.0.0 ok");
    return true;
  }

  #accept(): void {
    if (options.limitAt === "body" && counter.full()) {
      this.#reset();
      return this.#answer(options.limitReply ?? "451 4.7.1 too fast");
    }
    const recipient = this.#recipient!;
    this.#reset();
    if (this.#refuses(recipient, "body")) return;
    const cut = fates?.cut(recipient);
    if (cut !== "lost") this.#note("accepted", recipient);
    if (cut !== undefined) {
      this.#note("cut", recipient);
      this.ended = true;
      return;
    }
    this.#accepted++;
    mailsTaken++;
    this.#answer("250 2.0.0 taken");
    if (this.#accepted >= (options.closesAfter ?? Infinity)) this.ended = true;
  }

  #reset(): void {
    this.#mail = false;
    this.#recipient = undefined;
  }

  #note(what: string, of: string): void {
    this.#noted += `${what} ${Date.now()} ${of}\n`;
  }

  #answer(line: string): void {
    this.#replies += `${line}\r\n`;
  }

  /** A reply of several lines, 250. */
  #say(text: string): void {
    const lines = text.split("\r\n");
    for (const [at, line] of lines.entries()) {
      this.#answer(`250${at < lines.length - 1 ? "-" : " "}${line}`);
    }
  }
}

/** How many of the client's bytes a connection accepts before it is cut. */
function cutAt(): number {
  return options.cutAfterBytes === undefined ? Infinity : Math.random() * options.cutAfterBytes;
}

async function serve(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const write = async (text: string) => {
    for (let rest = encoder.encode(text); rest.length > 0;) {
      rest = rest.subarray(await conn.write(rest));
    }
  };
  open++;
  try {
    if (options.events) note(`connect ${Date.now()} ${open}\n`);
    if (open > (options.connections ?? Infinity)) {
      return await write("421 4.7.0 too many connections\r\n");
    }
    await write("220 mx.test ESMTP\r\n");
    const dialogue = new Dialogue();
    const buffer = new Uint8Array(64 * 1024);
    for (let left = cutAt(); !dialogue.ended;) {
      const count = await conn.read(buffer);
      if (count === null) return;
      const taken = Math.min(count, left);
      const replies = dialogue.take(Buffer.from(buffer.slice(0, taken)));
      if ((left -= count) <= 0) return;
      if (options.latencyMs) await new Promise((done) => setTimeout(done, options.latencyMs));
      if (replies !== "") await write(replies);
      if (mailsTaken >= (options.goneAfter ?? Infinity)) Deno.exit(0);
    }
  } catch {
    // The client has gone.
  } finally {
    open--;
    conn.close();
  }
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: options.port ?? 0 });
await Deno.stdout.write(encoder.encode(`listening ${listener.addr.port}\n`));
for await (const conn of listener) void serve(conn);
