import { random } from "../../time/clock.ts";
import type { ConnectFailure } from "../../smtp/session/connect_relay.ts";
import type { Rate, Relay } from "../../model/relay.ts";
import { now } from "../../time/steady_time.ts";
import { countOf } from "../../text/quantity.ts";
import type { Attempt } from "../../model/attempt.ts";
import type { RelayFeedback } from "../../policy/judge.ts";
import { RelayLimits } from "./relay_limits.ts";
import { judgeConnect } from "../../policy/replies/connect_rules.ts";
import { ConnectionLimits } from "./connection_limits.ts";
import type { Pacer } from "../../policy/pace/pacer.ts";
import { type RefusalOptions, Refusals } from "./refusals.ts";
import { Sessions } from "./sessions.ts";
import type { ConnectionSlot, SendContext } from "../consumer/connection_slot.ts";
import { FailureTracker } from "./failure_tracker.ts";
import { sleep } from "../../time/sleep.ts";
import type { Stop } from "../../model/stop.ts";
import { Trial } from "./trial.ts";

/** Failed connects in a row after which a relay that never answered is given up. */
const TRIES_TO_FIRST_SESSION = 3;
/** Time without any session after which a relay that did answer is given up: an MTA restarts well within it. */
const PATIENCE_MS = 5 * 60_000;
/** So many lost connections in a row, and nothing done for `PATIENCE_MS`, and the relay is given up too. */
const LOSSES_TO_STOP = 10;
/** Pause after "slow down", so that the burst under way ends before the lower rate begins. */
const SLOW_DOWN_PAUSE_MS = 250;
/** Looks at the gate again after this: sooner on trial, as the whole run waits for its end. */
const LOOK_AGAIN_MS = 20;
const LOOK_AGAIN_ON_TRIAL_MS = 2;

const LOSES_HINT = "look at what the relay logs about our connections, then Run again to continue";

/** What a gate needs of the run around it. */
export interface RelayControllerDependencies extends RefusalOptions {
  readonly stop: Stop;
  /** The limit of the whole run, shared by all gates. */
  readonly pacer: Pacer;
  /** Says that a relay is given up, with the reason; the run ends when it was the last. */
  readonly onGivenUp: (reason: string, hint: string) => void;
  readonly onNews: (message: string) => void;
}

/**
 * What one relay lets us do now: how many connections, how fast, or nothing for a while.
 *
 * It begins with a trial (`Trial`). So a relay that refuses us hears of one recipient, not of one for each connection.
 */
export class RelayController {
  readonly relay: Relay;
  /** Seats at this relay. */
  readonly slots: number;
  /** What it bears on one connection. */
  readonly limits: ConnectionLimits;
  /** What its refusals mean. */
  readonly refusals: Refusals;
  readonly #surroundings: RelayControllerDependencies;
  readonly #allowance: RelayLimits;
  readonly #sessions = new Sessions();
  readonly #setbacks = new FailureTracker(now());
  /** Failed connects that say something about the relay. */
  #unanswered = 0;
  readonly #trial = new Trial();
  #givenUp = false;
  /** Aborted when the relay is given up: whoever waits for a place under its rate has none to wait for. */
  readonly #over = new AbortController();
  #closed = false;

