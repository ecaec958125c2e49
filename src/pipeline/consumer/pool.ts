import type { Relay } from "../../model/relay.ts";
import { Consumer, type ConsumerContext, INTERNAL_ERROR, type Losses } from "./consumer.ts";
import { StorageError } from "../../sqlite/storage_error.ts";
import type { RelayController } from "../relay/relay_controller.ts";

/**
 * Divides `connections` among the relays by weight. Each gets at least one and at most its limit; the largest
 * remainders get the rest.
 */
export function connectionsOfEach(
  relays: readonly Relay[],
  connections: number,
): readonly number[] {
  const weights = relays.reduce((sum, relay) => sum + relay.weight, 0);
  const shares = relays.map((relay) => connections * relay.weight / weights);
  const slots = shares.map((share) => Math.max(1, Math.floor(share)));
  const byRemainder = shares.map((share, index) => ({ index, rest: share - Math.floor(share) }))
    .sort((a, b) => b.rest - a.rest);
  for (const { index } of byRemainder) {
    if (slots.reduce((sum, count) => sum + count, 0) >= connections) break;
    slots[index]!++;
  }
  return slots.map((count, index) => Math.min(count, relays[index]!.connections ?? count));
}

/** Runs all consumers of all relays to the end, then throws the first failure (a bug), if any. */
export async function consume(
  shared: ConsumerContext,
  controllers: readonly RelayController[],
): Promise<void> {
  const losses: Losses = new Map();
  const runs = controllers.flatMap((controller) =>
    Array.from({ length: controller.slots }, async (_, slot) => {
      const drained = await new Consumer(shared, controller, slot, losses).run();
      // The channel is drained, so the other consumers need not wait to be admitted.
      if (drained) controllers.forEach(({ admission }) => admission.drained());
    })
  );
  const stopAll = (error: unknown): never => {
    // Without a readable suppression list, nobody may be mailed.
    if (error instanceof StorageError) shared.stop.request(error.kind, error.message, error.hint);
    else shared.stop.request("internal", INTERNAL_ERROR);
    throw error;
  };
  const ends = await Promise.allSettled(runs.map((run) => run.catch(stopAll)));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
