import type { Job } from "../../src/model/recipient.ts";

/** A job of somebody who is told apart by their address. */
export function jobOf(
  { id, address, tries, firstTriedAt }: {
    readonly id: number;
    readonly address: string;
    /** Counted tries so far. */
    readonly tries: number;
    readonly firstTriedAt: number | undefined;
  },
): Job {
  const recipient = { kind: "recipient", key: address, line: id, address, fields: [] } as const;
  return { id, attempt: tries + 1, firstTriedAt, recipient };
}
