import {
  type Client,
  type Cut,
  type LinkProfile,
  onTheWayTo,
  type ServerEnd,
} from "./link_profile.ts";
import type { Random } from "./random.ts";
import { type Owner, THE_WORLD, type WorldTime } from "./world_time.ts";

/** A relay hangs up on a client that is silent for this long. */
const IDLE_MS = 60_000;

const latin1 = new TextDecoder("latin1");
const encoder = new TextEncoder();

/** A TCP connection between a process, which sees a `Deno.Conn`, and a relay. */
export class Link {
  readonly #time: WorldTime;
  readonly #client: Client;
  readonly #toClient: Owner;
  readonly #profile: LinkProfile;
  readonly #random: Random;
  #server: ServerEnd | undefined;
  #arrivesUp = 0;
  #arrivesDown = 0;
  #bytesUp = 0;
  #bytesDown = 0;
  /** Nothing arrives any more, in either direction. */
  #silent = false;
  #serverClosed = false;
  #clientClosed = false;
  /** Bytes that have arrived and have not been read. */
  #unread: Uint8Array[] = [];
  #end: "closed" | "reset" | undefined;
  #reader:
    | { readonly into: Uint8Array; readonly done: PromiseWithResolvers<number | null> }
    | undefined;

  constructor(time: WorldTime, client: Client, profile: LinkProfile, random: Random) {
    this.#time = time;
    this.#client = client;
    this.#toClient = onTheWayTo(client);
    this.#profile = profile;
    this.#random = random;
    const { cut } = profile;
    if (cut?.after === "ms") time.after(cut.count, THE_WORLD, () => this.#cut(cut.how));
  }

  /** The client has closed it, or is gone. */
  get isClosed(): boolean {
    return this.#clientClosed;
  }

  serve(server: ServerEnd): void {
    this.#server = server;
  }

  /** The relay sends a text, which may arrive in pieces. */
  say(text: string): void {
    if (this.#serverClosed || this.#silent) return;
    const bytes = encoder.encode(text);
    for (let from = 0; from < bytes.length;) {
      const size = this.#profile.splits
        ? this.#random.integer(1, bytes.length - from)
        : bytes.length;
      this.#sendDown(bytes.subarray(from, from + size));
      from += size;
    }
  }

  /** The relay closes its end, in order. */
  close(): void {
    if (this.#serverClosed) return;
    this.#serverClosed = true;
    this.#inOrderDown(() => this.#endReading("closed"));
  }

  /** The relay, or something on the way, drops the connection. */
  reset(): void {
    this.#cut("reset");
  }

  /** Both ends stay open, and nothing arrives any more. */
  silence(): void {
    if (this.#silent) return;
    this.#silent = true;
    this.#time.after(IDLE_MS, THE_WORLD, () => this.#server?.gone());
  }

  /** The process is gone: the system closes its connection, unless the machine is gone as well. */
  clientGone(machine: boolean): void {
    if (machine) this.silence();
    else this.#closeClient();
  }

  read(into: Uint8Array): Promise<number | null> {
    if (!this.#client.alive) return new Promise(() => {});
    if (this.#clientClosed) return Promise.reject(new Deno.errors.BadResource("Bad resource ID"));
    const done = Promise.withResolvers<number | null>();
    this.#reader = { into, done };
    this.#answerReader();
    return done.promise;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (!this.#client.alive) return new Promise(() => {});
    if (this.#clientClosed) return Promise.reject(new Deno.errors.BadResource("Bad resource ID"));
    if (this.#end === "reset") return Promise.reject(connectionReset());
    const count = this.#profile.splits && bytes.length > 1 && this.#random.chance(0.3)
      ? this.#random.integer(1, bytes.length)
      : bytes.length;
    this.#client.step("before write");
    if (!this.#client.alive) return new Promise(() => {});
    this.#sendUp(latin1.decode(bytes.subarray(0, count)));
    this.#client.step("written");
    if (!this.#client.alive) return new Promise(() => {});
    return this.#profile.waits ? this.#arrived(count) : Promise.resolve(count);
  }

  /** Resolves when the bytes have arrived, and rejects if the connection ends before. */
  #arrived(count: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#time.after(2 * this.#profile.latencyMs, this.#toClient, () => {
      if (this.#clientClosed || this.#end !== undefined) reject(connectionReset());
      else if (!this.#silent) resolve(count);
    });
    return promise;
  }

  closeClient(): void {
    if (this.#clientClosed) throw new Deno.errors.BadResource("Bad resource ID");
    if (this.#client.alive) this.#closeClient();
  }

  #closeClient(): void {
    if (this.#clientClosed) return;
    this.#clientClosed = true;
    this.#reader?.done.reject(new Deno.errors.Interrupted("operation canceled"));
    this.#reader = undefined;
    this.#inOrderUp(() => this.#server?.gone());
  }

  #sendUp(text: string): void {
    const { cut } = this.#profile;
    const room = cut?.after === "up" ? Math.max(0, cut.count - this.#bytesUp) : Infinity;
    this.#bytesUp += text.length;
    const passing = text.slice(0, room);
    for (let from = 0; from < passing.length;) {
      const size = this.#profile.splits ? this.#random.integer(1, passing.length) : passing.length;
      const piece = passing.slice(from, from += size);
      this.#inOrderUp(() => this.#server?.receive(piece));
    }
    if (room <= text.length && cut !== undefined) this.#inOrderUp(() => this.#cut(cut.how));
  }

  #sendDown(bytes: Uint8Array): void {
    const { cut } = this.#profile;
    const room = cut?.after === "down" ? Math.max(0, cut.count - this.#bytesDown) : Infinity;
    this.#bytesDown += bytes.length;
    const passing = bytes.subarray(0, room);
    if (passing.length > 0) {
      this.#inOrderDown(() => {
        this.#unread.push(passing);
        this.#client.step("read");
        if (this.#client.alive) this.#answerReader();
      });
    }
    if (room <= bytes.length && cut !== undefined) this.#inOrderDown(() => this.#cut(cut.how));
  }

  #inOrderUp(arrive: () => void): void {
    const { now } = this.#time;
    this.#arrivesUp = Math.max(this.#arrivesUp, now + this.#profile.latencyMs);
    this.#time.after(this.#arrivesUp - now, THE_WORLD, () => {
      if (!this.#silent) arrive();
    });
  }

  #inOrderDown(arrive: () => void): void {
    const { now } = this.#time;
    this.#arrivesDown = Math.max(this.#arrivesDown, now + this.#profile.latencyMs);
    this.#time.after(this.#arrivesDown - now, this.#toClient, () => {
      if (!this.#silent && !this.#clientClosed) arrive();
    });
  }

  #cut(how: Cut["how"]): void {
    if (this.#silent) return;
    if (how === "silence") return this.silence();
    this.#silent = true;
    this.#server?.gone();
    if (this.#clientClosed || !this.#client.alive) return;
    this.#endReading(how === "close" ? "closed" : "reset");
  }

  #endReading(end: "closed" | "reset"): void {
    if (end === "reset") this.#unread = [];
    this.#end = end;
    this.#answerReader();
  }

  #answerReader(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const first = this.#unread[0];
    if (first === undefined && this.#end === undefined) return;
    this.#reader = undefined;
    if (first === undefined) {
      if (this.#end === "closed") return reader.done.resolve(null);
      return reader.done.reject(connectionReset());
    }
    const count = Math.min(first.length, reader.into.length);
    reader.into.set(first.subarray(0, count));
    if (count === first.length) this.#unread.shift();
    else this.#unread[0] = first.subarray(count);
    reader.done.resolve(count);
  }
}

function connectionReset(): Error {
  return new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)");
}
