import { Drop } from "liquidjs";

/** Words that a date filter takes for the time of sending where an author writes them. */
const WORDS = /^(?:now|today)$/;

/**
 * A cell that holds such a word: to Liquid a text like any other, but no time.
 *
 * It has what Liquid asks of texts and does not ask `valueOf` for.
 */
export class CellWord extends Drop {
  readonly size: number;
  readonly length: number;
  readonly #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
    this.size = text.length;
    this.length = text.length;
  }

  override valueOf(): string {
    return this.#text;
  }

  override toString(): string {
    return this.#text;
  }

  toJSON(): string {
    return this.#text;
  }
}

/** What Liquid gets for the text of a cell. */
export function liquidText(text: string): string | CellWord {
  return WORDS.test(text) ? new CellWord(text) : text;
}
