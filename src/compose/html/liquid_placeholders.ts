import { Tokenizer, TokenKind } from "liquidjs";
import { DIVIDERS } from "./document/constructs.ts";
import type { TemplateSource } from "../template/template.ts";

/** A Liquid construct taken out of a text: `{{ … }}` or `{% … %}`. */
interface Placeholder {
  text: string;
  readonly isTag: boolean;
}

/** Tags that put out nothing themselves; the output of others ends its own line. */
const CONTROL = /^\{%-?(?!\s*(?:include|render|echo|cycle)\b)/;

/** Tags that continue to their `end…`. */
const BLOCKS = ["if", "unless", "case", "for", "tablerow", "capture", "comment", "raw", "block"];

/** Tags that affect what is rendered after them. */
const EFFECT =
  /^\{%-?\s*(?!(?:if|elsif|else|unless|case|when|for|break|continue|comment|raw|end\w+)\b)/;

/**
 * A text with its Liquid taken out, so that a Markdown or HTML reader can work on what is left.
 *
 * A construct becomes one word of letters and digits that no reader has a reason to touch, wherever it is: in text,
 * in a link's target, in an attribute.
 */
export class LiquidPlaceholders {
  /** The text with words for the constructs. */
  readonly text: string;
  readonly #taken: Placeholder[] = [];
  readonly #word: string;
  /** Finds the words; the first group is the construct's number. */
  readonly words: RegExp;

  /** @throws What liquidjs throws for a construct that is not closed. */
  constructor(source: TemplateSource) {
    this.#word = freeWord(source.text);
    this.words = new RegExp(`${this.#word}([0-9]+)z`, "g");
    this.text = new Tokenizer(source.text, undefined, source.file).readTopLevelTokens()
      .map(({ kind, begin, end }) => {
        const text = source.text.slice(begin, end);
        const isTag = kind === TokenKind.Tag;
        return isTag || kind === TokenKind.Output ? this.#take({ text, isTag }) : text;
      }).join("");
  }

  /** The construct of a word is a tag, `{% … %}`. */
  isTag(index: number): boolean {
    return this.#taken[index]!.isTag;
  }

  /** Returns whether every block of `text` is closed within it, and no tag closes or divides a block from outside. */
  hasWholeTags(text: string): boolean {
    const open: string[] = [];
    for (const [, index] of text.matchAll(this.words)) {
      const name = /^\{%-?\s*(\w+)/.exec(this.#taken[Number(index)]!.text)?.[1] ?? "";
      if (BLOCKS.includes(name)) open.push(name);
      else if (DIVIDERS.includes(name) && open.length === 0) return false;
      else if (name.startsWith("end") && open.pop() !== name.slice("end".length)) return false;
    }
    return open.length === 0;
  }

  /** A word for the output of another word with one more filter, after which nothing is escaped. */
  withFilter(index: number, filter: string): string {
    const { text } = this.#taken[index]!;
    const [, output = text, end = "}}"] = /^([^]*?)\s*(-?\}\})$/.exec(text) ?? [];
    return this.#take({ text: `${output} | ${filter} ${end}`, isTag: false });
  }

  /** Puts the constructs back. */
  restore(text: string): string {
    return text.replace(this.words, (_, index) => this.#taken[index]!.text);
  }

  /** `text` without the blank lines that a line of only tags would leave behind. */
  joinTagLines(text: string): string {
    const lines = text.split("\n");
    return lines
      .map((line, index) => {
        if (this.#isTags(line)) return line.trim();
        const isAfterTags = line === "" && index > 0 && this.#isTags(lines[index - 1]!, CONTROL);
        return isAfterTags || index === lines.length - 1 ? line : `${line}\n`;
      })
      .join("");
  }

  hasTags(text: string): boolean {
    return this.#tagsOf(text).length > 0;
  }

  /**
   * Returns whether `text` still has all tags, each once and in order; outputs may be missing, and tags of omitted ranges if they
   * have no effect outside.
   */
  hasAllTags(text: string, left: readonly string[]): boolean {
    const isLeft = left.every((stretch) =>
      this.hasWholeTags(stretch) &&
      this.#tagsOf(stretch).every((index) => !EFFECT.test(this.#taken[index]!.text))
    );
    const without = new Set(left.flatMap((stretch) => this.#tagsOf(stretch)));
    const all = [...this.#taken.keys()].filter((index) => this.isTag(index) && !without.has(index));
    return isLeft && String(this.#tagsOf(text)) === String(all);
  }

  #tagsOf(text: string): number[] {
    return Array.from(text.matchAll(this.words), ([, index]) => Number(index))
      .filter((index) => this.isTag(index));
  }

  #take(taken: Placeholder): string {
    this.#taken.push(taken);
    return `${this.#word}${this.#taken.length - 1}z`;
  }

  /** Returns whether the line has only tags of a kind. */
  #isTags(line: string, kind = /^/): boolean {
    const isOne = ({ isTag, text }: Placeholder): boolean => isTag && kind.test(text);
    return line.trim() !== "" &&
      line.replace(this.words, (word, index) => isOne(this.#taken[index]!) ? "" : word).trim() ===
        "";
  }
}

/** A word that does not occur in `text`. */
export function freeWord(text: string): string {
  let word = "xlq";
  while (text.includes(word)) word += "q";
  return word;
}
