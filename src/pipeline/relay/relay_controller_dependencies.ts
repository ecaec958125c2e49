import type { Stop } from "../../model/stop.ts";
import type { Pacer } from "../../policy/pace/pacer.ts";
import type { RefusalOptions } from "./refusals.ts";

/** What a controller needs of the run around it. */
export interface RelayControllerDependencies extends RefusalOptions {
  readonly stop: Stop;
  /** The limit of the whole run, shared by all controllers. */
  readonly pacer: Pacer;
  /** Told that a relay is given up, and why; the run ends when it was the last one. */
  readonly onGivenUp: (reason: string, hint: string) => void;
  readonly onNews: (message: string) => void;
}
