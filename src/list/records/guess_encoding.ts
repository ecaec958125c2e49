import { detectAll } from "jschardet";

/** Bytes that are looked at. */
const SAMPLE = 64 * 1024;

/** Names of the detector that the WHATWG standard, and so `TextDecoder`, does not have. */
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

/** Legacy encodings of DOS, which Excel still writes as "CSV (MS-DOS)", and no `TextDecoder` reads. */
const DOS = /^cp(?:437|85[0-8]|86[0-9])$/;

/** Two guesses are as good as each other where the lesser has this share of the better one's confidence; of few bytes, a smaller share. */
const AS_GOOD = 0.98;
const AS_GOOD_OF_FEW = 0.6;
/** Fewer bytes beyond ASCII are hardly evidence. */
const FEW = 3;

/** A guess that cannot be tried counts only where the best of the others has less than this share of its confidence. */
const FAR_BEHIND = 0.8;

/** Below it, the detector has seen nothing it knows. */
const NO_CONFIDENCE = 0.01;

/** Encodings of the scripts of East Asia, under which each other's bytes often read. */
const EAST_ASIAN = ["big5", "gb18030", "shift_jis", "euc-jp", "euc-kr"];
/** Of fewer bytes beyond ASCII, East Asian encodings are told apart only by a clear lead. */
const FEW_EAST_ASIAN = 64;
const AS_GOOD_OF_EAST_ASIAN = 0.4;

const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Of so few bytes beyond ASCII, an encoding of DOS is not told from others in which they read. */
const FEW_OF_DOS = 16;

const SAVE_JSON = "Save the file as UTF-8, as JSON requires";
const SAVE_AS_UTF8 = "Save the list as CSV (UTF-8)";

/**
 * What to do about a file that is no text in the encoding it was read in.
 *
 * The encodings are tried on the file's own bytes. Only one under which they read plausibly is named; where several do so equally, they are
 * named as what can be tried.
 *
 * @param bytes Of the file, the place of the fault included.
 * @param tried The encoding in which it was read.
 * @param isJson It is JSON Lines, for which no encoding can be named.
 * @returns A hint for the user, without a final period.
 */
export function encodingHint(bytes: Uint8Array, tried: string, isJson = false): string {
  const sample = bytes.subarray(0, SAMPLE);
  const utf16 = unmarkedUtf16(sample).filter((encoding) => encoding !== tried);
  if (utf16.length === 1) return readsAs(utf16[0]!, isJson);
  if (sample.includes(0)) return `It may not be a text file. ${SAVE_AS_UTF8}`;
  if (tried !== "utf-8" && decodeIfValid(sample, "utf-8") !== undefined) {
    return "The file looks like UTF-8: omit --encoding, or use --encoding utf-8";
  }
  if (tried === "utf-8" && isMostlyUtf8(sample)) {
    return "The rest of the file looks like UTF-8: correct this line, which may come from another file";
  }
  const foreign = sample.reduce((count, byte) => count + (byte < 0x80 ? 0 : 1), 0);
  const found = guesses(sample, tried);
  if (found.every(({ confidence }) => confidence < NO_CONFIDENCE)) {
    const names = EAST_ASIAN.filter((name) => name !== tried && isEastAsian(sample, name));
    if (names.length > 0) return isJson ? SAVE_JSON : tryOf(names);
  }
  return hintOf(found, foreign, isJson);
}

/** Returns whether all beyond ASCII reads as words of East Asian scripts. */
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
  return `${SAVE_AS_UTF8}, or try --encoding ${encodings.slice(0, 3).join(" or ")}`;
}

function readsAs(encoding: string, isJson: boolean): string {
  if (isJson) {
    return `The file looks like ${encoding}, but JSON is UTF-8: convert it with iconv -f ${encoding} -t utf-8`;
  }
  return `The file looks like ${encoding}: add --encoding ${encoding}`;
}

/** What the file may be written in, the likelier first. */
interface Guess {
  readonly encoding: string;
  /** undefined: nothing here can decode it. */
  readonly text: string | undefined;
  readonly confidence: number;
}

