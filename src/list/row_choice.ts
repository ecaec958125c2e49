import type { Condition } from "../compose/template/syntax/condition.ts";
import type { Where } from "../compose/template/syntax/where.ts";
import type { Columns, CsvRow } from "../model/recipient.ts";
import type { Batch } from "./fit.ts";

/** Leaves out the rows that a condition does not choose, and counts them. */
export class RowChoice {
  readonly #condition: Condition;
  readonly #columns: Columns;
  readonly #onNotChosen: ((row: CsvRow) => void) | undefined;
  #notChosen = 0;

  private constructor(
    condition: Condition,
    columns: Columns,
    onNotChosen: ((row: CsvRow) => void) | undefined,
  ) {
    this.#condition = condition;
    this.#columns = columns;
    this.#onNotChosen = onNotChosen;
  }

  /** @throws {InputError} if the condition is wrong, or names a column that the list does not have */
  static async open(
    where: Where,
    columns: Columns,
    onNotChosen?: (row: CsvRow) => void,
  ): Promise<RowChoice> {
    // Liquid takes 30 ms of the start, and a list is also read by commands that have no template.
    const { compileCondition } = await import("../compose/template/syntax/condition.ts");
    return new RowChoice(compileCondition(where, columns), columns, onNotChosen);
  }

  get notChosen(): number {
    return this.#notChosen;
  }

  /** Returns the chosen rows. A row that cannot be judged is invalid; one that is invalid anyway stays, as its cells may be wrong. */
  chosen(batch: Batch): Batch {
    return batch.flatMap((row) => {
      if (row.kind === "bad-row") return row;
      const judgement = this.#condition.judge(row.cells);
      if (judgement === true) return row;
      if (judgement === false) {
        this.#notChosen++;
        this.#onNotChosen?.(row);
        return [];
      }
      const { line, cells } = row;
      const address = cells[this.#columns.email] ?? "";
      return { kind: "bad-row", line, address, fields: cells, reason: judgement.reason } as const;
    });
  }
}
