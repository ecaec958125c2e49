import type { Plan } from "../report/plan.ts";
import type { Interruptible } from "./interruption.ts";
import type { Reloaded } from "./relays/rates.ts";

/** What a run needs from the process around it. */
export interface CampaignDependencies extends Interruptible {
  readonly stdin: ReadableStream<Uint8Array>;
  /** Asks whether to continue; returns true if nobody can be asked. */
  readonly confirm: (plan: Plan) => Promise<boolean>;
  /** Calls `apply` whenever the campaign file is read again, and at once if it already was. */
  readonly onReload: (apply: (news: Reloaded) => void) => Disposable;
}
