import type { Finding } from "../finding.ts";

/** Watches the bytes of a list, and knows whether they are UTF-8. */
export class EncodingWatch {
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true });
  #isUtf8 = true;
  /** A byte is not ASCII. */
  #hasNonAscii = false;

  take(bytes: Uint8Array): void {
    this.#hasNonAscii ||= bytes.some((byte) => byte >= 0x80);
    this.#decode(bytes, true);
  }

  /** @param encoding That in which the list was read. */
  *findings(encoding: string, file: string): Generator<Finding> {
    this.#decode(new Uint8Array(), false);
    if (!this.#isUtf8 || !this.#hasNonAscii || encoding.startsWith("utf-")) return;
    yield {
      level: "warning",
      check: "list.encoding",
      what: `The list is read as ${encoding}, but all of it is valid UTF-8`,
      why:
        "Text in another encoding is hardly ever valid UTF-8 by chance: names may be garbled, as in 'MÃ¼ller'",
      fix: "Look at a mail with preview; if it is garbled, omit encoding or give --encoding utf-8",
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
