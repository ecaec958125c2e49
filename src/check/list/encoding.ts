import type { Finding } from "../finding.ts";

/** Sees the bytes of a list go by, and knows whether they are UTF-8. */
export class EncodingWatch {
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true });
  #isUtf8 = true;
  /** There is text beyond ASCII. */
  #isForeign = false;

  take(bytes: Uint8Array): void {
    this.#isForeign ||= bytes.some((byte) => byte >= 0x80);
    this.#decode(bytes, true);
  }

  /** @param encoding In which the list was read. */
  *findings(encoding: string, file: string): Generator<Finding> {
    this.#decode(new Uint8Array(), false);
    if (!this.#isUtf8 || !this.#isForeign || encoding.startsWith("utf-")) return;
    yield {
      level: "warning",
      check: "list.encoding",
      what: `The list is read as ${encoding}, and is UTF-8 throughout`,
      why:
        "text in another encoding is hardly ever UTF-8 by chance: names may be garbled, 'MÃ¼ller'",
      fix: "look at a mail with preview; if it is garbled, omit encoding or write --encoding utf-8",
      where: { file },
    };
  }

  #decode(bytes: Uint8Array, stream: boolean): void {
    if (!this.#isUtf8) return;
    try {
      this.#utf8.decode(bytes, { stream });
    } catch {
      this.#isUtf8 = false;
    }
  }
}
