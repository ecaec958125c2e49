import type { Side, ValueUse } from "../../compose/template/syntax/value_uses.ts";
import { isNumber } from "../../compose/template/syntax/value_types.ts";
import { quote } from "../../text/quote.ts";
import type { Columns } from "../../model/recipient.ts";
import { isBlank } from "../../text/blank.ts";
import { countOf } from "../../text/quantity.ts";
import type { Finding } from "../finding.ts";
import { NumberForm } from "./number_form.ts";
import { CellsSeen, numberOf, truthAdvice } from "./value_advice.ts";

/** Words that mean "no" to people; to Liquid they are text, and so true. */
const NO = new Set([
  ...["0", "false", "no", "n", "off", "never", "falsch", "nein", "faux", "non", "falso"],
  ...["nee", "nej", "ei", "fałsz", "nie", "нет", "ложь"],
]);

/** A use of a value that does not fit the cells of some rows. */
interface Hit {
  /** Of the list, for the first such row. */
  readonly line: number;
  /** The contents of the cell there. */
  readonly value: string;
  rows: number;
}

/** Watches the rows of a list for cells that are not what the template expects. */
export class ValueWatch {
  readonly #uses: readonly ValueUse[];
  readonly #names: readonly string[];
  readonly #list: string;
  readonly #hits = new Map<ValueUse, Hit>();
  readonly #forms = new Map<ValueUse, NumberForm>();
  readonly #cells = new Map<ValueUse, CellsSeen>();

  /** @param list Path of the list, for naming its lines. */
  constructor(uses: readonly ValueUse[], { names }: Columns, list: string) {
    this.#uses = uses.filter(({ kind }) => kind !== "now");
    this.#names = names;
    this.#list = list;
    for (const use of this.#uses) {
      if (use.kind === "number") this.#forms.set(use, new NumberForm());
      else if (use.kind === "truth") this.#cells.set(use, new CellsSeen());
    }
  }

  take(line: number, cells: readonly string[]): void {
    for (const use of this.#uses) {
      this.#watch(use, cells);
      const value = wrongValue(use, cells);
      if (value === undefined) continue;
      const hit = this.#hits.get(use);
      if (hit === undefined) this.#hits.set(use, { line, value, rows: 1 });
      else hit.rows++;
    }
  }

  #watch(use: ValueUse, cells: readonly string[]): void {
    if (!("column" in use)) return;
    const cell = cells[use.column] ?? "";
    this.#forms.get(use)?.take(cell);
    if (isNo(cell)) this.#cells.get(use)?.take(cell);
  }

  /** Call it once all rows have been seen. */
  *findings(): Generator<Finding> {
    for (const use of this.#uses) {
      const hit = this.#hits.get(use);
      if (use.kind === "mixed") yield mixedFinding(use);
      else if (hit !== undefined) yield this.#finding(use, hit);
    }
  }

  #finding(use: ValueUse, hit: Hit): Finding {
    const level = "warning";
    const where = use.place;
    const rows = hit.rows === 1 ? "" : ` and ${countOf(hit.rows - 1, "more row")}`;
    const at = `(${this.#list}:${hit.line}${rows})`;
    const name = "column" in use ? this.#names[use.column]! : "";
    switch (use.kind) {
      case "number":
        return {
          level,
          check: "value.not-a-number",
          what: `${use.by} expects a number in '${name}', which holds ${quote(hit.value)} ${at}`,
          why:
            "Liquid reads 1234.5 and -3; anything else, such as a number with a unit, counts as 0",
          fix: this.#forms.get(use)!.advice(use.written, hit.value),
          where,
        };
      case "order":
        return {
          level,
          check: "value.text-order",
          what: `'${use.written}' compares text, character by character: ${hit.value} ${at}`,
          why:
            "Cells are text, and the first character that differs decides: '9' comes after '100'",
          fix: orderAdvice(use),
          where,
        };
      default:
        return {
          level,
          check: "value.true-word",
          what: `'${name}' holds ${quote(hit.value)} ${at}, which is true, as any text is`,
          why: "Cells are text, and to Liquid any text that is not empty is true",
          fix: truthAdvice(use.written, this.#cells.get(use)!.all),
          where,
        };
    }
  }
}

/** `and` before `or`, which most languages read in another order. */
export function mixedFinding(
  { before, after, written, place }: ValueUse & { readonly kind: "mixed" },
): Finding {
  return {
    level: "warning",
    check: "value.and-before-or",
    what: `'${written}' is read as ${before} (${after})`,
    why: "Liquid reads 'and' and 'or' from right to left, whichever comes first",
    fix: "If that is meant, write an {% if %} within another one; " +
      "otherwise put the part after 'or' first: c or a and b",
    where: place,
  };
}

function isNo(cell: string): boolean {
  return NO.has(cell.trim().toLowerCase());
}

/** Returns the value of a row that does not fit the use; undefined if it fits. */
function wrongValue(use: ValueUse, cells: readonly string[]): string | undefined {
  switch (use.kind) {
    case "number": {
      const cell = cells[use.column] ?? "";
      return isBlank(cell) || isNumber(cell) ? undefined : cell;
    }
    case "truth": {
      const cell = cells[use.column] ?? "";
      return isNo(cell) ? cell : undefined;
    }
    case "order": {
      const [left, right] = [sideText(use.left, cells), sideText(use.right, cells)];
      if (!isNumber(left) || !isNumber(right)) return undefined;
      const isSame = isOrdered(left, use.operator, right) ===
        isOrdered(Number(left), use.operator, Number(right));
      return isSame ? undefined : `${quote(left)} and ${quote(right)}`;
    }
    default:
      return undefined;
  }
}

function sideText(side: Side, cells: readonly string[]): string {
  return "text" in side ? side.text : cells[side.column] ?? "";
}

function isOrdered<T extends string | number>(left: T, operator: string, right: T): boolean {
  switch (operator) {
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    default:
      return left >= right;
  }
}

function orderAdvice({ left, written }: ValueUse & { readonly kind: "order" }): string {
  const [first = "", , last = ""] = written.split(/ ([<>]=?) /);
  const text = "column" in left ? first : last;
  return `Convert both to numbers first: ${numberOf(text)}`;
}
