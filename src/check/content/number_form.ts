import { isNumber } from "../../compose/template/syntax/value_types.ts";
import { isBlank } from "../../text/blank.ts";

/** Numbers with a decimal point and commas between groups of three digits, and the other way round. */
const BY_POINT = /^\s*[-+]?(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d+)?\s*$/;
const BY_COMMA = /^\s*[-+]?(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,\d+)?\s*$/;

/** How a column writes its numbers, judging by the cells seen so far. */
export class NumberForm {
  #byPoint = true;
  #byComma = true;
  /** A cell is in neither form, such as `8 EUR`. */
  #hasOther = false;

  take(cell: string): void {
    if (isBlank(cell)) return;
    const byComma = BY_COMMA.test(cell);
    const byPoint = BY_POINT.test(cell) || (!byComma && isNumber(cell));
    if (!byPoint && !byComma) {
      this.#hasOther = true;
      return;
    }
    this.#byPoint &&= byPoint;
    this.#byComma &&= byComma;
  }

  /**
   * How to turn the cells into numbers.
   *
   * @param written The value in the template.
   * @param cell One that Liquid does not read as a number.
   */
  advice(written: string, cell: string): string {
    if (this.#hasOther) {
      return "Write plain numbers such as 1234.50 in that column, and put units into the template";
    }
    if (!this.#byPoint && !this.#byComma) {
      return "The column writes numbers in more than one way: write all of them as 1234.50";
    }
    if (this.#byPoint && this.#byComma) {
      const [point, comma] = [cell.replace(",", "."), cell.replace(",", "")];
      return `'${cell}' can be read in two ways, as ${comma.trim()} and as ${point.trim()}: ` +
        "write plain numbers such as 1234.50 in that column";
    }
    const filters = this.#byPoint ? 'remove: ","' : 'remove: "." | replace: ",", "."';
    return "Write plain numbers such as 1234.50 in that column, or convert them first: " +
      `{% assign number = ${written} | ${filters} | plus: 0 %}`;
  }
}
