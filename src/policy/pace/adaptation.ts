import { RateMeter } from "./rate_meter.ts";

/** At most one step down a second: the same reply on many connections counts once. */
const STEP_DOWN_MS = 1_000;
/** Replies to mails of the same burst arrive within this time after the first "slow down" among them. */
const BURST_MS = 250;
/** Factor of a step down, applied to the rate that the relay has just accepted. */
const DECREASE = 0.8;
/** Increase per second, as a share of the current limit, and its minimum. */
const INCREASE = 0.05;
const LEAST_INCREASE = 0.5;
/** Lowest rate in mails per second; below this, a person should take a look. */
const LOWEST_RATE = 0.2;
/** Rate if the relay has accepted nothing yet that would show its rate. */
const FIRST_RATE = 1;
/** A limit this many times above the actual rate no longer has an effect and is dropped. */
const SLACK = 4;
/** Time before one more connection is tried. */
const CONNECTION_STEP_MS = 30_000;

/**
 * Learns how many connections and mails per second a relay accepts from its replies: multiplicative decrease when it
 * asks for less, additive increase otherwise. Pure arithmetic on the times given.
 */
export class Adaptation {
  readonly #wanted: number;
  readonly #meter = new RateMeter();
  #connections: number;
  #ratePerSecond: number | undefined;
  #loweredAt = -Infinity;
  /** The limit before the last step down; infinite if none was known. */
  #loweredFrom = Infinity;
  #rateChangedAt = -Infinity;
  #connectionsChangedAt = -Infinity;

  constructor(wantedConnections: number) {
    this.#wanted = wantedConnections;
    this.#connections = wantedConnections;
  }

  /** Connections allowed now. */
  get connections(): number {
    return this.#connections;
  }

  /** Mails per second allowed now; undefined if no limit is known. */
  get ratePerSecond(): number | undefined {
    return this.#ratePerSecond;
  }

  /** Notes that the relay accepted a mail, or judged its recipient, which shows the rate that it accepts. */
  judged(now: number): void {
    this.#meter.note(now);
    if (this.#ratePerSecond !== undefined && now - this.#loweredAt < BURST_MS) {
      this.#ratePerSecond = Math.max(this.#ratePerSecond, this.#stepDown(now));
    }
    this.#climb(now);
  }

  /** Notes that the relay accepts no more than the `open` connections. */
  fewerConnections(now: number, open: number): void {
    this.#connectionsChangedAt = now;
    this.#connections = Math.max(1, Math.min(this.#connections - 1, open));
  }

  /** Lowers the rate because the relay asked for it. Returns false for further replies to the same burst. */
  lowerRate(now: number): boolean {
    if (now - this.#loweredAt < STEP_DOWN_MS) return false;
    this.#loweredAt = this.#rateChangedAt = now;
    this.#loweredFrom = this.#ratePerSecond ?? Infinity;
    this.#ratePerSecond = this.#stepDown(now);
    return true;
  }

  /** Drops the rate limit, because there was none after all. */
  forgetRate(): void {
    this.#ratePerSecond = undefined;
    this.#loweredFrom = Infinity;
  }

  /** Returns the limit after a step down, based on the rate that the relay has accepted. */
  #stepDown(now: number): number {
    const shown = Math.min(this.#meter.perSecond(now), this.#loweredFrom);
    if (shown === 0 && this.#loweredFrom === Infinity) return FIRST_RATE;
    return Math.max(LOWEST_RATE, shown * DECREASE);
  }

  #climb(now: number): void {
    if (
      this.#connections < this.#wanted && now - this.#connectionsChangedAt >= CONNECTION_STEP_MS
    ) {
      this.#connections++;
      this.#connectionsChangedAt = now;
    }
    if (this.#ratePerSecond === undefined || now - this.#rateChangedAt < STEP_DOWN_MS) return;
    this.#rateChangedAt = now;
    this.#ratePerSecond += Math.max(LEAST_INCREASE, this.#ratePerSecond * INCREASE);
    if (this.#ratePerSecond > SLACK * this.#meter.perSecond(now)) this.#ratePerSecond = undefined;
  }
}
