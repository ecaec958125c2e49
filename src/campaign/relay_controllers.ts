import { Gate } from "../pipeline/relay/relay_controller.ts";
import type { Pacer } from "../policy/pace/pacer.ts";
import type { Stop } from "../model/stop.ts";
import { Suspicions } from "../policy/health/suspicion.ts";
import type { Doubts } from "../pipeline/producer/doubts.ts";
import type { Talk } from "../report/reporter.ts";
import type { Relay } from "../model/relay.ts";

/** What all gates of a run share. */
export interface SharedByGates {
  readonly stop: Stop;
  readonly pacer: Pacer;
  readonly talk: Talk;
  /** How long a relay that answers may take nobody, ms. */
  readonly patienceMs: number;
  /** Mail of this campaign was taken by an earlier run. */
  readonly hadTaken: boolean;
}

/** The gates of a run, one for each relay. */
export interface Gates {
  readonly gates: readonly Gate[];
  /** What the relays' refusals leave open. */
  readonly doubts: Doubts;
}

/** A gate for each relay; the run stops when the last of them is given up. */
export function gatesOf(
  relays: readonly Relay[],
  seats: readonly number[],
  { stop, pacer, talk, patienceMs, hadTaken }: SharedByGates,
): Gates {
  const suspicions = new Suspicions();
  const gates: readonly Gate[] = relays.map((relay, index) =>
    new Gate(relay, seats[index]!, {
      stop,
      pacer,
      suspicion: suspicions.ofRelay(),
      patienceMs,
      hadTaken,
      onNews: (message) => talk.info(message),
      onGivenUp: (reason, hint) => {
        if (!gates.some((gate) => gate.allowed > 0)) return stop.give(reason, hint);
        talk.warn(`${reason}; going on with the other relays`);
      },
    })
  );
  return { gates, doubts: doubtsOf(suspicions, gates) };
}

function inUse(gates: readonly Gate[]): readonly Gate[] {
  return gates.filter(({ allowed }) => allowed > 0);
}

function doubtsOf(suspicions: Suspicions, gates: readonly Gate[]): Doubts {
  return {
    get open() {
      return suspicions.open;
    },
    get taken() {
      return suspicions.relays.some(({ taken }) => taken > 0);
    },
    get learnt() {
      return suspicions.learnt;
    },
    lastRound(othersFollow) {
      suspicions.lastRound = true;
      suspicions.othersFollow = othersFollow;
      if (!suspicions.relays.some(({ takesMail }) => takesMail)) return;
      for (const gate of gates) if (gate.refusals.isDoubted) gate.giveUpDoubted();
    },
    conclude() {
      const before = inUse(gates);
      const doubted = before.filter(({ refusals }) => refusals.isDoubted);
      const others = doubted.length > 0 && doubted.length < before.length;
      for (const gate of others ? doubted : before) gate.giveUpDoubted();
      const left = inUse(gates).length;
      return left > 0 && left < before.length;
    },
  };
}
