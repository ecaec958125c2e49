import type { State } from "../../model/state.ts";

/** The numbers of the states in a ledger. They must never change, because existing ledgers contain them. */
export const STATE_NUMBERS = {
  "queued": 0,
  "claimed": 1,
  "handed-over": 2,
  "deferred": 3,
  "sent": 4,
  "failed": 5,
  "in-doubt": 6,
  "invalid": 7,
  "skipped": 8,
} as const satisfies Readonly<Record<State, number>>;

/** The states by their numbers. */
const STATES_BY_NUMBER = new Map(
  Object.entries(STATE_NUMBERS).map(([state, number]) => [number as number, state as State]),
);

/** The largest of the numbers, which are consecutive from 0. */
export const LAST_STATE_NUMBER = STATES_BY_NUMBER.size - 1;

/**
 * The condition for a waiting row: queued or deferred. SQLite uses the partial index on due times only for a condition
 * with exactly this text, and the indexes of existing ledgers contain it.
 */
export const WAITS = `state IN (${STATE_NUMBERS.queued}, ${STATE_NUMBERS.deferred})`;

export function stateNumber(state: State): number {
  return STATE_NUMBERS[state];
}

/** @throws {RangeError} if no state has the number */
export function stateOf(number: number): State {
  const state = STATES_BY_NUMBER.get(number);
  if (state === undefined) throw new RangeError(`Cannot read a ledger state: found ${number}`);
  return state;
}

/**
 * The condition of rows that the list, the template or the suppression list leaves out, and that are recipients. The
 * index on them is used only by queries that contain this very text: SQLite does not infer it from one state.
 */
export const LEFT_OUT =
  `state IN (${STATE_NUMBERS.invalid}, ${STATE_NUMBERS.skipped}) AND key IS NOT NULL`;