  constructor(relay: Relay, slots: number, dependencies: RelayControllerDependencies) {
    this.relay = relay;
    this.slots = slots;
    this.#surroundings = dependencies;
    const { pacer, stop, onNews } = dependencies;
    this.refusals = new Refusals(relay.name, dependencies);
    this.limits = new ConnectionLimits(relay.name, () => this.#sessions.opened, onNews);
    const over = AbortSignal.any([stop.signal, this.#over.signal]);
    this.#allowance = new RelayLimits(relay, slots, pacer, over);
  }

  /** Connections allowed now. */
  get allowed(): number {
    return this.#givenUp ? 0 : this.#allowance.connections;
  }

  get ratePerSecond(): number | undefined {
    return this.#allowance.ratePerSecond;
  }

  /** Changes the limit of rate that the relay's URL gives; undefined: none. */
  limit(rate: Rate | undefined): void {
    this.#allowance.limit(rate);
  }

  /** One mail at a time until the relay has shown that it takes mail from us. */
  get onTrial(): boolean {
    return !this.#trial.over;
  }

  /** Waits until this seat may begin a mail; false when it never may again in this run. */
  async admit(slot: ConnectionSlot): Promise<boolean> {
    while (!this.#closed && this.#isOpen) {
      if (slot.connected && !this.keeps()) await slot.leave();
      const pause = this.pauseMs;
      if (pause === 0 && this.hasRoomFor(slot)) return true;
      await this.#lookAgain(pause);
    }
    return false;
  }

  /** The same for a seat that has a mail in hand: false as soon as others must send it. */
  async admitWithMail(slot: ConnectionSlot): Promise<boolean> {
    while (this.#isOpen && (slot.connected ? this.keeps() : this.hasRoomFor(slot))) {
      const pause = this.pauseMs;
      if (pause === 0) return true;
      await this.#lookAgain(pause);
    }
    return false;
  }

  /** Time left of the present pause, in ms; 0: none. */
  get pauseMs(): number {
    return this.#setbacks.pause(now());
  }

  /** Whether this seat may hold a session, or open one, now that there is no pause. */
  hasRoomFor({ number, connected }: Pick<ConnectionSlot, "number" | "connected">): boolean {
    if (!this.#trial.over) return this.#trial.admits(number, now());
    if (connected) return this.keeps();
    return this.#sessions.all < this.#allowance.connections;
  }

  /** No job is left: nobody needs to wait any longer. */
  close(): void {
    this.#closed = true;
  }

  /** True while a session may be kept by who holds it. */
  keeps(): boolean {
    return !this.#givenUp && this.#sessions.carrying <= this.#allowance.connections;
  }

  /** Waits for this mail's place under all limits of rate; false when it must not go to this relay any more. */
  async pace(): Promise<boolean> {
    await this.#allowance.pass();
    return this.#isOpen;
  }

  /** A session is being opened; ends with `connected()` or `connectFailed()`. */
  connecting(): void {
    this.#sessions.connecting();
  }

  /** The session is there. Answers its number, counted from 1. */
  connected(): number {
    return this.#sessions.connected();
  }

  connectFailed(failure: ConnectFailure): void {
    this.#sessions.connectFailed();
    const verdict = judgeConnect(this.relay, failure, this.limits.met);
    const { onNews } = this.#surroundings;
    if (verdict.kind === "give-up") return this.#giveUp(verdict.reason, verdict.hint);
    const others = this.#sessions.all;
    if (verdict.kind === "fewer" && others > 0) {
      this.#allowance.fewerConnections(now(), others);
      return onNews(
        `${verdict.reason}; going on with ${countOf(this.#allowance.connections, "connection")}`,
      );
    }
    const pause = this.#setbacks.failed(now(), random());
    if (pause === undefined) return;
    const unasked = verdict.kind === "try-later" && verdict.unasked === true;
    if (!unasked) this.#unanswered++;
    const silent = this.#sessions.opened === 0 && !unasked &&
      this.#unanswered >= TRIES_TO_FIRST_SESSION;
    // A greeting that sends us away says how busy the relay is; one that then lacks TLS or login may lack it for good.
    const busy = verdict.kind === "fewer" && failure.stage === "greeting";
    const { patienceMs } = this.#surroundings;
    const patience = busy ? patienceMs : Math.min(patienceMs, PATIENCE_MS);
    if ((silent && !busy) || this.#sessions.failingMs > patience) {
      return this.#giveUp(verdict.reason, verdict.hint);
    }
    onNews(`${verdict.reason}; next try in ${(pause / 1_000).toFixed(1)} s`);
  }

  /** A session is being ended. */
  leaving(): void {
    this.#sessions.leaving();
  }

  /** It has ended. */
  disconnected(): void {
    this.#sessions.left();
  }

  /** Whether this attempt put its recipient off because of our pace. */
  throttles(attempt: Attempt, place: SendContext): boolean {
    return this.#allowance.throttles(attempt, place);
  }

  /** Takes to heart what an attempt said about the relay. */
  observe(sign: RelayFeedback, place: SendContext): void {
    const at = now();
    if (sign.kind !== "lost" && sign.kind !== "none") this.#setbacks.succeeded(at);
    switch (sign.kind) {
      case "well":
        this.#trial.end();
        this.refusals.judged(at);
        return this.#allowance.judged(at);
      case "suspect":
        return this.refusals.refusesUs ? this.giveUpDoubted() : undefined;
      case "slow-down":
        return this.#slowDown(sign.of, at, place);
      case "lost":
        if (sign.inDoubt && this.#isOpen) this.limits.lost(place.session);
        return this.#lost(place.session.number, at);
      case "refuses-us":
      case "none":
        return;
    }
  }

  /** Ends the use of a relay that has refused recipients and taken nobody since; else nothing. */
  giveUpDoubted(): void {
    const why = this.refusals.doubted();
    if (why !== undefined) this.#giveUp(why.reason, why.hint);
  }

  /** Ends the use of this relay for this run. */
  refused(reason: string, hint: string): void {
    this.#giveUp(reason, hint);
  }

  /** A mail of the trial is under way on this seat, or not any more. */
  holdTrial({ number }: Pick<ConnectionSlot, "number">, taken: boolean): void {
    if (taken) this.#trial.hold(number, now());
    else this.#trial.release(number);
  }

  get #isOpen(): boolean {
    return !this.#givenUp && !this.#surroundings.stop.signal.aborted;
  }

  #lookAgain(pause: number): Promise<void> {
    const again = pause === 0 && !this.#trial.over ? LOOK_AGAIN_ON_TRIAL_MS : LOOK_AGAIN_MS;
    return sleep(pause === 0 ? again : Math.min(pause, again), this.#surroundings.stop.signal);
  }

  #slowDown(of: "connections" | "rate", now: number, { mailsBefore, session }: SendContext): void {
    this.#restIfTakesNobody(now);
    if (this.#givenUp) return;
    // A 421 on a connection that has carried mails is its own limit first (mails a connection), a rate if it keeps moving.
    if (of === "connections" && mailsBefore > 0) {
      if (this.limits.dismissedAfter(mailsBefore, session)) return;
    } else if (of === "connections" && this.#sessions.carrying > 1) {
      return this.#allowance.fewerConnections(now, this.#sessions.carrying - 1);
    }
    // Where a rate was kept already there is no burst: one mail too many, and the next ones come slower.
    if (this.#allowance.lowerRate(now)) {
      this.#setbacks.rest(now, SLOW_DOWN_PAUSE_MS * (1 + random()));
    }
  }

  /** Rests for longer and longer while nobody is taken, and for so long as patience lasts. */
  #restIfTakesNobody(now: number): void {
    const rest = this.refusals.takesNobody(now);
    if ("reason" in rest) return this.#giveUp(rest.reason, rest.hint);
    if (this.#setbacks.pause(now) < rest.ms) this.#setbacks.rest(now, rest.ms);
  }

  #lost(session: number, now: number): void {
    if (!this.#setbacks.lost(session, this.#sessions.opened, now, random())) return;
    if (this.#setbacks.inARow < LOSSES_TO_STOP || this.#setbacks.sinceSuccess(now) < PATIENCE_MS) {
      return;
    }
    this.#giveUp(
      `${this.relay.name} breaks every connection before it has judged a mail`,
      LOSES_HINT,
    );
  }

  #giveUp(reason: string, hint: string): void {
    if (this.#givenUp) return;
    this.#givenUp = true;
    this.refusals.retire();
    this.#over.abort();
    this.#surroundings.onGivenUp(reason, hint);
  }
}
