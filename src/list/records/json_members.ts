/** A key of an object with its value, as text. */
export interface Member {
  readonly key: string;
  readonly value: string;
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const LITERAL = /[^\s,}]+/y;

/**
 * Returns the members of a JSON object in source order, including repeated keys.
 *
 * Values become text: strings as they are, numbers and nested values as written (`1.0` stays `1.0`, a long number
 * keeps all its digits), `true` and `false` by name, `null` as the empty string.
 *
 * @returns undefined if the text is not a single JSON object (RFC 8259).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(objectMembers('{"a": 1.0, "b": null, "c": [1, 2]}'), [
 *   { key: "a", value: "1.0" },
 *   { key: "b", value: "" },
 *   { key: "c", value: "[1, 2]" },
 * ]);
 * ```
 */
export function objectMembers(text: string): readonly Member[] | undefined {
  if (!isObject(text)) return undefined;
  // From here on the text is known to be valid JSON.
  const members: Member[] = [];
  let at = skip(text, text.indexOf("{") + 1);
  while (text[at] !== "}") {
    const key = matched(STRING, text, at);
    at = skip(text, at + key.length);
    at = skip(text, at + 1);
    const raw = rawValue(text, at);
    members.push({ key: unquoted(key), value: valueText(raw) });
    at = skip(text, at + raw.length);
    if (text[at] === ",") at = skip(text, at + 1);
  }
  return members;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function rawValue(text: string, at: number): string {
  const first = text[at];
  if (first === '"') return matched(STRING, text, at);
  if (first !== "{" && first !== "[") return matched(LITERAL, text, at);
  let depth = 0;
  let end = at;
  do {
    const char = text[end];
    if (char === '"') end += matched(STRING, text, end).length - 1;
    else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    end++;
  } while (depth > 0);
  return text.slice(at, end);
}

function valueText(raw: string): string {
  if (raw.startsWith('"')) return unquoted(raw);
  return raw === "null" ? "" : raw;
}

function unquoted(string: string): string {
  return string.includes("\\") ? JSON.parse(string) as string : string.slice(1, -1);
}

function skip(text: string, at: number): number {
  let end = at;
  while (isJsonWhitespace(text.charCodeAt(end))) end++;
  return end;
}

/** RFC 8259, 2. */
function isJsonWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function matched(sticky: RegExp, text: string, at: number): string {
  sticky.lastIndex = at;
  return sticky.test(text) ? text.slice(at, sticky.lastIndex) : "";
}
