import { Drop } from "liquidjs";

/** Words that a date filter takes for the time of sending if an author writes them. */
const WORDS = /^(?:now|today)$/;

/**
 * A cell with such a word: ordinary text to Liquid, and not a time.
 *
 * It has the properties of texts that Liquid reads directly instead of from `valueOf`.
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

/** The value that Liquid gets for a cell. */
export function liquidText(text: string): string | CellWord {
  return WORDS.test(text) ? new CellWord(text) : text;
}
