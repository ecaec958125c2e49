import { FakeConn } from "./fake_conn.ts";

/** A socket over TCP. */
export class FakeTcpConn extends FakeConn {
  /** The arguments of `setNoDelay()`. */
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

/** Replaces Deno.connect(), Deno.connectTls() and Deno.startTls(); the test decides when, and whether, they complete. */
export class FakeNetwork implements Disposable {
  /** The arguments of each call. */
  readonly plain: Options[] = [];
  readonly tls: unknown[] = [];
  readonly startedTls: unknown[] = [];
  /** The value with which all three resolve. */
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
