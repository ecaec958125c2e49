import { isBlank } from "../text/blank.ts";
import { isExport, ownColumns, startsFormula, SURPLUS_COLUMN } from "./export_columns.ts";
import { quote } from "../text/quote.ts";
import type { Columns } from "../model/recipient.ts";

/** Returns why a row of an export must not be mailed, whatever its address, or undefined. */
export type ExportJudge = (cells: readonly string[]) => string | undefined;

/** Returns a judge for the rows of a list that `export` wrote; undefined for any other list. */
export function exportJudge({ names, email }: Columns): ExportJudge | undefined {
  if (!isExport(names)) return undefined;
  const own = ownColumns(names);
  const surplus = own.at(-1) === SURPLUS_COLUMN ? own.length - 1 : undefined;
  return (cells) => {
    const more = surplus === undefined ? "" : cells[surplus] ?? "";
    if (!isBlank(more)) {
      return `Row has values that belong to no column, in '${SURPLUS_COLUMN}': ${
        quote(more)
      }; move them where they belong and empty that cell`;
    }
    const address = cells[email] ?? "";
    return isMarked(address)
      ? `Address begins with an apostrophe, as export --spreadsheet writes it: ${
        quote(address)
      }; export the list again without --spreadsheet`
      : undefined;
  };
}

/** Returns whether the cell starts with the apostrophe that keeps a spreadsheet from running it. */
function isMarked(cell: string): boolean {
  return cell.charCodeAt(0) === 0x27 && startsFormula(cell.slice(1));
}