/** @param foreign How many bytes are beyond ASCII. */
function hintOf(found: readonly Guess[], foreign: number, isJson: boolean): string {
  const [first] = found;
  const other = isJson ? SAVE_JSON : `${SAVE_AS_UTF8}, or name its encoding with --encoding`;
  if (first === undefined) return other;
  const readable = found.find(({ text }) => text !== undefined);
  // As few bytes read by chance in encodings that hardly anybody uses.
  const isRival = foreign < FEW_OF_DOS
    ? found.some(({ encoding, text }) => text !== undefined && BEST_KNOWN.includes(encoding))
    : (readable?.confidence ?? 0) >= first.confidence * FAR_BEHIND;
  if (first.text === undefined && !isRival) {
    return `The file seems to be in a DOS encoding, which is not supported. ${SAVE_AS_UTF8}`;
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

/** Encodings under which the bytes read plausibly; of those that read alike, the best known. */
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
    // All of East Asia's have them, but only Japanese writes them.
    if (!/jp|jis/.test(encoding) && KANA.test(text)) continue;
    const alike = found.findIndex((other) => other.text === text);
    if (alike < 0) found.push({ encoding, text, confidence });
    else if (isBetterKnown(encoding, found[alike]!.encoding)) {
      found[alike] = { ...found[alike]!, encoding };
    }
  }
  return found;
}

/** Encodings of which several often read the same in a file, the best known first. */
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

/** The text; undefined where the bytes are none. The last character may be cut off. */
function decodeIfValid(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

const UNPRINTABLE = /[\p{Co}\p{Cn}\x80-\x9f]|(?![\t\n\r])\p{Cc}/u;

/** Scripts that share no word with another. */
const OTHER_SCRIPT =
  "[\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Arabic}\\p{Script=Hebrew}\\p{Script=Thai}]";
const SIGN = "[\\p{Sm}\\p{So}\\p{Sk}\\p{Sc}\\p{No}\\u02b0-\\u02ff]";

/** What hardly a word has in it. */
const MISREAD = new RegExp(
  [
    // A capital within a word in small letters: "RenŽ", "JÅrgen".
    "\\p{L}(?=\\P{ASCII})\\p{Lu}\\p{Ll}|\\p{Ll}(?=\\P{ASCII})\\p{Lu}",
    // A sign at or between letters: "Sjˆberg", "B½uf".
    `(?:\\p{L}|(?<![\\p{L}\\p{N}]))(?=\\P{ASCII})${SIGN}\\p{L}`,
    // Where ISO 8859-15 has the euro sign; nobody writes it.
    "\u00a4",
    `\\p{Script=Latin}${OTHER_SCRIPT}|${OTHER_SCRIPT}\\p{Script=Latin}`,
  ].join("|"),
  "gu",
);

/** A few such words may well be meant. */
const MISREAD_SHARE = 0.1;

function isPlausible(text: string): boolean {
  if (UNPRINTABLE.test(text)) return false;
  const misread = text.match(MISREAD)?.length ?? 0;
  const foreign = text.match(/\P{ASCII}/gu)?.length ?? 0;
  return misread <= MISREAD_SHARE * foreign;
}

/** Of all bytes at least so many are NULs in a list in UTF-16: the half of each ASCII character, as addresses are made of. */
const NUL_SHARE = 0.2;

/** UTF-16 without a byte order mark: the one in which the bytes read plausibly. */
function unmarkedUtf16(bytes: Uint8Array): readonly string[] {
  const nuls = bytes.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  if (nuls === 0 || nuls < NUL_SHARE * bytes.length) return [];
  return ["utf-16le", "utf-16be"].filter((encoding) => {
    const text = decodeIfValid(bytes, encoding);
    return text !== undefined && /[\n\r]/.test(text) && isPlausible(text);
  });
}

/** Returns whether characters of UTF-8 beyond ASCII are far more than bytes that are none. */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes, { stream: true });
  const bad = text.match(/\ufffd/g)?.length ?? 0;
  const good = text.match(/(?!\ufffd)\P{ASCII}/gu)?.length ?? 0;
  return good > 3 * bad;
}
