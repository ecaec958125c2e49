import { detectAll } from "jschardet";

/** Number of bytes examined. */
const SAMPLE = 64 * 1024;

/** Names used by the detector that the WHATWG standard, and so `TextDecoder`, does not know. */
const LABELS: Readonly<Record<string, string>> = {
  "macroman": "macintosh",
  "maccyrillic": "x-mac-cyrillic",
  "cp932": "shift_jis",
  "shift-jis-2004": "shift_jis",
  "cp949": "euc-kr",
  "euc-jis-2004": "euc-jp",
  "big5-hkscs": "big5",
  "cp874": "windows-874",
};

/** DOS encodings, which Excel still writes as "CSV (MS-DOS)" and no `TextDecoder` supports. */
const DOS = /^cp(?:437|85[0-8]|86[0-9])$/;

/** A guess counts as equally good with this share of the best one's confidence; with few bytes, a smaller share suffices. */
const AS_GOOD = 0.98;
const AS_GOOD_OF_FEW = 0.6;
/** Fewer non-ASCII bytes are hardly evidence. */
const FEW = 3;

/** A guess that cannot be verified counts only if the best of the others has less than this share of its confidence. */
const FAR_BEHIND = 0.8;

/** Below this, the detector has recognised nothing. */
const NO_CONFIDENCE = 0.01;

/** East Asian encodings; bytes in one of them are often valid in the others. */
const EAST_ASIAN = ["big5", "gb18030", "shift_jis", "euc-jp", "euc-kr"];
/** With fewer non-ASCII bytes, one East Asian encoding is preferred only by a clear lead. */
const FEW_EAST_ASIAN = 64;
const AS_GOOD_OF_EAST_ASIAN = 0.4;

const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** With fewer non-ASCII bytes, a DOS encoding is not preferred to others in which the bytes are valid. */
const FEW_OF_DOS = 16;

const SAVE_JSON = "Save the file as UTF-8, as JSON requires.";
const SAVE_AS_UTF8 = "Save the list as CSV (UTF-8)";

/**
 * Returns a hint for a file that is invalid in the encoding it was read in.
 *
 * The encodings are tried on the file's bytes. An encoding is named only if it gives plausible text; if several do so
 * equally well, they are named as candidates.
 *
 * @param bytes Part of the file, including the fault.
 * @param tried The encoding in which it was read.
 * @param isJson Whether it is JSON Lines, which is always UTF-8.
 * @returns A hint for the user.
 */
export function encodingHint(bytes: Uint8Array, tried: string, isJson = false): string {
  const sample = bytes.subarray(0, SAMPLE);
  const utf16 = unmarkedUtf16(sample).filter((encoding) => encoding !== tried);
  if (utf16.length === 1) return readsAs(utf16[0]!, isJson);
  if (sample.includes(0)) return `It may not be a text file. ${SAVE_AS_UTF8}.`;
  if (tried !== "utf-8" && decodeIfValid(sample, "utf-8") !== undefined) {
    return "The file looks like UTF-8. Omit --encoding, or use --encoding utf-8.";
  }
  if (tried === "utf-8" && isMostlyUtf8(sample)) {
    return "The rest of the file looks like UTF-8. Correct this line, which may come from another file.";
  }
  const foreign = sample.reduce((count, byte) => count + (byte < 0x80 ? 0 : 1), 0);
  const found = guesses(sample, tried);
  if (found.every(({ confidence }) => confidence < NO_CONFIDENCE)) {
    const names = EAST_ASIAN.filter((name) => name !== tried && isEastAsian(sample, name));
    if (names.length > 0) return isJson ? SAVE_JSON : tryOf(names);
  }
  return hintOf(found, foreign, isJson);
}

/** Returns whether all non-ASCII characters form words in East Asian scripts. */
function isEastAsian(sample: Uint8Array, encoding: string): boolean {
  const text = decodeIfValid(sample, encoding);
  const foreign = text?.match(/\P{ASCII}/gu) ?? [];
  return text !== undefined && foreign.length > 0 && isPlausible(text) &&
    foreign.every((char) => EAST_ASIAN_CHARACTER.test(char)) &&
    !/[A-Za-z](?=\P{ASCII})|\P{ASCII}(?=[A-Za-z])/u.test(text);
}

const EAST_ASIAN_CHARACTER =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]/u;

function tryOf(encodings: readonly string[]): string {
  return `${SAVE_AS_UTF8}, or try --encoding ${encodings.slice(0, 3).join(" or ")}.`;
}

function readsAs(encoding: string, isJson: boolean): string {
  if (isJson) {
    return `The file looks like ${encoding}, but JSON must be UTF-8. Convert it with iconv -f ${encoding} -t utf-8.`;
  }
  return `The file looks like ${encoding}. Add --encoding ${encoding}.`;
}

/** A possible encoding of the file. */
interface Guess {
  readonly encoding: string;
  /** The decoded text; undefined if there is no decoder for the encoding. */
  readonly text: string | undefined;
  readonly confidence: number;
}

