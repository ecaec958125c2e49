import assert from "node:assert/strict";
import { offerReturning } from "../../src/pipeline/producer/offer.ts";
import type { ProducerContext } from "../../src/pipeline/producer/producer_context.ts";
import type { DueRecipient } from "../../src/ledger/returning.ts";
import type { Job } from "../../src/model/recipient.ts";

/** Recipients whose ledger rows are numbered from one to another. */
function owed(from: number, to: number): DueRecipient[] {
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const id = from + at;
    const address = `p${id}@x.test`;
    const recipient = { kind: "recipient", key: address, line: id, address, fields: [] } as const;
    return { id, recipient, attempts: 1, firstTriedAt: undefined };
  });
}

Deno.test("offerReturning() claims no more than one batch, first of those in doubt, then of those who are due", async () => {
  const offered: Job[] = [];
  const doubted = owed(1, 3);
  const due = owed(101, 120);
  const context = {
    claimSize: 8,
    suppression: { version: 0, why: () => undefined },
    selection: { took: () => {} },
    channel: { send: (job: Job) => Promise.resolve(void offered.push(job)) },
    returns: {
      claimInDoubt: (most: number) => Promise.resolve(doubted.splice(0, most)),
      claimDue: (_: number, most: number) => Promise.resolve(due.splice(0, most)),
    },
  } as unknown as ProducerContext;
  assert.equal(await offerReturning(context), 8);
  assert.deepEqual(offered.map(({ id }) => id), [1, 2, 3, 101, 102, 103, 104, 105]);
  assert.deepEqual(offered.map(({ attempt }) => attempt), Array(8).fill(2));
});
