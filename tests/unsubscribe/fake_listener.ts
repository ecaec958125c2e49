import assert from "node:assert/strict";

/** Unlike `until()` in tests/support, this does not depend on the clock, which stands still here. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let look = 0; !isSo(); look++) {
    assert(look < 3_000, `Never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A connection whose client sends `octets` and then waits. */
export class FakeConn {
  readonly remoteAddr = { transport: "tcp", hostname: "192.0.2.1", port: 1 } as const;
  isClosed = false;
  written = 0;
  readonly #closed = Promise.withResolvers<number | null>();
  #octets: Uint8Array | undefined;

  constructor(octets?: Uint8Array) {
    this.#octets = octets;
    this.#closed.promise.catch(() => {});
  }

  read(buffer: Uint8Array): Promise<number | null> {
    const octets = this.#octets;
    if (octets === undefined) return this.#closed.promise;
    this.#octets = undefined;
    buffer.set(octets);
    return Promise.resolve(octets.length);
  }

  write(octets: Uint8Array): Promise<number> {
    this.written += octets.length;
    return Promise.resolve(octets.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  /** The client closes its side. */
  leave(): void {
    this.#closed.resolve(null);
  }

  close(): void {
    this.isClosed = true;
    this.#closed.reject(new Deno.errors.BadResource("closed"));
  }
}

/** A listener that accepts what the test gives it. */
export class FakeListener {
  readonly taken: (FakeConn | Error)[] = [];
  isClosed = false;
  readonly #coming: (FakeConn | Error)[] = [];
  #waiting: PromiseWithResolvers<FakeConn> | undefined;

  give(...coming: (FakeConn | Error)[]): void {
    this.#coming.push(...coming);
    this.#hand();
  }

  /** Resolves when `count` have been accepted, or failed to be. */
  took(count: number): Promise<void> {
    return until(`${count} accepted`, () => this.taken.length >= count);
  }

  accept(): Promise<FakeConn> {
    if (this.isClosed) return Promise.reject(new Deno.errors.BadResource("closed"));
    this.#waiting = Promise.withResolvers();
    const { promise } = this.#waiting;
    this.#hand();
    return promise;
  }

  close(): void {
    this.isClosed = true;
    this.#waiting?.reject(new Deno.errors.BadResource("closed"));
  }

  #hand(): void {
    if (this.#waiting === undefined) return;
    const next = this.#coming.shift();
    if (next === undefined) return;
    this.taken.push(next);
    if (next instanceof Error) this.#waiting.reject(next);
    else this.#waiting.resolve(next);
    this.#waiting = undefined;
  }
}
