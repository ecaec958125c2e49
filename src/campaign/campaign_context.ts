import type { Plan } from "../report/plan.ts";
import type { Interruptible } from "./interruption.ts";
import type { Reloaded } from "./relays/rates.ts";

/** What a run needs of the process around it. */
export interface CampaignDependencies extends Interruptible {
  readonly stdin: ReadableStream<Uint8Array>;
  /** Asks whether to go on; answers true where nobody can be asked. */
  readonly confirm: (plan: Plan) => Promise<boolean>;
  /** Has `apply` called whenever the campaign file is read again, and at once where it was before. */
  readonly onReload: (apply: (news: Reloaded) => void) => Disposable;
}
