/**
 * An SMTP server that follows a script, including faults, and records every byte the client wrote.
 *
 * A script is a function over a `Peer`, or a transcript:
 *
 *     S: 220 mx ESMTP        sends the line and CRLF; lines that follow one another leave in one packet
 *     C: EHLO client.test    reads one line, which must be this one
 *     C.                     reads a body up to and with its final dot
 *     C#1024                 reads so many bytes
 *     !sleep 50              waits so many milliseconds
 *     !bytewise              from here on, S: lines leave byte by byte
 *     !split 7               the next S: lines leave in two packets, the first of 7 bytes
 *     !raw "250-a\r\n25"     sends a JSON string as it stands
 *     !close                 ends the connection (FIN)
 *     !reset                 ends it with bytes unread, which makes a RST of it
 *     !stall                 reads nothing more
 *
 * Blank lines and indentation do not count. When the script is at its end the server reads on until the client closes.
 *
 * @module
 */

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const LF = 10;

export type Script = string | ((peer: Peer) => Promise<void>);

/** One connection, as a script sees it from the server's side. */
export class Peer {
  /** Everything read so far. */
  readonly #received: Uint8Array[] = [];
  readonly #conn: Deno.Conn;
  readonly #stopped: Promise<void>;
  #pending = new Uint8Array(0);
  #bytewise = false;
  #split: number | undefined;

  constructor(conn: Deno.Conn, stopped: Promise<void>) {
    this.#conn = conn;
    this.#stopped = stopped;
  }

