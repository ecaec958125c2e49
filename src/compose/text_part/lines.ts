/** The prefix of the lines of a quote or a list item. */
interface Margin {
  /** Before its first line. */
  readonly first: string;
  /** Before the others. */
  readonly rest: string;
  isUsed: boolean;
}

/** Nested quotes that are shown as such: lines must not grow with the depth of the HTML. */
const MOST_MARGINS = 20;
/** Consecutive line ends: two blank lines. */
const MOST_BREAKS = 3;

/** Text assembled from HTML: words flow into lines, blocks end them, quotes and lists indent them. */
export class TextLines {
  readonly #done: string[] = [];
  readonly #margins: Margin[] = [];
  /** The line that is being written, without its margin; undefined: none is. */
  #line: string | undefined;
  #margin = "";
  /** The margins of the last line. */
  #within: readonly Margin[] = [];
  #breaks = 0;
  #isApart = false;

  /** Adds text in which white space only separates words. */
  flow(text: string): void {
    const flowing = text.replace(PADDING, " ").replace(SPACES, " ");
    const words = flowing.trim();
    if (flowing.startsWith(" ")) this.separate();
    const shown = this.#line === undefined ? words.replace(LEADING, "") : words;
    if (shown === "") return;
    this.#open();
    this.#line += this.#isApart && this.#line !== "" ? ` ${shown}` : shown;
    this.#isApart = flowing.endsWith(" ");
  }

  /** Adds text in which every space and line end counts. */
  keep(text: string): void {
    text.split(/\r\n?|\n/).forEach((line, index) => {
      if (index > 0) this.break();
      if (line === "") return;
      this.#open();
      this.#line += line;
    });
  }

  /** What follows on the same line is another word. */
  separate(): void {
    this.#isApart = true;
  }

  /** Ends the line; leaves an empty one if none was begun. */
  break(): void {
    const isEmpty = this.#line === undefined;
    this.#close();
    if (this.#done.length > 0) {
      this.#breaks = Math.min(MOST_BREAKS, isEmpty ? this.#breaks + 1 : Math.max(1, this.#breaks));
    }
  }

  /** Begins or ends a block: at least so many line ends separate it from what follows. */
  block(breaks: number): void {
    this.#close();
    const isItemStart = this.#margins.at(-1)?.isUsed === false;
    this.#breaks = Math.max(this.#breaks, isItemStart ? 1 : breaks);
  }

  /** Begins an indented or quoted block. */
  indent(first: string, rest: string): void {
    this.#margins.push({ first, rest, isUsed: false });
  }

  /** Ends it; so many line ends separate it from what follows. */
  outdent(breaks: number): void {
    this.#close();
    this.#margins.pop();
    this.#breaks = breaks;
  }

  /** The whole text, with a final line end. */
  toString(): string {
    this.#close();
    return this.#done.join("\n") + "\n";
  }

  #open(): void {
    if (this.#line !== undefined) return;
    const margins = this.#margins.slice(0, MOST_MARGINS);
    if (this.#done.length > 0) {
      const shared = margins.filter((margin, at) => margin === this.#within[at] && margin.isUsed);
      const blank = shared.map(({ rest }) => rest).join("").trimEnd();
      for (let count = 1; count < this.#breaks; count++) this.#done.push(blank);
    }
    this.#margin = "";
    for (const margin of margins) {
      this.#margin += margin.isUsed ? margin.rest : margin.first;
      margin.isUsed = true;
    }
    this.#within = margins;
    this.#line = "";
    this.#breaks = 0;
    this.#isApart = false;
  }

  #close(): void {
    this.#isApart = false;
    if (this.#line === undefined) return;
    this.#done.push(this.#margin + this.#line.replace(TRAILING, ""));
    this.#line = undefined;
  }
}

/** White space that HTML collapses. */
const SPACES = /[ \t\r\n\f]+/g;
/** Keeps a mail program from showing the body's first words beside the subject, or a table cell from being empty. */
const INVISIBLE = "\\u034F\\u200B-\\u200F\\u2060\\uFEFF\\u00AD";
const BLANK = " \\t\\r\\n\\f\\u00A0\\u2007";
const PADDING = new RegExp(`[${INVISIBLE}](?:[${BLANK}]*[${INVISIBLE}]){2,}[${BLANK}]*`, "g");
const LEADING = new RegExp(`^[${BLANK}${INVISIBLE}]+`);
/** Looks back from the end, so that it takes linear time. */
const TRAILING = new RegExp(`(?<![${BLANK}])[${BLANK}]+$`);
