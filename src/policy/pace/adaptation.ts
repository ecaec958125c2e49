import { RateMeter } from "./rate_meter.ts";

/** At most one step down a second: what many connections hear at once is one piece of news. */
const STEP_DOWN_MS = 1_000;
/** Answers to mails of the same burst come in for so long after the first "slow down" among them. */
const BURST_MS = 250;
/** What is left after a step down, of the rate the relay has just shown to take. */
const DECREASE = 0.8;
/** What is added a second, as a share of the present limit, and at least. */
const INCREASE = 0.05;
const LEAST_INCREASE = 0.5;
/** Lowest rate, mails a second: slower than this, a person should look. */
const LOWEST_RATE = 0.2;
/** Where the relay has taken nothing yet that would show its rate. */
const FIRST_RATE = 1;
/** A limit this many times above what is really sent no longer limits: it is dropped. */
const SLACK = 4;
/** Pause before one more connection is tried. */
const CONNECTION_STEP_MS = 30_000;

/**
 * How many connections and mails a second a relay puts up with, learnt from its answers: multiplicative decrease when it
 * asks for less, additive increase while it does not. Pure arithmetic on the times given.
 */
export class Adaptation {
  readonly #wanted: number;
  readonly #meter = new RateMeter();
  #connections: number;
  #ratePerSecond: number | undefined;
  #loweredAt = -Infinity;
  /** The limit before the last step down; infinite where none was known. */
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

  /** Mails a second allowed now; undefined: no limit of the relay's is known. */
  get ratePerSecond(): number | undefined {
    return this.#ratePerSecond;
  }

  /** The relay took a mail, or judged its recipient: that many a second it puts up with. */
  judged(now: number): void {
    this.#meter.note(now);
    if (this.#ratePerSecond !== undefined && now - this.#loweredAt < BURST_MS) {
      this.#ratePerSecond = Math.max(this.#ratePerSecond, this.#stepDown(now));
    }
    this.#climb(now);
  }

  /** The relay does not take another connection beside the `open` ones. */
  fewerConnections(now: number, open: number): void {
    this.#connectionsChangedAt = now;
    this.#connections = Math.max(1, Math.min(this.#connections - 1, open));
  }

  /** The relay finds us too fast. Returns whether this was news, or one of many answers to the same burst. */
  lowerRate(now: number): boolean {
    if (now - this.#loweredAt < STEP_DOWN_MS) return false;
    this.#loweredAt = this.#rateChangedAt = now;
    this.#loweredFrom = this.#ratePerSecond ?? Infinity;
    this.#ratePerSecond = this.#stepDown(now);
    return true;
  }

  /** There was no limit of rate after all. */
  forgetRate(): void {
    this.#ratePerSecond = undefined;
    this.#loweredFrom = Infinity;
  }

  /** The limit after a step down, by what the relay has shown to take. */
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
