import { isUtf8 } from "node:buffer";

/**
 * The charset of a text file, as far as its bytes tell; undefined where they do not.
 *
 * ASCII counts as UTF-8. Undefined also for bytes that are valid UTF-8 and hardly are: with NUL (UTF-16 without a byte
 * order mark) or ESC (ISO-2022-JP and its kin). Nothing is said of them then, though RFC 2046, 4.1.2 has US-ASCII for a
 * default: readers guess well where nothing is said, and some fail at the `unknown-8bit` of RFC 1428.
 */
export function charsetOf(bytes: Uint8Array): "utf-8" | "utf-16" | undefined {
  if (hasUtf16Mark(bytes)) return "utf-16";
  return isUtf8(bytes) && !bytes.includes(0) && !bytes.includes(0x1B) ? "utf-8" : undefined;
}

/** RFC 2781, 3.2: the mark says the order, too. `FF FE 00 00` is UTF-32. */
function hasUtf16Mark([first, second, third, fourth]: Uint8Array): boolean {
  if (first === 0xFF && second === 0xFE) return third !== 0 || fourth !== 0;
  return first === 0xFE && second === 0xFF;
}
