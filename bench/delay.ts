/** A proxy between a client and a server that delays every byte by `oneWayMs`, in order and without limiting the bandwidth. */
export class DelayRelay implements Disposable {
  readonly #listener: Deno.Listener;
  readonly #target: number;
  readonly #oneWayMs: number;
  readonly #connections = new Set<Deno.Conn>();

  constructor(port: number, target: number, oneWayMs: number) {
    this.#target = target;
    this.#oneWayMs = oneWayMs;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    void this.#serve();
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) this.#close(connection);
  }

  async #serve(): Promise<void> {
    try {
      for await (const near of this.#listener) void this.#join(near);
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #join(near: Deno.TcpConn | Deno.Conn): Promise<void> {
    const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
    for (const connection of [near, far]) {
      this.#connections.add(connection);
      if ("setNoDelay" in connection) (connection as Deno.TcpConn).setNoDelay(true);
    }
    await Promise.all([this.#carry(near, far), this.#carry(far, near)]);
    this.#close(near);
    this.#close(far);
  }

  async #carry(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const way = new Way(to, this.#oneWayMs);
    try {
      for (;;) {
        const buffer = new Uint8Array(64 * 1024);
        const count = await from.read(buffer);
        if (count === null) break;
        way.put(buffer.subarray(0, count));
      }
    } catch {
      // A broken connection is closed on the other side too, once everything sent before has arrived.
    }
    await way.end();
  }

  #close(connection: Deno.Conn): void {
    if (!this.#connections.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // Already closed by its own end.
    }
  }
}

/** One direction: bytes arrive after the delay. */
class Way {
  readonly #to: Deno.Conn;
  readonly #delayMs: number;
  readonly #onTheWay: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #arriving: Promise<void> | undefined;

  constructor(to: Deno.Conn, delayMs: number) {
    this.#to = to;
    this.#delayMs = delayMs;
  }

  put(bytes: Uint8Array): void {
    this.#onTheWay.push({ at: performance.now() + this.#delayMs, bytes });
    this.#arriving ??= this.#arrive();
  }

  /** Waits until everything has arrived, and tells the other side that no more follows. */
  async end(): Promise<void> {
    try {
      while (this.#arriving !== undefined) await this.#arriving;
      await this.#to.closeWrite();
    } catch {
      // The other side has gone.
    }
  }

  async #arrive(): Promise<void> {
    try {
      for (let next; (next = this.#onTheWay[0]) !== undefined; this.#onTheWay.shift()) {
        const wait = next.at - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        for (let rest = next.bytes; rest.length > 0;) {
          rest = rest.subarray(await this.#to.write(rest));
        }
      }
    } catch {
      // The other side has gone; the other direction notices that by itself.
      this.#onTheWay.length = 0;
    } finally {
      // Synchronously after the queue was found empty: the next bytes start the loop again.
      this.#arriving = undefined;
    }
  }
}

if (import.meta.main) {
  const [port, target, oneWayMs] = Deno.args.map(Number);
  new DelayRelay(port!, target!, oneWayMs!);
}
