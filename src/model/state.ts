/**
 * What a recipient can be, in the order the ledger numbers them: the first four are open, the others settled.
 *
 * queued: owed, nobody has it. claimed: the running process has it. handed-over: the final dot may be on the wire and no
 * reply is recorded. deferred: to be tried again at a due time. in-doubt: handed over and never answered, held for a person.
 */
export const STATES = [
  "queued",
  "claimed",
  "handed-over",
  "deferred",
  "sent",
  "failed",
  "in-doubt",
  "invalid",
  "skipped",
] as const;

export type State = typeof STATES[number];

/** The number a ledger stores for a state. */
export function stateNumber(state: State): number {
  return STATES.indexOf(state);
}

/** The state a ledger stored as a number. */
export function stateOf(number: number): State {
  const state = STATES[number];
  if (state === undefined) throw new RangeError(`Cannot read a ledger state: found ${number}`);
  return state;
}

/** What a recipient is when the process that had it is gone: what was claimed was not sent, what was handed over may have been. */
export function withoutHolder(state: State): State {
  if (state === "handed-over") return "in-doubt";
  return state === "claimed" ? "queued" : state;
}
