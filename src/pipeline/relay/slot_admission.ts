import type { Stop } from "../../model/stop.ts";
import type { FailureTracker } from "../../policy/health/failure_tracker.ts";
import { now } from "../../time/steady_time.ts";
import type { ConnectionSlot } from "../consumer/connection_slot.ts";
import type { RelayLimits } from "./relay_limits.ts";
import type { Sessions } from "./sessions.ts";
import { Trial } from "./trial.ts";
import { WaitingSlots } from "./waiting_slots.ts";

/** What admission depends on. */
export interface AdmissionOptions {
  readonly stop: Stop;
  /** Aborted here when the relay is given up, so that nothing waits for its rate limit any longer. */
  readonly over: AbortController;
  readonly relayLimits: RelayLimits;
  readonly sessions: Sessions;
  readonly failures: FailureTracker;
}

/**
 * Decides which slots may hold a session at a relay now: as many as it accepts, none during a pause, and one mail at a
 * time during the trial (`Trial`). Any change wakes the waiting slots.
 */
export class SlotAdmission {
  readonly #options: AdmissionOptions;
  readonly #trial = new Trial();
  readonly #waiting: WaitingSlots;
  #drained = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    const { stop, over } = options;
    this.#waiting = new WaitingSlots(AbortSignal.any([stop.signal, over.signal]));
  }

  /** Whether the relay is no longer used. */
  get isGivenUp(): boolean {
    return this.#options.over.signal.aborted;
  }

  /** Whether the relay may still be used in this run. */
  get isOpen(): boolean {
    return !this.isGivenUp && !this.#options.stop.signal.aborted;
  }

  /** Whether only one mail at a time is sent, because the relay has not yet shown that it accepts mail from us. */
  get onTrial(): boolean {
    return !this.#trial.over;
  }

  /** Remaining time of the current pause, in ms; 0 if there is none. */
  get pauseMs(): number {
    return this.#options.failures.pause(now());
  }

  /** Waits until this slot may begin a mail; returns false if it never may again in this run. */
  async admit(slot: ConnectionSlot): Promise<boolean> {
    while (!this.#drained && this.isOpen) {
      if (slot.connected && !this.keeps()) await slot.leave();
      if (this.pauseMs === 0 && this.hasRoomFor(slot)) return true;
      await this.#waiting.wait(this.#nextLook());
    }
    return false;
  }

  /** The same for a slot that already has a mail; returns false as soon as another slot must send it. */
  async admitWithMail(slot: ConnectionSlot): Promise<boolean> {
    while (this.isOpen && (slot.connected ? this.keeps() : this.hasRoomFor(slot))) {
      if (this.pauseMs === 0) return true;
      await this.#waiting.wait(this.#nextLook());
    }
    return false;
  }

  /** Returns whether this slot may hold or open a session, apart from pauses. */
  hasRoomFor({ number, connected }: Pick<ConnectionSlot, "number" | "connected">): boolean {
    if (!this.#trial.over) return this.#trial.admits(number, now());
    return connected ? this.keeps() : this.#room > 0;
  }

  /** Returns whether slots may keep the sessions that they hold. */
  keeps(): boolean {
    const { sessions, relayLimits: limits } = this.#options;
    return !this.isGivenUp && sessions.carrying <= limits.connections;
  }

  /** Ends all waiting, because no job is left. */
  drained(): void {
    this.#drained = true;
    this.#waiting.wake();
  }

  /** Ends the use of the relay. */
  giveUp(): void {
    this.#options.over.abort();
  }

  /** Notes that a mail of the trial is under way on this slot, or no longer is. */
  holdTrial({ number }: Pick<ConnectionSlot, "number">, taken: boolean): void {
    if (taken) this.#trial.hold(number, now());
    else this.#trial.release(number);
    if (!this.#trial.over) this.#waiting.wake();
  }

  /** Ends the trial, because the relay has judged a mail on its merits. */
  endTrial(): void {
    if (this.#trial.over) return;
    this.#trial.end();
    this.#waiting.wake();
  }

  /** Wakes waiting slots if there is room for more sessions. */
  wakeForRoom(): void {
    if (!this.#trial.over) this.#waiting.wake();
    else if (this.#room > 0) this.#waiting.wake(this.#room);
  }

  /** Makes all waiting slots check again whether they may begin. */
  wake(): void {
    this.#waiting.wake();
  }

  get #room(): number {
    const { sessions, relayLimits: limits } = this.#options;
    return limits.connections - sessions.all;
  }

  /** Returns when the passing of time alone can change something, in ms from now. */
  #nextLook(): number {
    const pause = this.pauseMs;
    if (pause > 0) return pause;
    return this.#trial.over ? Infinity : this.#trial.nextTurnMs(now());
  }
}
