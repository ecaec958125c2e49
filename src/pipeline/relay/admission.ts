import type { Stop } from "../../model/stop.ts";
import type { FailureTracker } from "../../policy/health/failure_tracker.ts";
import { now } from "../../time/steady_time.ts";
import type { ConnectionSlot } from "../consumer/connection_slot.ts";
import type { RelayLimits } from "./relay_limits.ts";
import type { Sessions } from "./sessions.ts";
import { Trial } from "./trial.ts";
import { WaitingSlots } from "./waiting_slots.ts";

/** What decides whether a slot may begin. */
export interface AdmissionOptions {
  readonly stop: Stop;
  /** Aborted here when the relay is given up: whoever waits for a turn under its rate has none to wait for. */
  readonly over: AbortController;
  readonly limits: RelayLimits;
  readonly sessions: Sessions;
  readonly failures: FailureTracker;
}

/**
 * Which slots may hold a session at a relay now: as many as it takes, none during a pause, and one mail at a time while it is on
 * trial (`Trial`). Whatever changes that wakes those who wait.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #trial = new Trial();
  readonly #waiting: WaitingSlots;
  #drained = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    const { stop, over } = options;
    this.#waiting = new WaitingSlots(AbortSignal.any([stop.signal, over.signal]));
  }

  /** The relay is not used any longer. */
  get isGivenUp(): boolean {
    return this.#options.over.signal.aborted;
  }

  /** The relay may still be used in this run. */
  get isOpen(): boolean {
    return !this.isGivenUp && !this.#options.stop.signal.aborted;
  }

  /** One mail at a time, until the relay has shown that it takes mail from us. */
  get onTrial(): boolean {
    return !this.#trial.over;
  }

  /** Time left of the present pause, in ms; 0: none. */
  get pauseMs(): number {
    return this.#options.failures.pause(now());
  }

  /** Waits until this slot may begin a mail; false when it never may again in this run. */
  async admit(slot: ConnectionSlot): Promise<boolean> {
    while (!this.#drained && this.isOpen) {
      if (slot.connected && !this.keeps()) await slot.leave();
      if (this.pauseMs === 0 && this.hasRoomFor(slot)) return true;
      await this.#waiting.wait(this.#nextLook());
    }
    return false;
  }

  /** The same for a slot that has a mail in hand: false as soon as others must send it. */
  async admitWithMail(slot: ConnectionSlot): Promise<boolean> {
    while (this.isOpen && (slot.connected ? this.keeps() : this.hasRoomFor(slot))) {
      if (this.pauseMs === 0) return true;
      await this.#waiting.wait(this.#nextLook());
    }
    return false;
  }

  /** Returns whether this slot may hold a session, or open one, provided there is no pause. */
  hasRoomFor({ number, connected }: Pick<ConnectionSlot, "number" | "connected">): boolean {
    if (!this.#trial.over) return this.#trial.admits(number, now());
    return connected ? this.keeps() : this.#room > 0;
  }

  /** Returns whether a session may be kept by the slot that holds it. */
  keeps(): boolean {
    const { sessions, limits } = this.#options;
    return !this.isGivenUp && sessions.carrying <= limits.connections;
  }

  /** No job is left: nobody needs to wait any longer. */
  drained(): void {
    this.#drained = true;
    this.#waiting.wake();
  }

  /** The relay is not to be used any longer. */
  giveUp(): void {
    this.#options.over.abort();
  }

  /** A mail of the trial is under way on this slot, or not any more. */
  holdTrial({ number }: Pick<ConnectionSlot, "number">, taken: boolean): void {
    if (taken) this.#trial.hold(number, now());
    else this.#trial.release(number);
    if (!this.#trial.over) this.#waiting.wake();
  }

  /** The relay has judged a mail by its merits. */
  endTrial(): void {
    if (this.#trial.over) return;
    this.#trial.end();
    this.#waiting.wake();
  }

  /** There may be room for more sessions: one was ended, or the relay takes another. */
  wakeForRoom(): void {
    if (!this.#trial.over) this.#waiting.wake();
    else if (this.#room > 0) this.#waiting.wake(this.#room);
  }

  /** All slots that wait look again whether they may begin. */
  wake(): void {
    this.#waiting.wake();
  }

  get #room(): number {
    const { sessions, limits } = this.#options;
    return limits.connections - sessions.all;
  }

  /** When time alone can change something, in ms from now. */
  #nextLook(): number {
    const pause = this.pauseMs;
    if (pause > 0) return pause;
    return this.#trial.over ? Infinity : this.#trial.nextTurnMs(now());
  }
}
