import type { ConnectFailure } from "../smtp/client.ts";
import { perSecondOf } from "../smtp/rate.ts";
import type { Relay } from "../smtp/relay.ts";
import type { Sign } from "../record/outcome.ts";
import { SUSPECT_HINT } from "../record/reply_rules.ts";
import { Adaptation } from "./adaptation.ts";
import { judgeConnect } from "./connect_rules.ts";
import { Pacer } from "./pacer.ts";
import { sleep } from "./sleep.ts";
import type { Stop } from "./stop.ts";

/** Failed connects in a row after which a relay that never answered is given up. */
const TRIES_TO_FIRST_SESSION = 3;
/** Time without any session after which a relay that did answer is given up: an MTA restarts well within it. */
const PATIENCE_MS = 5 * 60_000;
/** Pause after a failed connect, doubled with each, with jitter, up to the longest. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** Pause after "slow down", so that the burst under way ends before the lower rate begins. */
const SLOW_DOWN_PAUSE_MS = 250;
/** Refusals that may be about us, in a row and with nothing accepted between, that are taken to be about us. */
const SUSPECTS_TO_STOP = 10;
/** Looks at the gate again after this: sooner on trial, as the whole run waits for its end. */
const LOOK_AGAIN_MS = 20;
const LOOK_AGAIN_ON_TRIAL_MS = 2;

/** What a gate needs of the run around it. */
export interface GateSurroundings {
  readonly stop: Stop;
  /** The limit of the whole run, shared by all gates. */
  readonly pacer: Pacer;
  /** Says that a relay is given up, with the reason; the run ends when it was the last. */
  readonly onGivenUp: (reason: string, hint: string) => void;
  readonly onNews: (message: string) => void;
  /** Takes back that these recipients failed. */
  readonly requeue: (ids: readonly number[]) => void;
}

/**
 * What one relay lets us do now: how many connections, how fast, or nothing for a while.
 *
 * It begins with a trial: one connection, one mail at a time, until the relay has judged a mail by its merits. So a relay
 * that refuses us hears of one recipient, not of one for each connection.
 */
export class Gate {
  readonly relay: Relay;
  /** Seats at this relay. */
  readonly seats: number;
  readonly #surroundings: GateSurroundings;
  readonly #adaptation: Adaptation;
  readonly #relayPacer: Pacer;
  readonly #adaptedPacer = new Pacer();
  readonly #suspects: number[] = [];
  #trial = true;
  #trialTaken = false;
  #givenUp = false;
  #closed = false;
  #sessions = 0;
  #everConnected = false;
  #failedConnects = 0;
  #lastSessionAt = Date.now();
  #pausedUntil = 0;
  /** Mails after which the relay closed a connection, the last time it did. */
  #closedAfter = 0;
  #mailsPerSession = Infinity;
  #lockStep = false;

  constructor(relay: Relay, seats: number, surroundings: GateSurroundings) {
    this.relay = relay;
    this.seats = seats;
    this.#surroundings = surroundings;
    this.#adaptation = new Adaptation(seats);
    this.#relayPacer = new Pacer(perSecondOf(relay.rate));
  }

  /** Connections allowed now. */
  get allowed(): number {
    return this.#givenUp ? 0 : this.#adaptation.connections;
  }

  get ratePerSecond(): number | undefined {
    return this.#adaptation.ratePerSecond;
  }

  /** Mails after which this relay is known to close a connection. */
  get mailsPerSession(): number {
    return this.#mailsPerSession;
  }

  /** The relay offers PIPELINING and cannot do it (FAULTS 1, 29). */
  get lockStep(): boolean {
    return this.#lockStep;
  }

  /** One mail at a time until the relay has shown that it takes mail from us. */
  get onTrial(): boolean {
    return this.#trial;
  }

