/** A change to a text; `rank` orders several at one place, see {@linkcode Edits.insert}. */
interface Edit {
  readonly begin: number;
  readonly end: number;
  readonly text: string;
  readonly rank: number;
}

/** Changes to one text, collected first and applied together, so that all places stay those that a parser reported. */
export class Edits {
  readonly #edits = new Map<string, Edit>();

  /** Replaces the characters from `begin` up to `end`. Requesting the same change again has no effect. */
  replace(begin: number, end: number, text: string): void {
    this.#edits.set(`${begin}:${end}:${text}`, { begin, end, text, rank: 0 });
  }

  /** @param rank Of several insertions at one place, the one with the lowest comes first. */
  insert(at: number, text: string, rank = 0): void {
    this.#edits.set(`${at}:${rank}:${text}`, { begin: at, end: at, text, rank });
  }

  get isEmpty(): boolean {
    return this.#edits.size === 0;
  }

  apply(text: string): string {
    const edits = [...this.#edits.values()]
      .sort((a, b) => a.begin - b.begin || a.end - b.end || a.rank - b.rank);
    let result = "";
    let at = 0;
    for (const edit of edits) {
      // Inside a range that is already replaced, such as a link to a style sheet.
      if (edit.begin < at) continue;
      result += text.slice(at, edit.begin) + edit.text;
      at = edit.end;
    }
    return result + text.slice(at);
  }
}
