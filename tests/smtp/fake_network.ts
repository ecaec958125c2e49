import { FakeConn } from "./fake_conn.ts";

/** A socket over TCP. */
export class FakeTcpConn extends FakeConn {
  /** What `setNoDelay()` was called with. */
  readonly noDelay: unknown[] = [];

  setNoDelay(on: boolean): void {
    this.noDelay.push(on);
  }
}

interface Options {
  readonly hostname: string;
  readonly port: number;
  readonly signal?: AbortSignal;
}

/** Takes the place of Deno.connect(), Deno.connectTls() and Deno.startTls(): the test says when, and whether, they are done. */
export class FakeNetwork implements Disposable {
  /** What each of them was called with. */
  readonly plain: Options[] = [];
  readonly tls: unknown[] = [];
  readonly startedTls: unknown[] = [];
  /** What all three resolve with. */
  readonly connecting = Promise.withResolvers<Deno.Conn>();
  readonly #real = { connect: Deno.connect, connectTls: Deno.connectTls, startTls: Deno.startTls };

  constructor() {
    const { promise } = this.connecting;
    const connect = (options: Options) => (this.plain.push(options), promise);
    const connectTls = (options: unknown) => (this.tls.push(options), promise);
    const startTls = (_conn: unknown, options: unknown) => (
      this.startedTls.push(options), promise
    );
    Object.assign(Deno, { connect, connectTls, startTls });
  }

  [Symbol.dispose](): void {
    Object.assign(Deno, this.#real);
  }
}
