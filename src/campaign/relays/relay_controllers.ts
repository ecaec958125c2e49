import { RelayController } from "../../pipeline/relay/relay_controller.ts";
import type { Pacer } from "../../policy/pace/pacer.ts";
import type { Stop } from "../../model/stop.ts";
import { RunSuspicions } from "../../policy/health/run_suspicions.ts";
import type { RelayDoubts } from "../../pipeline/producer/relay_doubts.ts";
import type { Reporter } from "../../report/reporter.ts";
import type { Relay } from "../../model/relay.ts";

/** What all relay controllers of a run share. */
export interface SharedByControllers {
  readonly stop: Stop;
  readonly pacer: Pacer;
  readonly reporter: Reporter;
  /** How long a relay that answers can go without accepting a mail, in ms. */
  readonly patienceMs: number;
  /** A relay accepted mail of this campaign in an earlier run. */
  readonly hadTaken: boolean;
}

/** The relay controllers of a run, one for each relay. */
export interface RelayControllers {
  readonly controllers: readonly RelayController[];
  /** What the relays' refusals leave undecided. */
  readonly doubts: RelayDoubts;
}

/** A controller for each relay; the run stops when the last of them is given up. */
export function relayControllersOf(
  relays: readonly Relay[],
  slots: readonly number[],
  { stop, pacer, reporter, patienceMs, hadTaken }: SharedByControllers,
): RelayControllers {
  const suspicions = new RunSuspicions();
  const controllers: readonly RelayController[] = relays.map((relay, index) =>
    new RelayController(relay, slots[index]!, {
      stop,
      pacer,
      suspicion: suspicions.ofRelay(),
      patienceMs,
      hadTaken,
      onNews: (message) => reporter.info(message),
      onGivenUp: ({ kind, reason, hint }) => {
        if (!controllers.some((controller) => controller.allowed > 0)) {
          return stop.request(kind, reason, hint);
        }
        reporter.warn(`${reason}; continuing with the other relays`);
      },
    })
  );
  return { controllers, doubts: doubtsOf(suspicions, controllers) };
}

function inUse(controllers: readonly RelayController[]): readonly RelayController[] {
  return controllers.filter(({ allowed }) => allowed > 0);
}

function doubtsOf(suspicions: RunSuspicions, controllers: readonly RelayController[]): RelayDoubts {
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
      for (const controller of controllers) {
        if (controller.refusals.isDoubted) controller.giveUpDoubted();
      }
    },
    conclude() {
      const before = inUse(controllers);
      const doubted = before.filter(({ refusals }) => refusals.isDoubted);
      const others = doubted.length > 0 && doubted.length < before.length;
      for (const controller of others ? doubted : before) controller.giveUpDoubted();
      const left = inUse(controllers).length;
      return left > 0 && left < before.length;
    },
  };
}
