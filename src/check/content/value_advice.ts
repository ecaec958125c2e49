import type { ValueUse } from "../../compose/template/syntax/value_uses.ts";
import { isNumber } from "../../compose/template/syntax/value_uses.ts";
import { isBlank } from "../../text/blank.ts";

type Unequal = ValueUse & { readonly kind: "unequal" };

/** How many different cells of a column are kept. */
const MAX_CELLS = 100;

/** The different texts of a column, up to a hundred. */
export class CellsSeen {
  readonly #cells = new Set<string>();

  take(cell: string): void {
    if (!isBlank(cell) && this.#cells.size < MAX_CELLS) this.#cells.add(cell);
  }

  get all(): readonly string[] {
    return [...this.#cells];
  }
}

/** What to write in place of a comparison with the same result for every row. */
export function equalityAdvice(use: Unequal, cells: readonly string[]): string {
  const { text, other, textLiteral, otherWritten } = use;
  if (textLiteral !== undefined) {
    const number = String(Number(textLiteral));
    return `Compare it with a number: ${comparison(use, otherWritten, number)}`;
  }
  if (other.kind === "nothing") {
    return `Test for an empty cell: ${comparison(use, text, "blank")}`;
  }
  if (other.kind === "boolean") return wordAdvice(use, otherWritten, cells);
  const asNumber = `${numberOf(text)}, then ${comparison(use, "number", otherWritten)}`;
  const literal = other.literal;
  const isPlain = literal !== undefined && literal === String(Number(literal)) &&
    cells.every((cell) => cell === literal || !isNumber(cell) || Number(cell) !== Number(literal));
  return isPlain
    ? `Compare it with text: ${
      comparison(use, text, `"${literal}"`)
    }; or convert it to a number first: ${asNumber}`
    : `Convert it to a number first: ${asNumber}`;
}

/** Advice for `true` and `false`, as the list writes them. */
function wordAdvice(use: Unequal, word: string, cells: readonly string[]): string {
  const { text } = use;
  const same = cells.filter((cell) => cell.trim().toLowerCase() === word);
  const [first] = same;
  if (first !== undefined && same.length === 1) {
    return `Compare it with what the list contains: ${comparison(use, text, `"${first}"`)}`;
  }
  if (first !== undefined) {
    return `The list writes it in several ways: {% assign word = ${text} | strip | downcase %}, then ` +
      comparison(use, "word", `"${word}"`);
  }
  const words = cells.filter((cell) => /^[^"\p{C}]{1,30}$/u.test(cell)).slice(0, 3).map((cell) =>
    `"${cell}"`
  ).join(", ");
  return words === ""
    ? "Compare it with a value from the list, in quotes"
    : `Compare it with a value from the list, such as ${words}`;
}

/** Writes a comparison of the same kind. */
function comparison({ isNot, isCase }: Unequal, left: string, right: string): string {
  if (isCase) return `{% case ${left} %}{% when ${right} %}`;
  return `${left} ${isNot ? "!=" : "=="} ${right}`;
}

export function numberOf(text: string): string {
  return `{% assign number = ${text} | plus: 0 %}`;
}

/** What to test instead of whether a cell is true, where some contain words that mean no. */
export function truthAdvice(written: string, words: readonly string[]): string {
  const others = words.map((word) => `${written} != "${word}"`).join(" and ");
  return `Test for the ${words.length === 1 ? "word" : "words"}: ${written} and ${others}`;
}
