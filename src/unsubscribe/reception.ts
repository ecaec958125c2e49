import { sleep } from "../time/sleep.ts";
import { after, monotonic } from "../time/clock.ts";
import { ClientConnection, type Deadlines, type RequestHandler } from "./connection.ts";

export interface ReceptionLimits extends Deadlines {
  /** Connections at once. */
  readonly mostConnections: number;
  /** How long a new connection is kept even if it could make room for another. */
  readonly graceMs: number;
  /** How long open connections have to finish once no more are accepted. */
  readonly lastMs: number;
}

/** How many descriptors are kept free once the system has run out: writing the suppression list needs some. */
const KEPT_FREE = 8;
/** How long fewer connections are accepted after that; a lasting shortage is reported once in this time. */
const SHORTAGE_MS = 60_000;
/** The pause before checking again whether a connection has ended or can make room. */
const PAUSE_MS = 50;

/**
 * Accepts connections until the signal, whatever their clients do. When there are too many, or no descriptors are left, the
 * oldest one without a complete request makes room: a real request arrives within milliseconds, one that is stuck grows old.
 */
export class Reception {
  readonly #answer: RequestHandler;
  readonly #limits: ReceptionLimits;
  readonly #onFault: (error: unknown) => void;
  /** In order of arrival. */
  readonly #open = new Set<ClientConnection>();
  /** When the system last ran out of descriptors, and how many connections are accepted since. */
  #shortage = { at: -Infinity, most: Infinity };

  constructor(answer: RequestHandler, limits: ReceptionLimits, onFault: (error: unknown) => void) {
    this.#answer = answer;
    this.#limits = limits;
    this.#onFault = onFault;
  }

  /** Resolves once the signal has aborted and all connections have ended. Closes the listener. */
  async run(listener: Deno.TcpListener, signal: AbortSignal): Promise<void> {
    const ended = new Set<Promise<void>>();
    const close = () => listener.close();
    signal.addEventListener("abort", close, { once: true });
    try {
      if (signal.aborted) close();
      while (!signal.aborted) {
        await this.#roomForOne(signal);
        const conn = await this.#accept(listener, signal);
        if (conn === undefined) continue;
        const end = this.#serve(conn).finally(() => ended.delete(end));
        ended.add(end);
      }
      // Requests that have begun get a response.
      for (const connection of this.#open) if (connection.isSilent) connection.close();
      using _last = after(this.#limits.lastMs, () => {
        for (const connection of this.#open) connection.close();
      });
      await Promise.all(ended);
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  async #accept(
    listener: Deno.TcpListener,
    signal: AbortSignal,
  ): Promise<Deno.TcpConn | undefined> {
    try {
      return await listener.accept();
    } catch (error) {
      // The listener remains usable: the system is out of descriptors, or the client has left already.
      if (signal.aborted) return undefined;
      if (error instanceof Deno.errors.ConnectionAborted) return undefined;
      this.#limitTo(Math.max(KEPT_FREE, this.#open.size - KEPT_FREE), error);
      await sleep(PAUSE_MS, signal);
      return undefined;
    }
  }

  async #serve(conn: Deno.TcpConn): Promise<void> {
    const connection = new ClientConnection(conn, this.#limits);
    this.#open.add(connection);
    try {
      await connection.serve(this.#answer);
    } catch (error) {
      this.#onFault(error);
    } finally {
      connection.close();
      this.#open.delete(connection);
    }
  }

  async #roomForOne(signal: AbortSignal): Promise<void> {
    const { graceMs } = this.#limits;
    while (this.#open.size >= this.#most() && !signal.aborted) {
      if (!this.#closeOldest(graceMs)) await sleep(PAUSE_MS, signal);
    }
  }

  /** Closes the oldest connection with nothing to lose. Returns false where it is younger than `ms`, or there is none. */
  #closeOldest(ms: number): boolean {
    for (const connection of this.#open) {
      if (!connection.isExpendable) continue;
      if (monotonic() - connection.openedAt < ms) return false;
      this.#open.delete(connection);
      connection.close();
      return true;
    }
    return false;
  }

  #most(): number {
    const { at, most } = this.#shortage;
    const isShort = monotonic() - at < SHORTAGE_MS;
    return isShort ? Math.min(most, this.#limits.mostConnections) : this.#limits.mostConnections;
  }

  #limitTo(most: number, error: unknown): void {
    const now = monotonic();
    if (now - this.#shortage.at >= SHORTAGE_MS) this.#onFault(error);
    this.#shortage = { at: now, most };
  }
}
