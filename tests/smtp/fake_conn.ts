/** The result of a write: this many bytes are accepted, it fails, or it waits for one of the two. */
type Taken = number | Error | Promise<number>;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A socket without a network: the test controls the other side, and sees each call. */
export class FakeConn implements Deno.Conn {
  localAddr: Deno.Addr = { transport: "tcp", hostname: "192.0.2.1", port: 40_000 };
  readonly remoteAddr: Deno.Addr = { transport: "tcp", hostname: "192.0.2.25", port: 25 };
  readonly readable = new ReadableStream<Uint8Array<ArrayBuffer>>();
  readonly writable = new WritableStream<Uint8Array<ArrayBufferLike>>();
  /** The bytes that each call of `write()` was given. */
  readonly writes: string[] = [];
  /** The results of the next writes; undefined, and all further ones, accept everything. */
  readonly taken: (Taken | undefined)[] = [];
  closed = 0;

  readonly #arrived: (Uint8Array | Error | null)[] = [];
  readonly #closing = Promise.withResolvers<never>();
  #reading: PromiseWithResolvers<void> | undefined;

  constructor() {
    this.#closing.promise.catch(() => {});
  }

  /** The other side sends this in one packet. */
  say(text: string): void {
    this.#arrive(encoder.encode(text));
  }

  /** The next write takes its bytes when the test says so. */
  hold(): PromiseWithResolvers<number> {
    const taking = Promise.withResolvers<number>();
    this.taken.push(taking.promise);
    return taking;
  }

  /** The other side ends its stream (null), or reading fails. */
  stop(how: Error | null): void {
    this.#arrive(how);
  }

  /** Whether a read is pending. */
  get reading(): boolean {
    return this.#reading !== undefined;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#reading !== undefined) throw new Deno.errors.Busy("A read is under way already");
    this.#reading = Promise.withResolvers();
    if (this.#arrived.length === 0) {
      await Promise.race([this.#reading.promise, this.#closing.promise]);
    }
    this.#reading = undefined;
    const what = this.#arrived.shift()!;
    if (what instanceof Error) throw what;
    if (what === null) return null;
    const fitting = what.subarray(0, buffer.length);
    if (fitting.length < what.length) this.#arrived.unshift(what.subarray(buffer.length));
    buffer.set(fitting);
    return fitting.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.closed > 0) throw new Deno.errors.BadResource("The socket is closed");
    this.writes.push(decoder.decode(bytes));
    const taken = this.taken.shift() ?? bytes.length;
    if (taken instanceof Error) throw taken;
    return await Promise.race([taken, this.#closing.promise]);
  }

  /** Like in Deno, pending operations fail, and so does closing twice. */
  close(): void {
    this.closed++;
    this.#closing.reject(new Deno.errors.BadResource("The socket is closed"));
    if (this.closed > 1) throw new Deno.errors.BadResource("The socket is closed");
  }

  closeWrite(): Promise<void> {
    return Promise.reject(new Error("Nobody should call this"));
  }

  ref(): void {}

  unref(): void {}

  [Symbol.dispose](): void {
    this.close();
  }

  #arrive(what: Uint8Array | Error | null): void {
    this.#arrived.push(what);
    this.#reading?.resolve();
  }
}
