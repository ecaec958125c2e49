import type { Stop } from "../../model/stop.ts";
import type { Pacer } from "../../policy/pace/pacer.ts";
import type { GivingUp, RefusalOptions } from "./refusals.ts";

/** What a controller needs from the run. */
export interface RelayControllerDependencies extends RefusalOptions {
  readonly stop: Stop;
  /** The limit of the whole run, shared by all controllers. */
  readonly pacer: Pacer;
  /** Called when a relay is given up, with the reason; the run ends if it was the last one. */
  readonly onGivenUp: (why: GivingUp) => void;
  readonly onNews: (message: string) => void;
}