/** @param foreign Number of non-ASCII bytes. */
function hintOf(found: readonly Guess[], foreign: number, isJson: boolean): string {
  const [first] = found;
  const other = isJson ? SAVE_JSON : `${SAVE_AS_UTF8}, or name its encoding with --encoding.`;
  if (first === undefined) return other;
  const readable = found.find(({ text }) => text !== undefined);
  // So few bytes are valid by chance in rarely used encodings.
  const isRival = foreign < FEW_OF_DOS
    ? found.some(({ encoding, text }) => text !== undefined && BEST_KNOWN.includes(encoding))
    : (readable?.confidence ?? 0) >= first.confidence * FAR_BEHIND;
  if (first.text === undefined && !isRival) {
    return `The file seems to be in a DOS encoding, which is not supported. ${SAVE_AS_UTF8}.`;
  }
  const asGood = asGoodOf(readable!.encoding, foreign);
  const isOfEast = EAST_ASIAN.includes(readable!.encoding);
  const equal = found.filter(({ encoding, confidence, text }) =>
    text !== undefined && confidence >= readable!.confidence * asGood &&
    (!isOfEast || EAST_ASIAN.includes(encoding))
  );
  if (equal.length === 1) return readsAs(equal[0]!.encoding, isJson);
  if (isJson) return SAVE_JSON;
  const names = equal.map(({ encoding }) => encoding)
    .sort((a, b) => isBetterKnown(a, b) ? -1 : isBetterKnown(b, a) ? 1 : 0);
  return tryOf(names);
}

function asGoodOf(best: string, foreign: number): number {
  if (foreign < FEW) return AS_GOOD_OF_FEW;
  return EAST_ASIAN.includes(best) && foreign < FEW_EAST_ASIAN ? AS_GOOD_OF_EAST_ASIAN : AS_GOOD;
}

/** Returns the encodings that give plausible text; of those that give the same text, only the best known. */
function guesses(sample: Uint8Array, tried: string): readonly Guess[] {
  const found: Guess[] = [];
  for (const { encoding: name, confidence } of detectAll(sample)) {
    if (name === null) continue;
    if (DOS.test(name)) {
      found.push({ encoding: name, text: undefined, confidence });
      continue;
    }
    const encoding = labelOf(name);
    if (encoding === undefined || encoding === tried) continue;
    const text = decodeIfValid(sample, encoding);
    if (text === undefined || !isPlausible(text)) continue;
    // All East Asian encodings contain them, but only Japanese uses them.
    if (!/jp|jis/.test(encoding) && KANA.test(text)) continue;
    const alike = found.findIndex((other) => other.text === text);
    if (alike < 0) found.push({ encoding, text, confidence });
    else if (isBetterKnown(encoding, found[alike]!.encoding)) {
      found[alike] = { ...found[alike]!, encoding };
    }
  }
  return found;
}

/** Encodings that often give the same text for a file, the best known first. */
const BEST_KNOWN = ["windows-1252", "windows-1250", "windows-1251", "macintosh", "iso-8859-15"];

function isBetterKnown(encoding: string, than: string): boolean {
  const [rank, other] = [BEST_KNOWN.indexOf(encoding), BEST_KNOWN.indexOf(than)];
  if (other >= 0) return rank >= 0 && rank < other;
  return rank >= 0 || (encoding.startsWith("windows-") && than.startsWith("iso-"));
}

function labelOf(name: string): string | undefined {
  try {
    return new TextDecoder(LABELS[name.toLowerCase()] ?? name).encoding;
  } catch {
    return undefined;
  }
}

/** Decodes the bytes; returns undefined if they are invalid. The last character may be incomplete. */
function decodeIfValid(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

const UNPRINTABLE = /[\p{Co}\p{Cn}\x80-\x9f]|(?![\t\n\r])\p{Cc}/u;

/** Scripts that are not mixed with another within a word. */
const OTHER_SCRIPT =
  "[\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Arabic}\\p{Script=Hebrew}\\p{Script=Thai}]";
const SIGN = "[\\p{Sm}\\p{So}\\p{Sk}\\p{Sc}\\p{No}\\u02b0-\\u02ff]";

/** Sequences that hardly occur in words. */
const MISREAD = new RegExp(
  [
    // A capital within a lower-case word: "RenŽ", "JÅrgen".
    "\\p{L}(?=\\P{ASCII})\\p{Lu}\\p{Ll}|\\p{Ll}(?=\\P{ASCII})\\p{Lu}",
    // A sign at or between letters: "Sjˆberg", "B½uf".
    `(?:\\p{L}|(?<![\\p{L}\\p{N}]))(?=\\P{ASCII})${SIGN}\\p{L}`,
    // The currency sign, at the place of the euro sign in ISO 8859-15; hardly used otherwise.
    "\u00a4",
    `\\p{Script=Latin}${OTHER_SCRIPT}|${OTHER_SCRIPT}\\p{Script=Latin}`,
  ].join("|"),
  "gu",
);

/** A few such words may be intended. */
const MISREAD_SHARE = 0.1;

function isPlausible(text: string): boolean {
  if (UNPRINTABLE.test(text)) return false;
  const misread = text.match(MISREAD)?.length ?? 0;
  const foreign = text.match(/\P{ASCII}/gu)?.length ?? 0;
  return misread <= MISREAD_SHARE * foreign;
}

/** Minimum share of NUL bytes in a UTF-16 list: addresses are mostly ASCII, and every other byte of ASCII is NUL. */
const NUL_SHARE = 0.2;

/** Returns the UTF-16 encodings without a byte order mark that give plausible text. */
function unmarkedUtf16(bytes: Uint8Array): readonly string[] {
  const nuls = bytes.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  if (nuls === 0 || nuls < NUL_SHARE * bytes.length) return [];
  return ["utf-16le", "utf-16be"].filter((encoding) => {
    const text = decodeIfValid(bytes, encoding);
    return text !== undefined && /[\n\r]/.test(text) && isPlausible(text);
  });
}

/** Returns whether valid non-ASCII characters far outnumber invalid bytes. */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes, { stream: true });
  const bad = text.match(/\ufffd/g)?.length ?? 0;
  const good = text.match(/(?!\ufffd)\P{ASCII}/gu)?.length ?? 0;
  return good > 3 * bad;
}
