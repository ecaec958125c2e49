import { isUtf8 } from "node:buffer";

/**
 * The charset of a text file, as far as its bytes show; undefined if they do not.
 *
 * ASCII counts as UTF-8. Also undefined for bytes that are valid UTF-8 but probably something else: with NUL (UTF-16 without a byte
 * order mark) or ESC (ISO-2022-JP and its kin). The charset is then omitted, although RFC 2046, 4.1.2 makes
 * US-ASCII the default: readers guess well without one, and some fail on the `unknown-8bit` of RFC 1428.
 */
export function charsetOf(bytes: Uint8Array): "utf-8" | "utf-16" | undefined {
  if (hasUtf16Mark(bytes)) return "utf-16";
  return isUtf8(bytes) && !bytes.includes(0) && !bytes.includes(0x1B) ? "utf-8" : undefined;
}

/** RFC 2781, 3.2: the mark also gives the order. `FF FE 00 00` is UTF-32. */
function hasUtf16Mark([first, second, third, fourth]: Uint8Array): boolean {
  if (first === 0xFF && second === 0xFE) return third !== 0 || fourth !== 0;
  return first === 0xFE && second === 0xFF;
}
