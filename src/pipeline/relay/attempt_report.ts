import type { Outcome } from "../../model/outcome.ts";
import type { Job } from "../../model/recipient.ts";
import type { RetryPolicy } from "../../policy/retry_policy.ts";
import type { SmtpClient } from "../../smtp/smtp_client.ts";
import type { SendContext } from "../consumer/connection_slot.ts";

/** What is known of an attempt besides its result. */
export interface AttemptReport extends SendContext {
  readonly job: Job;
  /** How often in a row, this time not included, the connection broke under this mail. */
  readonly lost: number;
  /** What carried the mail. */
  readonly client: Pick<SmtpClient, "dismissed" | "refusesBehindDot">;
  readonly policy: RetryPolicy;
  /** Called with what becomes of the recipient, before the relay is left alone or given up for it. */
  readonly settle: (outcome: Outcome) => void;
}
