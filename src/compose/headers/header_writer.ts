import { LONGEST_LINE } from "../mime/encode.ts";
import { encodedWords, hasRoomForWord } from "./encoded_word.ts";

/** Length of a header line that RFC 5322, 2.1.1 recommends not to exceed, without CRLF. */
export const HEADER_LINE = 78;
/** The same for a line that holds an encoded word (RFC 2047, 2). */
const ENCODED_LINE = 76;

/** Returns whether the text can be in a header as it is: printable ASCII that no reader takes for an encoded word. */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text) && !text.includes("=?");
}

/**
 * A header line being written, word by word: the only place that folds (RFC 5322, 2.2.3).
 *
 * A fold replaces one space between two words, never part of a longer run of spaces, so that unfolding gives the text back
 * and no line has only white space (RFC 5322, 3.2.2: some readers take such a line for the end of the header).
 */
export class HeaderWriter {
  #text: string;
  /** Length of the current line. */
  #column: number;
  #limit = HEADER_LINE;
  #isEmpty = true;

  constructor(name: string) {
    this.#text = `${name}:`;
    this.#column = this.#text.length;
  }

  /** The header line with its CRLF. */
  get line(): string {
    return `${this.#text}\r\n`;
  }

  /**
   * Adds a space, or a fold if the word does not fit the line, and the word, which is not split. The first word stays
   * on the line of the header's name.
   *
   * @param word Printable ASCII without white space at its ends; not empty.
   */
  word(word: string): this {
    this.#separate(!this.#isEmpty && this.#column + 1 + word.length > this.#limit);
    this.#add(word);
    return this;
  }

  /**
   * Adds printable ASCII, which may be folded at single spaces. Returns false, and adds nothing, if a line would be longer than
   * RFC 5322, 2.1.1 allows.
   */
  plain(text: string): boolean {
    const start = this.#isEmpty ? this.#column + 1 : 1;
    if (start + text.length > LONGEST_LINE) {
      const words = wordsOf(text);
      if (words.some((word, index) => (index === 0 ? start : 1) + word.length > LONGEST_LINE)) {
        return false;
      }
      for (const word of words) this.word(word);
    } else if (this.#column + 1 + text.length <= this.#limit) this.word(text);
    else for (const word of wordsOf(text)) this.word(word);
    return true;
  }

  /** Adds any text, not empty, as encoded words (RFC 2047). */
  encoded(text: string): this {
    this.#separate(!hasRoomForWord(this.#column + 1));
    encodedWords(text, this.#column).forEach((word, index) => {
      if (index > 0) this.#separate(true);
      this.#add(word);
      this.#limit = ENCODED_LINE;
    });
    return this;
  }

  /** Adds unstructured text (RFC 5322, 2.2.1): as it is if possible, otherwise encoded. */
  text(text: string): this {
    if (isPlain(text) && this.plain(text)) return this;
    return this.encoded(text);
  }

  /**
   * Adds a display name (RFC 5322, 3.2.5): atoms, or a quoted string; encoded words only if necessary, as some readers
   * (Python's `email` before 3.13.2) put a space between two of them in a name.
   *
   * @param end What follows immediately; after an encoded word, with a space before it (RFC 2047, 5 (3)).
   */
  phrase(name: string, end = ""): this {
    const plain = ATOMS.test(name) ? name : quotedString(name);
    if (isPlain(name) && this.plain(plain + end)) return this;
    this.encoded(name);
    return end === "" ? this : this.word(end);
  }

  #separate(folds: boolean): void {
    this.#text += folds ? "\r\n " : " ";
    this.#column = folds ? 1 : this.#column + 1;
    if (folds) this.#limit = HEADER_LINE;
    this.#isEmpty = false;
  }

  #add(word: string): void {
    this.#text += word;
    this.#column += word.length;
  }
}

const ATOMS = /^[A-Za-z0-9!#$%&'*+\/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+\/=?^_`{|}~-]+)*$/;

/** Printable ASCII as a quoted string (RFC 5322, 3.2.4). */
export function quotedString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The words of a text, between which it may be folded. */
function wordsOf(text: string): string[] {
  return text.split(/(?<=[^ ]) (?=[^ ])/);
}

/** A header line of unstructured text, folded, with its CRLF. `text` is `headerText()`. */
export function unstructured(name: string, text: string): string {
  // Most lines are short and plain.
  const line = `${name}: ${text}\r\n`;
  if (text === "" || (line.length <= HEADER_LINE + 2 && isPlain(text))) return line;
  return new HeaderWriter(name).text(text).line;
}
