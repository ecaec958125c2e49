/**
 * What a recipient can be: the first four states are open, the others settled.
 *
 * queued: owed a mail, claimed by nobody. claimed: taken by the running process. handed-over: the final dot may be on the wire
 * and no reply is recorded. deferred: to be tried again at a due time. in-doubt: handed over and never answered, held for a
 * person to decide.
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

/** The state of a recipient whose process is gone: a claimed one was not sent a mail, one that was handed over may have been. */
export function withoutHolder(state: State): State {
  if (state === "handed-over") return "in-doubt";
  return state === "claimed" ? "queued" : state;
}
