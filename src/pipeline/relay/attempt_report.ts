import type { Outcome } from "../../model/outcome.ts";
import type { Job } from "../../model/recipient.ts";
import type { RetryPolicy } from "../../policy/retry_policy.ts";
import type { SmtpClient } from "../../smtp/smtp_client.ts";
import type { SendContext } from "../consumer/connection_slot.ts";

/** What is known about an attempt besides its result. */
export interface AttemptReport extends SendContext {
  readonly job: Job;
  /** How many times in a row the connection broke during this mail before. */
  readonly lost: number;
  /** The client that carried the mail. */
  readonly client: Pick<SmtpClient, "dismissed" | "refusesBehindDot">;
  readonly policy: RetryPolicy;
  /** Called with the recipient's outcome, before the relay is paused or given up because of it. */
  readonly settle: (outcome: Outcome) => void;
}
