import type { Tally } from "../../../model/tally.ts";
import type { State } from "../../../model/state.ts";
import { LAST_STATE_NUMBER, stateNumber } from "../state_numbers.ts";

/** The number of recipients in each state, updated with every change instead of counted. */
export class StateCounts {
  readonly #counts: number[] = Array(LAST_STATE_NUMBER + 1).fill(0);

  of(state: State): number {
    return this.#counts[stateNumber(state)]!;
  }

  set(state: State, count: number): void {
    this.#counts[stateNumber(state)] = count;
  }

  add(state: State): void {
    this.#counts[stateNumber(state)]!++;
  }

  move(from: State, to: State, count = 1): void {
    this.#counts[stateNumber(from)]! -= count;
    this.#counts[stateNumber(to)]! += count;
  }

  /** The counts in the order of the state numbers, for the ledger. */
  toJSON(): readonly number[] {
    return this.#counts;
  }

  load(counts: readonly number[]): void {
    this.#counts.forEach((_, number) => this.#counts[number] = counts[number] ?? 0);
  }

  tally(): Tally {
    return {
      total: this.#counts.reduce((sum, count) => sum + count, 0),
      queued: this.of("queued"),
      claimed: this.of("claimed") + this.of("handed-over"),
      deferred: this.of("deferred"),
      sent: this.of("sent"),
      failed: this.of("failed"),
      invalid: this.of("invalid"),
      skipped: this.of("skipped"),
      inDoubt: this.of("in-doubt"),
    };
  }
}