  /** Waits until this seat may begin a mail; false when it never may again in this run. */
  async admit(seat: number): Promise<boolean> {
    const { stop } = this.#surroundings;
    while (!this.#closed && !this.#givenUp && !stop.signal.aborted) {
      const pause = this.#pausedUntil - Date.now();
      if (pause <= 0 && this.#hasRoomFor(seat)) return true;
      await sleep(
        pause > 0
          ? Math.min(pause, LOOK_AGAIN_MS)
          : this.#trial
          ? LOOK_AGAIN_ON_TRIAL_MS
          : LOOK_AGAIN_MS,
        stop.signal,
      );
    }
    return false;
  }

  /** No job is left: nobody needs to wait any longer. */
  close(): void {
    this.#closed = true;
  }

  /** True while a seat that holds a session may keep it. */
  keeps(seat: number): boolean {
    return !this.#givenUp && seat < this.#adaptation.connections;
  }

  /** Waits for this mail's place under all limits of rate; false when the run stops first. */
  async pace(): Promise<boolean> {
    const { pacer, stop } = this.#surroundings;
    const now = performance.now();
    const wait = Math.max(
      pacer.reserve(now),
      this.#relayPacer.reserve(now),
      this.#adaptedPacer.reserve(now),
    );
    if (wait >= 1) await sleep(wait, stop.signal);
    return !stop.signal.aborted;
  }

  connected(): void {
    this.#sessions++;
    this.#everConnected = true;
    this.#failedConnects = 0;
    this.#lastSessionAt = Date.now();
  }

  /** A session ended after so many mails; `closed`: by a 421. */
  disconnected(mails: number, closed: boolean): void {
    this.#sessions--;
    this.#lastSessionAt = Date.now();
    if (!closed || mails === 0) return;
    if (mails === this.#closedAfter) this.#mailsPerSession = mails;
    this.#closedAfter = mails;
  }

  connectFailed(failure: ConnectFailure): void {
    const verdict = judgeConnect(this.relay, failure);
    const { onNews } = this.#surroundings;
    if (verdict.kind === "give-up") return this.#giveUp(verdict.reason, verdict.hint);
    this.#failedConnects++;
    if (verdict.kind === "fewer" && this.#sessions > 0) {
      this.#adaptation.fewerConnections(Date.now(), this.#sessions);
      return onNews(`${verdict.reason}; going on with ${this.#adaptation.connections} connections`);
    }
    const silent = !this.#everConnected && this.#failedConnects >= TRIES_TO_FIRST_SESSION;
    if (verdict.kind === "try-later" && (silent || this.#outOfPatience())) {
      return this.#giveUp(verdict.reason, verdict.hint);
    }
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failedConnects);
    const pause = longest * (0.5 + Math.random() / 2);
    this.#pausedUntil = Date.now() + pause;
    onNews(`${verdict.reason}; next try in ${(pause / 1_000).toFixed(1)} s`);
  }

  /** Takes to heart what an attempt said about the relay. `id` is the recipient's row in the ledger. */
  heed(sign: Sign, id: number, mailsBefore: number): void {
    const now = Date.now();
    switch (sign.kind) {
      case "well":
        this.#trial = false;
        if (sign.accepted) this.#accepted(now);
        return;
      case "suspect":
        return this.#suspect(id);
      case "refuses-us":
        return;
      case "slow-down":
        return this.#slowDown(sign.of, now, mailsBefore);
      case "lost":
        return;
    }
  }

  /** Ends the use of this relay for this run. */
  refused(reason: string, hint: string): void {
    this.#giveUp(reason, hint);
  }

  /** The trial's mail is under way (or not any more): no second one beside it. */
  holdTrial(taken: boolean): void {
    this.#trialTaken = taken;
  }

  /** Replies to a pipelined group stayed out. */
  suspectPipelining(): void {
    if (this.#lockStep) return;
    this.#lockStep = true;
    this.#surroundings.onNews(
      `${this.relay.name} does not answer pipelined commands; going on one by one`,
    );
  }

  #hasRoomFor(seat: number): boolean {
    if (this.#trial) return seat === 0 && !this.#trialTaken;
    return seat < this.#adaptation.connections;
  }

  #accepted(now: number): void {
    this.#suspects.length = 0;
    this.#adaptation.accepted(now);
    this.#adaptedPacer.limit(this.#adaptation.ratePerSecond);
  }

  #slowDown(of: "connections" | "rate", now: number, mailsBefore: number): void {
    // A 421 on a connection that has carried mails is its own limit first (mails a connection), a rate if it keeps moving.
    if (of === "connections" && mailsBefore === 0 && this.#sessions > 1) {
      this.#adaptation.fewerConnections(now, this.#sessions - 1);
      return;
    }
    if (of === "connections" && (this.#closedAfter === 0 || this.#closedAfter === mailsBefore)) {
      return;
    }
    if (!this.#adaptation.lowerRate(now)) return;
    this.#pausedUntil = Math.max(this.#pausedUntil, now + SLOW_DOWN_PAUSE_MS * (1 + Math.random()));
    this.#adaptedPacer.limit(this.#adaptation.ratePerSecond);
  }

  #outOfPatience(): boolean {
    return this.#sessions === 0 && Date.now() - this.#lastSessionAt > PATIENCE_MS;
  }

  /** Beyond the limit, and for what was under way then, the failures are taken back: nobody is burnt. */
  #suspect(id: number): void {
    this.#suspects.push(id);
    if (this.#suspects.length < SUSPECTS_TO_STOP && !this.#givenUp) return;
    this.#surroundings.requeue(this.#suspects.splice(0));
    this.#giveUp(
      `${this.relay.name} refused ${SUSPECTS_TO_STOP} mails in a row and accepted none between`,
      SUSPECT_HINT,
    );
  }

  #giveUp(reason: string, hint: string): void {
    if (this.#givenUp) return;
    this.#givenUp = true;
    this.#surroundings.onGivenUp(reason, hint);
  }
}
