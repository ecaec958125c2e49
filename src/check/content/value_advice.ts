import { isBlank } from "../../text/blank.ts";

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

export function numberOf(text: string): string {
  return `{% assign number = ${text} | plus: 0 %}`;
}

/** What to test instead of whether a cell is true, where some contain words that mean no. */
export function truthAdvice(written: string, words: readonly string[]): string {
  const others = words.map((word) => `${written} != "${word}"`).join(" and ");
  return `Test for the ${words.length === 1 ? "word" : "words"}: ${written} and ${others}`;
}
