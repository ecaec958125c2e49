import { after, monotonic } from "../time/clock.ts";
import type { RequestRefusal } from "./refusal.ts";
import { RequestReader } from "./request_reader.ts";
import { CONTINUE, responseBytes } from "./response_bytes.ts";

/** How long each part of an exchange can take, in ms. */
export interface Deadlines {
  /** From the connection to the end of the headers. */
  readonly headMs: number;
  /** From there to the end of the body. */
  readonly bodyMs: number;
  /** From the response until the client has read it and closed its side. */
  readonly farewellMs: number;
}

/** Responds to a request, or to what is wrong with it; never rejects. */
export type RequestHandler = (asked: Request | RequestRefusal, remote: string) => Promise<Response>;

/** The most that is read at once: more than a whole request to this server takes. */
const READ_OCTETS = 16 * 1024;

/**
 * One connection, which carries one request: a client that unsubscribes has no second one. Each part has a deadline, so that a client
 * that sends nothing or half a request, or does not read the response, holds a connection for seconds only.
 */
export class ClientConnection {
  readonly openedAt = monotonic();
  readonly #conn: Deno.TcpConn;
  readonly #deadlines: Deadlines;
  readonly #reader = new RequestReader();
  /** undefined: the client has gone, or was disconnected. */
  readonly #asked = Promise.withResolvers<Request | RequestRefusal | undefined>();
  #deadline: Disposable;
  #state: "silent" | "asking" | "being-answered" | "answered" = "silent";
  #closed = false;

  constructor(conn: Deno.TcpConn, deadlines: Deadlines) {
    this.#conn = conn;
    this.#deadlines = deadlines;
    this.#deadline = this.#tooSlowAfter(deadlines.headMs);
  }

  /** Whether nothing is lost when it ends: no request is complete, or it has its response. */
  get isExpendable(): boolean {
    return this.#state !== "being-answered";
  }

  /** Whether nothing has arrived yet. */
  get isSilent(): boolean {
    return this.#state === "silent";
  }

  /** Ends the exchange at once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deadline[Symbol.dispose]();
    this.#asked.resolve(undefined);
    this.#conn.close();
  }

  /** Reads the request and responds. A client that goes away is not an error: nothing is thrown. */
  async serve(answer: RequestHandler): Promise<void> {
    const reading = this.#read();
    const asked = await this.#asked.promise;
    if (asked !== undefined) await this.#respond(asked, answer, reading);
    this.close();
    await reading;
  }

  async #respond(
    asked: Request | RequestRefusal,
    answer: RequestHandler,
    reading: Promise<void>,
  ): Promise<void> {
    this.#state = "being-answered";
    const { hostname } = this.#conn.remoteAddr as Deno.NetAddr;
    const response = await answer(asked, hostname);
    const octets = await responseBytes(response, asked instanceof Request ? asked.method : "");
    if (this.#closed) return;
    this.#deadline = after(this.#deadlines.farewellMs, () => this.close());
    try {
      await this.#write(octets);
      await this.#conn.closeWrite();
    } catch {
      // The client has gone.
      return;
    }
    this.#state = "answered";
    // Closing with unread octets would reset the connection, and the client might lose the response.
    await reading;
  }

  /** Reads until the client closes its side; what follows a request is dropped. */
  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_OCTETS);
    try {
      for (let size = await this.#conn.read(buffer); size !== null;) {
        if (this.#state === "silent") this.#state = "asking";
        if (this.#state === "asking") await this.#take(buffer.subarray(0, size));
        size = await this.#conn.read(buffer);
      }
    } catch {
      // Reset by the client, or closed by us.
    }
    if (this.#state === "asking" || this.#state === "silent") this.#asked.resolve(undefined);
  }

  async #take(octets: Uint8Array): Promise<void> {
    const hadHead = this.#reader.hasHead;
    const asked = this.#reader.take(octets);
    if (asked !== undefined) return this.#settle(asked);
    if (hadHead || !this.#reader.hasHead) return;
    this.#deadline[Symbol.dispose]();
    this.#deadline = this.#tooSlowAfter(this.#deadlines.bodyMs);
    if (this.#reader.awaitsContinue) await this.#write(CONTINUE);
  }

  #tooSlowAfter(ms: number): Disposable {
    return after(ms, () => this.#settle({ status: 408, reason: "Too slow; nothing has changed" }));
  }

  #settle(asked: Request | RequestRefusal): void {
    this.#deadline[Symbol.dispose]();
    this.#state = "being-answered";
    this.#asked.resolve(asked);
  }

  async #write(octets: Uint8Array): Promise<void> {
    for (let rest = octets; rest.length > 0;) {
      rest = rest.subarray(await this.#conn.write(rest));
    }
  }
}
