import { base64 } from "../mime/encode.ts";

const encoder = new TextEncoder();
let scratch = new Uint8Array(1024);

/** Longest encoded word, and longest line that holds one (RFC 2047, 2). */
const LONGEST_WORD = 75;
const LONGEST_LINE = 76;
/** `=?utf-8?B?` and `?=`. */
const FRAME = 12;
/** Columns for any one character: four octets in Q. */
const LEAST_ROOM = 12;

/** Each octet in Q encoding, as RFC 2047, 5 (3) allows within a phrase. */
const Q = Array.from({ length: 256 }, (_, octet) => {
  const character = String.fromCharCode(octet);
  if (character === " ") return "_";
  if (/[A-Za-z0-9!*+\/-]/.test(character)) return character;
  return `=${octet.toString(16).toUpperCase().padStart(2, "0")}`;
});

/** Returns whether a word that begins at `column` has room for any character. */
export function hasRoomForWord(column: number): boolean {
  return roomAt(column) >= LEAST_ROOM;
}

/**
 * `text` as encoded words (RFC 2047) in UTF-8, each but the first for a separate line, after one space; no character is split
 * between two words.
 *
 * The whole text is encoded, including spaces, so that a reader gets back exactly what went in. The form is the shorter of
 * B and Q. A lone surrogate becomes U+FFFD.
 *
 * @param column Where on its line the first word begins, counted from 0: {@linkcode hasRoomForWord} must be true for it.
 */
export function encodedWords(text: string, column: number): string[] {
  const octets = encode(text);
  let qLength = 0;
  for (let i = 0; i < octets.length; i++) qLength += Q[octets[i]!]!.length;
  const word = qLength <= Math.ceil(octets.length / 3) * 4 ? qWord : bWord;
  const words: string[] = [];
  let room = roomAt(column);
  for (let start = 0; start < octets.length;) {
    const { encoded, end } = word(octets, start, room);
    words.push(encoded);
    start = end;
    room = roomAt(1);
  }
  return words;
}

/** UTF-8, a view that is valid until the next call. */
function encode(text: string): Uint8Array {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 3);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}

interface Word {
  readonly encoded: string;
  /** The first octet that did not fit. */
  readonly end: number;
}

function bWord(octets: Uint8Array, start: number, room: number): Word {
  let end = Math.min(octets.length, start + Math.floor(room / 4) * 3);
  while (isWithinCharacter(octets[end])) end--;
  return { encoded: `=?utf-8?B?${base64(octets.subarray(start, end))}?=`, end };
}

function qWord(octets: Uint8Array, start: number, room: number): Word {
  let encoded = "";
  let [fitting, end] = [0, start];
  for (let i = start; encoded.length <= room; i++) {
    // Octets up to here make whole characters, and fit.
    if (!isWithinCharacter(octets[i])) [fitting, end] = [encoded.length, i];
    if (i === octets.length) break;
    encoded += Q[octets[i]!]!;
  }
  return { encoded: `=?utf-8?Q?${encoded.slice(0, fitting)}?=`, end };
}

/** An octet 10xxxxxx continues the character before it. */
function isWithinCharacter(octet: number | undefined): boolean {
  return octet !== undefined && (octet & 0xC0) === 0x80;
}

/** Columns for the text of a word that begins at `column`. */
function roomAt(column: number): number {
  return Math.min(LONGEST_WORD, LONGEST_LINE - column) - FRAME;
}