  /** The client's bytes that the server has read so far. */
  get text(): string {
    return decoder.decode(concat(this.#received));
  }

  /** The next line without its CRLF; undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    const end = await this.#find("\r\n");
    return end === undefined ? undefined : decoder.decode(this.#take(end)).slice(0, -2);
  }

  /** A DATA body, dot-stuffed as it came, final dot included. */
  async body(): Promise<string> {
    // A body without lines is just the final dot.
    while (this.#pending.length < 3) if (!await this.#fill()) throw new Error("Body was cut off");
    if (decoder.decode(this.#pending.subarray(0, 3)) === ".\r\n") {
      return decoder.decode(this.#take(3));
    }
    const end = await this.#find("\r\n.\r\n");
    if (end === undefined) throw new Error("Body was cut off");
    return decoder.decode(this.#take(end));
  }

  async bytes(count: number): Promise<Uint8Array> {
    while (this.#pending.length < count) {
      if (!await this.#fill()) throw new Error("Chunk was cut off");
    }
    return this.#take(count);
  }

  async expect(line: string): Promise<void> {
    const found = await this.line();
    if (found !== line) {
      throw new Error(`Expected ${JSON.stringify(line)}, got ${JSON.stringify(found)}`);
    }
  }

  /** Sends lines as one packet, or as set by `!bytewise` and `!split`. */
  async reply(...lines: string[]): Promise<void> {
    await this.raw(lines.map((line) => `${line}\r\n`).join(""));
  }

  async raw(text: string): Promise<void> {
    const bytes = encoder.encode(text);
    const split = this.#split === undefined ? [0] : [0, this.#split];
    const cuts = this.#bytewise ? Array.from(bytes, (_, at) => at) : split;
    this.#split = undefined;
    for (const [index, cut] of cuts.entries()) {
      if (index > 0) await sleep(1);
      await this.#write(bytes.subarray(cut, cuts[index + 1]));
    }
  }

  close(): void {
    try {
      this.#conn.close();
    } catch {
      // The script has closed it.
    }
  }

  /** Waits until something unread is there, and closes on it. */
  async reset(): Promise<void> {
    await sleep(20);
    this.close();
  }

  stall(): Promise<void> {
    return this.#stopped;
  }

  /** Reads on until the client has closed. */
  async drain(): Promise<void> {
    while (await this.#fill());
  }

  async play(script: Script): Promise<void> {
    if (typeof script === "function") return await script(this);
    const steps = script.split("\n").map((step) => step.trim()).filter((step) => step !== "");
    const lines: string[] = [];
    for (const step of steps) {
      if (step.startsWith("S:")) {
        lines.push(step.slice(3));
        continue;
      }
      if (lines.length > 0) await this.reply(...lines.splice(0));
      if (await this.#step(step) === "end") return;
    }
    if (lines.length > 0) await this.reply(...lines);
  }

  async #step(step: string): Promise<"end" | void> {
    const [, verb, argument = ""] = /^(![a-z]+|C:|C\.|C#)\s?(.*)$/.exec(step) ?? [];
    switch (verb) {
      case "C:":
        return await this.expect(argument);
      case "C.":
        return void await this.body();
      case "C#":
        return void await this.bytes(Number(argument));
      case "!sleep":
        return await sleep(Number(argument));
      case "!bytewise":
        return void (this.#bytewise = true);
      case "!split":
        return void (this.#split = Number(argument));
      case "!raw":
        return await this.raw(JSON.parse(argument));
      case "!close":
        this.close();
        return "end";
      case "!reset":
        await this.reset();
        return "end";
      case "!stall":
        await this.stall();
        return "end";
      default:
        throw new Error(`Script does not know this step: ${step}`);
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      rest = rest.subarray(await this.#conn.write(rest));
    }
  }

  /** The offset after `mark`, which must end in LF; reads until it arrives. */
  async #find(mark: string): Promise<number | undefined> {
    const wanted = encoder.encode(mark);
    for (let from = 0;;) {
      for (let lf = this.#pending.indexOf(LF, from); lf !== -1;) {
        const start = lf + 1 - wanted.length;
        if (start >= 0 && wanted.every((byte, at) => this.#pending[start + at] === byte)) {
          return lf + 1;
        }
        lf = this.#pending.indexOf(LF, lf + 1);
      }
      from = this.#pending.length;
      if (!await this.#fill()) return undefined;
    }
  }

  #take(count: number): Uint8Array {
    const taken = this.#pending.slice(0, count);
    this.#pending = this.#pending.slice(count);
    return taken;
  }

  async #fill(): Promise<boolean> {
    const buffer = new Uint8Array(64 * 1024);
    const count = await this.#conn.read(buffer).catch(() => null);
    if (count === null) return false;
    const bytes = buffer.slice(0, count);
    this.#received.push(bytes);
    this.#pending = concat([this.#pending, bytes]);
    return true;
  }
}

/** Listens on a free port of 127.0.0.1; the nth connection plays the nth script, all further ones the last. */
export class ScriptedServer implements AsyncDisposable {
  /** One for each connection, in the order they came. */
  readonly peers: Peer[] = [];
  readonly #listener: Deno.Listener;
  readonly #scripts: readonly Script[];
  readonly #stop = Promise.withResolvers<void>();
  readonly #playing: Promise<void>[] = [];
  readonly #accepting: Promise<void>;
  readonly #faults: unknown[] = [];

  constructor(...scripts: readonly [Script, ...Script[]]) {
    this.#scripts = scripts;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accepting = this.#accept();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** The client's bytes on its nth connection. */
  written(connection = 0): string {
    return this.peers[connection]?.text ?? "";
  }

  /** Waits until every script has been played and every client has gone. Throws the fault that a script found. */
  async finished(): Promise<void> {
    await Promise.all(this.#playing);
    if (this.#faults.length > 0) throw this.#faults[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.resolve();
    this.#listener.close();
    for (const peer of this.peers) peer.close();
    await this.#accepting;
    await Promise.all(this.#playing);
  }

  async #accept(): Promise<void> {
    try {
      for await (const conn of this.#listener) {
        // Small replies must not wait for the client's acknowledgement of the one before.
        if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
        const script = this.#scripts[Math.min(this.peers.length, this.#scripts.length - 1)]!;
        const peer = new Peer(conn, this.#stop.promise);
        this.peers.push(peer);
        this.#playing.push(this.#play(peer, script));
      }
    } catch {
      // The listener was closed.
    }
  }

  async #play(peer: Peer, script: Script): Promise<void> {
    try {
      await peer.play(script);
      await peer.drain();
    } catch (fault) {
      this.#faults.push(fault);
    } finally {
      peer.close();
    }
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
