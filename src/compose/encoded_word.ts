import { base64, hexOf } from "./encode.ts";

const encoder = new TextEncoder();
/** Longest encoded word, and longest line that holds one (RFC 2047, 2). */
const LONGEST_WORD = 75;
const LONGEST_LINE = 76;
/** `=?utf-8?B?` and `?=`. */
const FRAME = 12;
/** Room for any one character: four octets in Q. */
const LEAST_ROOM = 12;

/**
 * `text` as encoded words (RFC 2047), folded with CRLF; no character is split between two words.
 *
 * The whole text is encoded, spaces too, so that a reader gets back exactly what went in. The form is the shorter of
 * B and Q, and Q uses only what RFC 2047, 5 (3) allows within a phrase.
 *
 * @param column Where on its line the first word begins, counted from 0.
 */
export function encodedWords(text: string, column: number): string {
  const characters = Array.from(text.toWellFormed());
  const quoted = characters.map(quotedCharacter);
  const quotedLength = quoted.reduce((sum, piece) => sum + piece.length, 0);
  const octets = encoder.encode(text).length;
  const words = quotedLength <= Math.ceil(octets / 3) * 4
    ? fill(quoted, column, (width) => width, (piece) => piece.length)
      .map((pieces) => `=?utf-8?Q?${pieces}?=`)
    : fill(characters, column, (width) => Math.floor(width / 4) * 3, octetsOf)
      .map((pieces) => `=?utf-8?B?${base64(encoder.encode(pieces))}?=`);
  const startsOnNextLine = roomAt(column) < LEAST_ROOM;
  return (startsOnNextLine ? "\r\n " : "") + words.join("\r\n ");
}

/**
 * Shares the pieces out among words.
 *
 * @param room What a word holds that may fill so many columns, in the unit of `size`.
 */
function fill(
  pieces: readonly string[],
  column: number,
  room: (width: number) => number,
  size: (piece: string) => number,
): string[] {
  const words: string[] = [];
  let current = "";
  let left = room(roomAt(column) < LEAST_ROOM ? roomAt(1) : roomAt(column));
  for (const piece of pieces) {
    if (size(piece) > left) {
      words.push(current);
      current = "";
      left = room(roomAt(1));
    }
    current += piece;
    left -= size(piece);
  }
  return [...words, current];
}

/** Columns for the text of a word that begins at `column`. */
function roomAt(column: number): number {
  return Math.min(LONGEST_WORD, LONGEST_LINE - column) - FRAME;
}

function quotedCharacter(character: string): string {
  if (character === " ") return "_";
  return /^[A-Za-z0-9!*+\/-]$/.test(character) ? character : hexOf(character.codePointAt(0)!);
}

function octetsOf(character: string): number {
  const code = character.codePointAt(0)!;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
