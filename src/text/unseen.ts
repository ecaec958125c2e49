/** Controls, format characters, separators other than the space, lone surrogates, unassigned and private code points. */
export const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

const ALL_UNSEEN = new RegExp(UNSEEN, "gu");

/** Formats a code point in Unicode notation: "U+200B". */
export function codeNumber(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Replaces each invisible character by its number: "Na<U+200B>me". */
export function visible(text: string): string {
  return text.replace(ALL_UNSEEN, (char) => `<${codeNumber(char.codePointAt(0) ?? 0)}>`);
}

/** Returns a name as it looks: without invisible characters, and with plain spaces. */
export function asSeen(name: string): string {
  return name.replace(/\p{Z}/gu, " ").replace(/[\p{Cc}\p{Cf}]/gu, "").trim();
}
