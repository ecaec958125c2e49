import type { Mutant } from "./mutant.ts";

/** A mutant that may survive, from the table in docs/testing.md. */
export interface Excuse {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

/** The column headings of the table. */
const COLUMNS = ["File", "Before", "After", "Reason"];

/**
 * Returns the rows of the table of excused survivors in a Markdown text; none if there is no such table.
 *
 * @throws if a row lacks a cell, as it would excuse nothing
 */
export function excusesIn(markdown: string): Excuse[] {
  const lines = markdown.split("\n").map(cellsOf);
  const head = lines.findIndex((cells) => cells.join() === COLUMNS.join());
  if (head < 0) return [];
  const body = lines.slice(head + 2);
  const end = body.findIndex(({ length }) => length === 0);
  return body.slice(0, end < 0 ? body.length : end).map((cells) => {
    const [path = "", before = "", after = "", reason = ""] = cells.map(withoutTicks);
    if (cells.length !== COLUMNS.length || path === "" || before === "" || reason === "") {
      throw new Error(
        `Cannot read excuse: needs file, before, after and reason: ${cells.join(" | ")}`,
      );
    }
    return { path, before, after, reason };
  });
}

/** Returns the cells of a table row; none if the line is not a row. A bar in a cell is written `\|`. */
function cellsOf(line: string): string[] {
  const row = line.trim();
  if (!row.startsWith("|") || !row.endsWith("|")) return [];
  return row.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** Code that contains a backtick is enclosed in double backticks and spaces. */
function withoutTicks(cell: string): string {
  const code = /^(?<ticks>`+)(?<text>.*)\k<ticks>$/.exec(cell)?.groups;
  if (code === undefined) return cell;
  const { text = "", ticks } = code;
  return ticks === "`" ? text : text.trim();
}

/** Whether an excuse applies to a mutant, whose line may have moved since. */
export function excuses(excuse: Excuse, mutant: Mutant): boolean {
  return excuse.path === mutant.path && excuse.before === mutant.before &&
    excuse.after === mutant.after;
}
