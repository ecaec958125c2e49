import type { SmtpClient } from "../../smtp/smtp_client.ts";
import { every, monotonic } from "../../time/clock.ts";
import type { RelayController } from "../relay/relay_controller.ts";
import { newSession, type SessionCounts } from "./connection_slot.ts";
import { openClient, type OpenClientOptions } from "./open_client.ts";

/**
 * A connection without a mail for this long is closed. Otherwise the server would close it, and a mail sent then could
 * be lost.
 */
const IDLE_MS = 5_000;
/** Interval of the check; a timer for each job would cost a tenth of a core at 20,000 mails a second. */
const LOOK_FOR_IDLENESS_MS = 1_000;

/** How to open a consumer's connection, and how many mails it carries. */
export interface HeldConnectionOptions extends OpenClientOptions {
  /** Mails on one connection before a new one is opened; 0: no limit. */
  readonly maxPerConnection: number;
}

/** The connection of one consumer: opened when a mail needs it, replaced when spent, closed when idle. */
export class HeldConnection {
  readonly #controller: RelayController;
  readonly #options: HeldConnectionOptions;
  #client: SmtpClient | undefined;
  #session: SessionCounts = newSession(0, { chunking: false, pipelining: false });
  #eightBit = false;
  #idleTimer: Disposable | undefined;
  /** Resolves when the last session has ended. */
  #left: Promise<void> = Promise.resolve();
  /** Since when its consumer has waited for a job, by `monotonic()`; undefined if it has one. */
  idleSince: number | undefined;

  constructor(controller: RelayController, options: HeldConnectionOptions) {
    this.#controller = controller;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** The session of the connection, or of the last one. */
  get session(): SessionCounts {
    return this.#session;
  }

  /** Whether the server accepts 8-bit octets. */
  get eightBit(): boolean {
    return this.#eightBit;
  }

  /** Returns the client of this connection or of a new one; undefined if none can be opened now. */
  async usable(): Promise<SmtpClient | undefined> {
    if (this.#client !== undefined) {
      if (!this.#isSpent() && await this.#client.ready()) return this.#client;
      await this.leave();
    }
    const opened = await openClient(this.#controller, this.#options);
    if (opened === undefined) return undefined;
    this.#session = opened.counts;
    this.#eightBit = opened.eightBit;
    this.#idleTimer = every(LOOK_FOR_IDLENESS_MS, () => this.#leaveWhenIdle());
    this.#client = opened.client;
    return this.#client;
  }

  /** Ends the connection properly, once all its mails are answered. */
  leave(): Promise<void> {
    if (this.#client !== undefined) {
      this.#left = Promise.all([this.#left, this.#end(this.#client)]).then(() => {});
    }
    return this.#left;
  }

  async #end(client: SmtpClient): Promise<void> {
    this.#idleTimer?.[Symbol.dispose]();
    this.#client = undefined;
    const session = this.#session;
    const { connectionLimits: limits } = this.#controller;
    if (client.end?.kind === "broken") limits.brokenBy(client.end.cause, session);
    this.#controller.leaving();
    await client.close();
    if (client.pipeliningSuspect) limits.suspectPipelining();
    limits.ended(session);
    this.#controller.disconnected();
  }

  #leaveWhenIdle(): void {
    const since = this.idleSince;
    if (since !== undefined && monotonic() - since >= IDLE_MS) void this.leave();
  }

  /** Returns whether the session has carried its mails, or uses an extension that must no longer be used with this relay. */
  #isSpent(): boolean {
    const { connectionLimits: limits } = this.#controller;
    const session = this.#session;
    const most = Math.min(this.#options.maxPerConnection || Infinity, limits.mailsOn(session));
    return session.given >= most || session.exhausted || limits.outdated(session);
  }
}
