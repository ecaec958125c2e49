import type { ValueUse } from "../../compose/template/syntax/value_uses.ts";
import { isNumber } from "../../compose/template/syntax/value_uses.ts";
import { isBlank } from "../../text/blank.ts";

type Unequal = ValueUse & { readonly kind: "unequal" };

/** Different cells that are kept of a column. */
const MOST = 100;

/** The different texts that a column has held, the first hundred of them. */
export class CellsSeen {
  readonly #cells = new Set<string>();

  take(cell: string): void {
    if (!isBlank(cell) && this.#cells.size < MOST) this.#cells.add(cell);
  }

  get all(): readonly string[] {
    return [...this.#cells];
  }
}

/** What to write in place of a comparison that comes out the same whatever a row holds. */
export function equalityAdvice(use: Unequal, cells: readonly string[]): string {
  const { text, other, textLiteral, otherWritten } = use;
  if (textLiteral !== undefined) {
    const number = String(Number(textLiteral));
    return `compare it with a number: ${comparison(use, otherWritten, number)}`;
  }
  if (other.kind === "nothing") {
    return `ask for an empty cell: ${comparison(use, text, "blank")}`;
  }
  if (other.kind === "boolean") return wordAdvice(use, otherWritten, cells);
  const asNumber = `${numberOf(text)}, then ${comparison(use, "number", otherWritten)}`;
  const literal = other.literal;
  const isPlain = literal !== undefined && literal === String(Number(literal)) &&
    cells.every((cell) => cell === literal || !isNumber(cell) || Number(cell) !== Number(literal));
  return isPlain
    ? `compare it with a text: ${
      comparison(use, text, `"${literal}"`)
    }; or make a number of it first: ${asNumber}`
    : `make a number of it first: ${asNumber}`;
}

/** `true` and `false` as the list writes them. */
function wordAdvice(use: Unequal, word: string, cells: readonly string[]): string {
  const { text } = use;
  const same = cells.filter((cell) => cell.trim().toLowerCase() === word);
  const [first] = same;
  if (first !== undefined && same.length === 1) {
    return `compare it with what the list holds: ${comparison(use, text, `"${first}"`)}`;
  }
  if (first !== undefined) {
    return `the list writes it in several ways: {% assign word = ${text} | strip | downcase %}, then ` +
      comparison(use, "word", `"${word}"`);
  }
  const words = cells.filter((cell) => /^[^"\p{C}]{1,30}$/u.test(cell)).slice(0, 3).map((cell) =>
    `"${cell}"`
  ).join(", ");
  return words === ""
    ? "compare it with a text that the list holds, in quotes"
    : `compare it with a text that the list holds, such as ${words}`;
}

/** A comparison of the kind and in the place of one that is there. */
function comparison({ isNot, isCase }: Unequal, left: string, right: string): string {
  if (isCase) return `{% case ${left} %}{% when ${right} %}`;
  return `${left} ${isNot ? "!=" : "=="} ${right}`;
}

export function numberOf(text: string): string {
  return `{% assign number = ${text} | plus: 0 %}`;
}

/** What to ask in place of whether a cell is true, where some hold words that mean no. */
export function truthAdvice(written: string, words: readonly string[]): string {
  const others = words.map((word) => `${written} != "${word}"`).join(" and ");
  return `ask for the ${words.length === 1 ? "word" : "words"}: ${written} and ${others}`;
}
