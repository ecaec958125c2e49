import type { ListOptions } from "../../list/list_options.ts";
import { type RepeatedRow, repeatedRows } from "../../list/file/differing_rows.ts";
import { mailboxKeyOf } from "../../model/recipient.ts";
import type { Finding, Where } from "../finding.ts";

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
  const found = await comparedRows(options, required, repeated, signal);
  for (const { key, line, address } of repeated) {
    const { first, differs } = found.get(line) ?? {};
    if (differs && !hasKeyColumn(key)) {
      add(differingFinding(address, first!, { file: options.recipients, line }));
      continue;
    }
    add({
      level: "note",
      check: "list.duplicate",
      what: `${address} is a duplicate of ${
        first === undefined ? "an earlier line" : `line ${first}`
      }`,
      why: !hasKeyColumn(key)
        ? "Each mailbox gets one mail: that of its first row"
        : "Each address gets one mail for each value of the --key column: that of its first row",
      fix: "Remove the row, unless it was meant for another address",
      where: { file: options.recipients, line },
    });
  }
}

/** Returns whether the recipient is more than a mailbox. */
function hasKeyColumn(key: string): boolean {
  return key !== mailboxKeyOf(key);
}

function differingFinding(address: string, first: number, where: Where): Finding {
  return {
    level: "warning",
    check: "list.differing",
    what: `${address} is in line ${first} too, with different cells`,
    why: "Each mailbox gets one mail: that of its first row. What only this row says is not sent",
    fix: "Use --key COLUMN if each of these rows is to get a mail; otherwise remove the row",
    where,
  };
}

/** The repeated rows by line, each with the line of the first row; none of standard input, which cannot be read twice. */
async function comparedRows(
  options: ListOptions,
  required: readonly number[],
  repeated: readonly Repeated[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, RepeatedRow>> {
  const rows = new Map<number, RepeatedRow>();
  const last = repeated.at(-1);
  if (last === undefined || options.recipients === "-") return rows;
  const keys = new Set(repeated.map(({ key }) => key));
  const comparing = { signal, required, keys, lastLine: last.line };
  for await (const row of repeatedRows(options, comparing)) rows.set(row.line, row);
  return rows;
}
