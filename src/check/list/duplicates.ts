import type { ListOptions } from "../../list/list_options.ts";
import { openList } from "../../list/list.ts";
import { recipientOf } from "../../list/recipient.ts";
import { mailboxKeyOf } from "../../model/recipient.ts";
import type { Finding } from "../finding.ts";

/** A row whose mailbox an earlier row already has. */
export interface Repeated {
  readonly key: string;
  readonly line: number;
  readonly address: string;
}

/** How many duplicates are named; the others are only counted. */
export const MAX_TRACED = 10_000;

/**
 * Names the first row for each repeated one: the list is read a second time, up to the last of those.
 *
 * @param required Indexes of the columns without which a row is no recipient.
 */
export async function nameDuplicates(
  options: ListOptions,
  required: readonly number[],
  repeated: readonly Repeated[],
  { signal, add }: {
    readonly signal: AbortSignal;
    readonly add: (finding: Finding) => void;
  },
): Promise<void> {
  const keys = new Set(repeated.map(({ key }) => key));
  const firstLines = await firstLinesOf(options, required, keys, signal);
  for (const { key, line, address } of repeated) {
    const first = firstLines.get(key);
    add({
      level: "note",
      check: "list.duplicate",
      what: `${address} is a duplicate of ${
        first === undefined ? "an earlier line" : `line ${first}`
      }`,
      why: key === mailboxKeyOf(key)
        ? "Each mailbox gets one mail: that of its first row"
        : "Each address gets one mail for each value of the --key column: that of its first row",
      fix: "Remove the row, unless it was meant for another address",
      where: { file: options.recipients, line },
    });
  }
}

async function firstLinesOf(
  options: ListOptions,
  required: readonly number[],
  keys: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const lines = new Map<string, number>();
  // Standard input cannot be read twice.
  if (keys.size === 0 || options.recipients === "-") return lines;
  await using list = await openList(options, { signal });
  for await (const batch of list.rows) {
    for (const row of batch) {
      if (row.kind !== "row") continue;
      const entry = recipientOf(row, list.columns, required);
      if (entry.kind !== "recipient" || !keys.has(entry.key) || lines.has(entry.key)) continue;
      lines.set(entry.key, entry.line);
    }
    if (lines.size === keys.size) break;
  }
  return lines;
}
