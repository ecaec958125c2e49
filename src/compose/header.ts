import { LONGEST_LINE } from "./encode.ts";
import { encodedWords } from "./encoded_word.ts";

/** Length of a header line that RFC 5322, 2.1.1 recommends not to exceed, without CRLF. */
export const HEADER_LINE = 78;

/**
 * What a value may put into a header: one line without controls, without white space at its ends.
 *
 * A line break, with the white space after it, becomes one space; so does any other control. A lone surrogate becomes
 * U+FFFD. U+FEFF, which has no width, vanishes: some readers drop it at the start of an encoded word, as a byte order mark.
 */
export function headerText(value: string): string {
  if (/^[!-~]([ -~]*[!-~])?$/.test(value)) return value;
  const line = value
    .replace(/[\r\n]+[ \t]*/g, " ")
    // deno-lint-ignore no-control-regex
    .replace(/[\0-\x1F\x7F]/g, " ")
    .replaceAll("\uFEFF", "")
    .toWellFormed();
  // Not trim(), which takes a no-break space too, and no expression for the end, which takes quadratic time.
  let [start, end] = [0, line.length];
  while (line[start] === " ") start++;
  while (end > start && line[end - 1] === " ") end--;
  return line.slice(start, end);
}

/** The text can stand in a header as it is: printable ASCII that no reader takes for an encoded word. */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text) && !text.includes("=?");
}

/** A header line of unstructured text (RFC 5322, 2.2.1), folded, with its CRLF. `text` is {@linkcode headerText}. */
export function unstructured(name: string, text: string): string {
  const start = `${name}: `;
  const plain = isPlain(text) ? foldPlain(text, start.length) : undefined;
  return `${start}${plain ?? encodedWords(text, start.length)}\r\n`;
}

/**
 * Printable ASCII, folded where a line would grow too long. Undefined where a line would still be longer than RFC 5322
 * allows.
 *
 * Folds stand at single spaces only: at a longer run white space would end or begin a line, and readers differ about
 * that.
 *
 * @param column Where on its line the text begins, counted from 0.
 */
export function foldPlain(text: string, column: number): string | undefined {
  if (column + text.length <= HEADER_LINE) return text;
  let out = "";
  for (const word of text.split(/(?<=[^ ]) (?=[^ ])/)) {
    const isFirst = out === "";
    const folds = !isFirst && column + 1 + word.length > HEADER_LINE;
    out += (isFirst ? "" : folds ? "\r\n " : " ") + word;
    column = folds ? 1 + word.length : column + (isFirst ? 0 : 1) + word.length;
    if (column > LONGEST_LINE) return undefined;
  }
  return out;
}

/** A structured header being written word by word, folded before a word that would not fit its line. */
export class FoldedHeader {
  text: string;
  /** Length of the current line. */
  column: number;
  #isEmpty = true;

  constructor(name: string) {
    this.text = `${name}:`;
    this.column = this.text.length;
  }

  /** Adds what follows the word before without white space. */
  append(text: string): void {
    this.text += text;
    this.column += text.length;
  }

  /** Adds a space or a fold, and a word, which may hold folds itself. */
  addWord(word: string): void {
    const end = word.indexOf("\r\n");
    const first = end < 0 ? word.length : end;
    const fits = this.#isEmpty || this.column + 1 + first <= HEADER_LINE;
    this.text += (fits ? " " : "\r\n ") + word;
    this.column = this.text.length - (this.text.lastIndexOf("\n") + 1);
    this.#isEmpty = false;
  }
}
