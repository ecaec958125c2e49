import type { RelayControllers } from "../../src/campaign/relays/relay_controllers.ts";
import type { Stop } from "../../src/model/stop.ts";
import type { Job } from "../../src/model/recipient.ts";
import type { RetryPolicy } from "../../src/policy/retry_policy.ts";
import type { Book, Line } from "./book.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** What the actors of one simulated run share. */
export interface Run extends RelayControllers {
  readonly time: VirtualTime;
  readonly book: Book;
  readonly stop: Stop;
  readonly policy: RetryPolicy;
  readonly channel: Job[];
  /** Who waits for a job, first come, first served. */
  readonly receivers: object[];
  /** How often in a row the connection broke under a recipient's mail. */
  readonly losses: Map<number, number>;
  /** Mails under way on one connection, at most. */
  readonly window: number;
  /** A way there and back, ms. */
  readonly roundTripMs: number;
  closed: boolean;
}

export function jobOf(
  { id, address, tries, firstTriedAt }: Pick<Line, "id" | "address" | "tries" | "firstTriedAt">,
): Job {
  const recipient = { kind: "recipient", key: address, line: id, address, fields: [] } as const;
  return { id, attempt: tries + 1, firstTriedAt, recipient };
}
