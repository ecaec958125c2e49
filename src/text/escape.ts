import { codeNumber } from "./unseen.ts";

/** Control characters, which are shown as escapes; see {@link escapeLine}. */
const CONTROLS = "\\u0000-\\u001f\\u007f-\\u009f";

/**
 * Invisible characters that reorder, hide or break text: soft hyphen, bidirectional controls (UAX #9), zero-width space, line
 * and paragraph separator, word joiner and the like, byte order mark, annotation marks, tags. ZWJ and ZWNJ are left alone:
 * emoji and names in Persian and the Indic scripts need them. */
const INVISIBLE =
  "\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}";

// With the u flag \p{Cs} matches lone surrogates only, and each match is one code point: linear for any input.
const UNSAFE = new RegExp(`[${CONTROLS}${INVISIBLE}\\p{Cs}]`, "gu");
const UNSAFE_IN_JSON = new RegExp(`[\\u007f-\\u009f${INVISIBLE}\\p{Cs}]`, "gu");

/** Most UTF-16 units shown of one value; a reply line has at most 512 octets (RFC 5321, 4.5.3.1.5). */
const LONGEST = 600;

/**
 * Makes text from servers, cells and files safe for one line of a terminal or a log.
 *
 * ESC and every other C0 or C1 control becomes `\x1b`, tab and line ends become `\t`, `\r`, `\n`; bidirectional
 * controls, separators, lone surrogates and other invisible characters become `<U+202E>`. Text longer than `longest`
 * ends with an ellipsis. Backslashes are not escaped, so the result is for people only: it cannot be unescaped.
 *
 * @param longest Most UTF-16 units of `text` to show.
 */
export function escapeLine(text: string, longest: number = LONGEST): string {
  return cut(text, longest).replace(UNSAFE, escapeCharacter);
}

/**
 * Escapes the invisible characters of a finished JSON line, including C1 controls, as in `\u202e`. The meaning stays
 * the same, because they can occur only in strings. `JSON.stringify` has already escaped C0.
 */
export function escapeInvisibleInJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, unitEscapes);
}

/**
 * Formats a value as one line of JSON that is safe to show on a terminal.
 *
 * @param replacer as for `JSON.stringify`
 */
export function jsonLine(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): string {
  return `${escapeInvisibleInJson(JSON.stringify(value, replacer))}\n`;
}

/** Masks passwords in URLs, for user input that may hold one where none belongs. */
export function maskPasswords(text: string): string {
  return text.replaceAll(/(\w:\/+[^\s:/@]*):\S*@/g, "$1:[secret]@");
}

/** Truncates `text` to `longest` units and adds an ellipsis; never splits a surrogate pair. */
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
