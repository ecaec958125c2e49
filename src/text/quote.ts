import { codeNumber, UNSEEN, visible } from "./unseen.ts";

/** Maximum number of code points of a value that a message shows. */
const SHOWN = 60;

/** Names of the characters most often found in lists; others are shown by number only. */
const NAMES: Readonly<Record<number, string>> = {
  0x00: "NUL",
  0x09: "tab",
  0x0a: "line feed",
  0x0d: "carriage return",
  0x85: "next line",
  0xa0: "no-break space",
  0xad: "soft hyphen",
  0x200b: "zero-width space",
  0x200c: "zero-width non-joiner",
  0x200d: "zero-width joiner",
  0x200e: "left-to-right mark",
  0x200f: "right-to-left mark",
  0x2028: "line separator",
  0x2029: "paragraph separator",
  0x202a: "left-to-right embedding",
  0x202c: "pop directional formatting",
  0x202e: "right-to-left override",
  0x202f: "narrow no-break space",
  0x2060: "word joiner",
  0x3000: "ideographic space",
  0xfeff: "byte order mark",
};

/** Returns the first invisible character of a text other than a space, as "U+00A0 (no-break space)". */
export function unseenIn(text: string): string | undefined {
  const code = UNSEEN.exec(text)?.[0].codePointAt(0);
  if (code === undefined) return undefined;
  const name = NAMES[code];
  return name === undefined ? codeNumber(code) : `${codeNumber(code)} (${name})`;
}

/**
 * Quotes a value from a file for a message: in single quotes, cut after 60 characters, with invisible and control
 * characters written as numbers.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(quote("ann\u00a0@x.de"), "'ann<U+00A0>@x.de'");
 * ```
 */
export function quote(value: string): string {
  let shown = "";
  let count = 0;
  for (const char of value) {
    if (count++ === SHOWN) {
      shown += "…";
      break;
    }
    shown += visible(char);
  }
  return `'${shown}'`;
}

/**
 * Returns a text as a word to type in a shell: if it needs quotes, in double ones, which every shell knows, unless a
 * POSIX shell would replace something in them.
 */
export function shellWord(text: string): string {
  const shown = visible(text);
  if (/^[\w./:@%+,-]+$/.test(shown)) return shown;
  return /["$`\\!]/.test(shown) ? `'${shown.replaceAll("'", "'\\''")}'` : `"${shown}"`;
}
