import { Gate } from "../consume/gate.ts";
import type { Pacer } from "../consume/pacer.ts";
import type { Stop } from "../consume/stop.ts";
import type { Recorder } from "../record/recorder.ts";
import type { Talk } from "../report/talk.ts";
import type { Relay } from "../smtp/relay.ts";

/** What all gates of a run share. */
export interface SharedByGates {
  readonly stop: Stop;
  readonly pacer: Pacer;
  readonly recorder: Pick<Recorder, "requeue">;
  readonly talk: Talk;
}

/** A gate for each relay; the run stops when the last of them is given up. */
export function gatesOf(
  relays: readonly Relay[],
  seats: readonly number[],
  { stop, pacer, recorder, talk }: SharedByGates,
): readonly Gate[] {
  const gates: readonly Gate[] = relays.map((relay, index) =>
    new Gate(relay, seats[index]!, {
      stop,
      pacer,
      requeue: (ids) => recorder.requeue(ids),
      onNews: (message) => talk.info(message),
      onGivenUp: (reason, hint) => {
        if (!gates.some((gate) => gate.allowed > 0)) return stop.give(reason, hint);
        talk.warn(`${reason}; going on with the other relays`);
      },
    })
  );
  return gates;
}
