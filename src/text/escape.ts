import { codeNumber } from "./unseen.ts";

/** Characters that a reader must not take for what they are, shown as escapes instead; see {@link escapeLine}. */
const CONTROLS = "\\u0000-\\u001f\\u007f-\\u009f";

/** Invisible characters that turn, hide or break text: soft hyphen, bidirectional controls (UAX #9), zero-width space, line
 * and paragraph separator, word joiner and the like, byte order mark, annotation marks, tags. ZWJ and ZWNJ are left alone:
 * emoji and names in Persian and the Indic scripts need them. */
const INVISIBLE =
  "\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}";

// With the u flag \p{Cs} matches lone surrogates only, and each match is one code point: linear for any input.
const UNSAFE = new RegExp(`[${CONTROLS}${INVISIBLE}\\p{Cs}]`, "gu");
const UNSAFE_IN_JSON = new RegExp(`[\\u007f-\\u009f${INVISIBLE}\\p{Cs}]`, "gu");

/** Longest text shown of one value, in UTF-16 units: a reply's line has 512 octets at most (RFC 5321, 4.5.3.1.5). */
const LONGEST = 600;

/**
 * Makes text from servers, cells and files safe for one line of a terminal or a log.
 *
 * ESC and every other C0 or C1 control becomes `\x1b`, tab and line ends become `\t`, `\r`, `\n`; bidirectional controls,
 * separators, lone surrogates and other invisible characters become `<U+202E>`. Text longer than `longest` ends with an
 * ellipsis. A backslash stays one, so the result is for people: it cannot be turned back.
 *
 * @param longest Most UTF-16 units of `text` to show.
 */
export function escapeLine(text: string, longest: number = LONGEST): string {
  return cut(text, longest).replace(UNSAFE, escapeCharacter);
}

/**
 * Escapes the invisible characters of a finished JSON line, C1 controls among them, as `\u202e`, which leaves its meaning as
 * it was: they can be in strings only. `JSON.stringify` has escaped C0 already.
 */
export function escapeInvisibleInJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, unitEscapes);
}

/**
 * A value as one line of JSON that can be shown on a terminal.
 *
 * @param replacer as `JSON.stringify` has it
 */
export function jsonLine(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): string {
  return `${escapeInvisibleInJson(JSON.stringify(value, replacer))}\n`;
}

/** Cuts the passwords out of URLs, for words of the user's that may hold one where none belongs. */
export function maskPasswords(text: string): string {
  return text.replaceAll(/(\w:\/+[^\s:/@]*):\S*@/g, "$1:[secret]@");
}

/** The first `longest` units of `text`, never half a surrogate pair, and an ellipsis where something is missing. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const last = text.charCodeAt(longest - 1);
  const halved = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, halved ? longest - 1 : longest)}…`;
}

function escapeCharacter(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const code = character.codePointAt(0) ?? 0;
  return code < 0xa0 ? `\\x${code.toString(16).padStart(2, "0")}` : `<${codeNumber(code)}>`;
}

function unitEscapes(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("");
}
