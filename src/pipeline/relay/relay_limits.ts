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

/** How many connections and mails a second one relay may get: as the user says, and as it is learnt from its answers. */
export class RelayLimits {
  readonly #adaptation: Adaptation;
  readonly #relayPacer: Pacer;
  readonly #adaptedPacer = new Pacer();
  readonly #pacing: Pacing;
  readonly #throttling = new Throttling();

  /**
   * @param connections most connections
   * @param shared the limit of the whole run
   * @param signal no mail waits any longer once it is aborted
   */
  constructor(relay: Relay, connections: number, shared: Pacer, signal: AbortSignal) {
    this.#adaptation = new Adaptation(connections);
    this.#relayPacer = new Pacer(perSecondOf(relay.rate));
    this.#pacing = new Pacing([this.#relayPacer, this.#adaptedPacer], shared, signal);
  }

  get connections(): number {
    return this.#adaptation.connections;
  }

  /** The learnt limit, mails a second; undefined: none is known. */
  get ratePerSecond(): number | undefined {
    return this.#adaptation.ratePerSecond;
  }

  /** Changes what the user allows this relay; undefined: no limit. Holds for the mail that waits now, too. */
  limit(rate: Rate | undefined): void {
    this.#relayPacer.limit(perSecondOf(rate));
  }

  /** Resolves when this mail's place under all limits of rate has come, or the run stops. */
  pass(): Promise<void> {
    return this.#pacing.pass();
  }

  /** The relay took a mail, or judged its recipient. */
  judged(now: number): void {
    this.#adaptation.judged(now);
    this.#adaptedPacer.limit(this.ratePerSecond);
  }

  /** The relay does not take another connection beside the `open` ones. */
  fewerConnections(now: number, open: number): void {
    this.#adaptation.fewerConnections(now, open);
  }

  /** The relay finds us too fast. Returns whether this is the first limit known of it. */
  lowerRate(now: number): boolean {
    const first = this.ratePerSecond === undefined;
    if (!this.#adaptation.lowerRate(now)) return false;
    this.#throttling.slowed(now);
    this.#adaptedPacer.limit(this.ratePerSecond);
    return first;
  }

  /** Whether this attempt put its recipient off because of our pace. */
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
