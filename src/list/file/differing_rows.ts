import { createHash } from "node:crypto";
import { foldedCells } from "../../model/recipient.ts";
import type { DifferingRows } from "../../model/scan.ts";
import { countOf, countText } from "../../text/quantity.ts";
import { openList } from "../list.ts";
import type { ListOptions } from "../list_options.ts";
import { recipientOf } from "../recipient.ts";
import type { SourceDependencies } from "./source.ts";

/** A row of a recipient whom an earlier row already has. */
export interface RepeatedRow {
  readonly line: number;
  /** The line of the recipient's first row. */
  readonly first: number;
  /** Its cells are not those of the first row. */
  readonly differs: boolean;
}

/** Most recipients with several rows whose rows are compared; one takes about 200 bytes. */
export const MOST_COMPARED = 10_000;

/** Most of the differing rows that are named. */
const EXAMPLES = 3;

/** What to compare. */
export interface Comparing extends Pick<SourceDependencies, "signal" | "open"> {
  /** Indexes of the columns that the template requires. */
  readonly required: readonly number[];
  /** The keys of recipients with several rows. */
  readonly keys: ReadonlySet<string>;
  /** No row after this line is wanted. */
  readonly lastLine?: number;
}

/** Reads a list that was read before once more, and compares the rows of the same recipient. */
export async function* repeatedRows(
  options: ListOptions,
  { required, keys, lastLine = Infinity, ...dependencies }: Comparing,
): AsyncGenerator<RepeatedRow> {
  if (keys.size === 0) return;
  const firsts = new Map<string, { readonly line: number; readonly digest: string }>();
  await using list = await openList(options, dependencies);
  for await (const batch of list.rows) {
    for (const row of batch) {
      if (row.kind !== "row") continue;
      if (row.line > lastLine) return;
      const { columns } = list;
      const entry = recipientOf(row, columns, required);
      if (entry.kind !== "recipient" || !keys.has(entry.key)) continue;
      const { key, line, fields } = entry;
      const digest = createHash("sha256").update(foldedCells(fields, columns.email)).digest(
        "base64",
      );
      const first = firsts.get(key);
      if (first === undefined) firsts.set(key, { line, digest });
      else yield { line, first: first.line, differs: digest !== first.digest };
    }
  }
}

/** Counts the rows whose cells are not those of the recipient's first row, and names some; undefined: there are none. */
export async function findDiffering(
  options: ListOptions,
  comparing: Comparing,
): Promise<DifferingRows | undefined> {
  let count = 0;
  const examples: DifferingRows["examples"][number][] = [];
  for await (const { line, first, differs } of repeatedRows(options, comparing)) {
    if (differs && count++ < EXAMPLES) examples.push({ line, first });
  }
  if (count === 0) return undefined;
  return { count, isComplete: comparing.keys.size < MOST_COMPARED, examples };
}

/** The lines about them in a plan or summary; nothing if there are none. */
export function differingLines(differing: DifferingRows | undefined): readonly string[] {
  if (differing === undefined || differing.count === 0) return [];
  const { count, isComplete, examples } = differing;
  const more = count - examples.length;
  return [
    `${isComplete ? "" : "at least "}${
      countOf(count, "row has", "rows have")
    } the address of an earlier row, but different cells, and ${
      count === 1 ? "gets" : "get"
    } no mail:`,
    examples.map(({ line, first }) => `line ${line} (first in line ${first})`).join(", ") +
    (more > 0 ? ` and ${countText(more)} more` : ""),
    "Use --key COLUMN if each of these rows is to get a mail.",
  ];
}
