import type { RelayController } from "../pipeline/relay/relay_controller.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { unlessBroken } from "../ledger/unless_broken.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Reporter } from "../report/reporter.ts";
import { every, monotonic } from "../time/clock.ts";

/** What the meter reads. */
export interface MeterOptions {
  readonly reporter: Reporter;
  readonly ledger: Ledger;
  readonly controllers: readonly RelayController[];
  readonly connections: number;
  /** Recipients to send to when the run began; undefined if unknown. */
  readonly goal: number | undefined;
}

const REPORT_EVERY_MS = 250;

/** Counts what a run does, and reports it a few times a second. */
export class Meter implements Disposable {
  readonly #options: MeterOptions;
  readonly #startedAt = monotonic();
  readonly #timer: Disposable;
  #settled = 0;
  #sent = 0;
  #underWay = 0;
  #waitingUntil: number | undefined;
  #reporting: Promise<void> | undefined;
  #isDisposed = false;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#timer = every(REPORT_EVERY_MS, () => {
      if (this.#reporting === undefined) void this.report();
    });
  }

  /** Mails accepted in this run. */
  get sent(): number {
    return this.#sent;
  }

  /** Mails on connections that have no reply yet. */
  get underWay(): number {
    return this.#underWay;
  }

  get elapsedMs(): number {
    return monotonic() - this.#startedAt;
  }

  settled(outcome: Outcome): void {
    if (outcome.state === "deferred") return;
    this.#settled++;
    if (outcome.state === "sent") this.#sent++;
  }

  /** Notes that a mail was given to a connection (1), or is done there (-1). */
  carries(change: 1 | -1): void {
    this.#underWay += change;
  }

  waiting(until: number | undefined): void {
    this.#waitingUntil = until;
  }

  /** Reports the current state, once a report under way has ended. */
  async report(): Promise<void> {
    await this.#reporting;
    this.#reporting = this.#report();
    await this.#reporting;
    this.#reporting = undefined;
  }

  async #report(): Promise<void> {
    const { reporter, ledger, controllers, connections, goal } = this.#options;
    // A failing ledger is reported by what writes to it, which also ends the run.
    const tally = await unlessBroken(ledger.tally());
    if (tally === undefined || this.#isDisposed) return;
    const lowered = controllers.map(({ ratePerSecond }) => ratePerSecond);
    reporter.progress({
      tally,
      goal,
      settled: this.#settled,
      elapsedMs: this.elapsedMs,
      connections: {
        allowed: controllers.reduce((sum, { allowed }) => sum + allowed, 0),
        wanted: connections,
      },
      ratePerSecond: lowered.every((rate) => rate !== undefined)
        ? lowered.reduce((sum, rate) => sum + rate, 0)
        : undefined,
      waitingUntil: this.#waitingUntil,
    });
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#timer[Symbol.dispose]();
  }
}
