/**
 * The states of a recipient. The first four are open, the others settled.
 *
 * - queued: to be mailed, and not claimed yet
 * - claimed: taken by the running process
 * - handed-over: the final dot may be on the wire, and no reply is recorded
 * - deferred: to be tried again at a due time
 * - in-doubt: handed over but never answered; held for a person to decide
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

/** Returns the state of a recipient whose process is gone: `claimed` means not sent, `handed-over` means possibly sent. */
export function withoutHolder(state: State): State {
  if (state === "handed-over") return "in-doubt";
  return state === "claimed" ? "queued" : state;
}
