/**
 * What a word replaces: a value, markup that is inserted as it is, a value that was alone in angle brackets, HTML of an
 * included file, or the target after a link's text.
 */
export type WordKind = "value" | "markup" | "autolink" | "html" | "target";

const ENDINGS = { value: "z", markup: "m", autolink: "a", html: "h", target: "t" } as const;

/** Words of letters and digits that replace what a Markdown or HTML reader must not see. */
export class Words {
  readonly #word: string;
  /** Finds words of all kinds; the first group is the number, the second the ending. */
  readonly all: RegExp;

  /** @param word Letters that do not occur in any text that is searched for words. */
  constructor(word: string) {
    this.#word = word;
    this.all = new RegExp(`${word}([0-9]+)([zmaht])`, "g");
  }

  of(number: number, kind: WordKind): string {
    return `${this.#word}${number}${ENDINGS[kind]}`;
  }

  /** The pattern of a word of one kind; its only group is the number. */
  pattern(kind: WordKind): string {
    return `${this.#word}([0-9]+)${ENDINGS[kind]}`;
  }

  /** Returns whether a text contains a word. */
  areIn(text: string): boolean {
    return text.includes(this.#word);
  }
}
