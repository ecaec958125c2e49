import { mayMeanPace } from "../../policy/replies/judge_reply.ts";
import { now } from "../../time/steady_time.ts";
import type { Attempt } from "../../model/attempt.ts";
import { perSecondOf } from "../../model/rate.ts";
import type { Rate, Relay } from "../../model/relay.ts";
import { Adaptation } from "../../policy/pace/adaptation.ts";
import { Pacer } from "../../policy/pace/pacer.ts";
import { Pacing } from "./pacing.ts";
import type { AttemptReport } from "./attempt_report.ts";
import { Throttling } from "../../policy/pace/throttling.ts";

/** Limits of connections and mails per second for one relay: from the user, and learnt from its replies. */
export class RelayLimits {
  readonly #adaptation: Adaptation;
  readonly #relayPacer: Pacer;
  readonly #adaptedPacer = new Pacer();
  readonly #pacing: Pacing;
  readonly #throttling = new Throttling();

  /**
   * @param connections most connections
   * @param shared the limit of the whole run
   * @param signal ends all waiting when aborted
   */
  constructor(relay: Relay, connections: number, shared: Pacer, signal: AbortSignal) {
    this.#adaptation = new Adaptation(connections);
    this.#relayPacer = new Pacer(perSecondOf(relay.rate));
    this.#pacing = new Pacing([this.#relayPacer, this.#adaptedPacer], shared, signal);
  }

  get connections(): number {
    return this.#adaptation.connections;
  }

  /** The learnt limit in mails per second; undefined if none is known. */
  get ratePerSecond(): number | undefined {
    return this.#adaptation.ratePerSecond;
  }

  /** Changes the user's limit for this relay; undefined for none. Applies to the waiting mail, too. */
  limit(rate: Rate | undefined): void {
    this.#relayPacer.limit(perSecondOf(rate));
  }

  /** Resolves when this mail's turn under all rate limits has come, or the run stops. */
  pass(): Promise<void> {
    return this.#pacing.pass();
  }

  /** Notes that the relay accepted a mail, or judged its recipient. */
  judged(now: number): void {
    this.#adaptation.judged(now);
    this.#adaptedPacer.limit(this.ratePerSecond);
  }

  /** Notes that the relay accepts no more than the `open` connections. */
  fewerConnections(now: number, open: number): void {
    this.#adaptation.fewerConnections(now, open);
  }

  /** Lowers the rate because the relay asked for it. Returns whether this is the first known limit. */
  lowerRate(now: number): boolean {
    const first = this.ratePerSecond === undefined;
    if (!this.#adaptation.lowerRate(now)) return false;
    this.#throttling.slowed(now);
    this.#adaptedPacer.limit(this.ratePerSecond);
    return first;
  }

  /** Returns whether this attempt deferred its recipient because of our pace. */
  throttles(attempt: Attempt, { job, sentAt }: Pick<AttemptReport, "job" | "sentAt">): boolean {
    const accepted = attempt.kind === "accepted";
    if (!accepted && !(attempt.kind === "refused" && mayMeanPace(attempt))) return false;
    const before = this.#throttling.assumed;
    const waitedMs = sentAt - (job.firstTriedAt ?? sentAt);
    this.#throttling.note({ accepted, waitedMs, sentAt }, now());
    if (before && !this.#throttling.assumed) {
      this.#adaptation.forgetRate();
      this.#adaptedPacer.limit(undefined);
    }
    return !accepted && this.#throttling.assumed;
  }
}
