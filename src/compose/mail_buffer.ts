const encoder = new TextEncoder();
/** Up to this length a loop over ASCII is quicker than a call into the encoder (measured: about 50). */
const SHORT = 48;

/** Where mails are put together, one after the other: grows to the largest and is used again. */
export class MailBuffer {
  #bytes = new Uint8Array(16 * 1024);
  #length = 0;

  /** Begins a new mail. */
  clear(): void {
    this.#length = 0;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends text as UTF-8; a lone surrogate becomes U+FFFD. */
  appendText(text: string): void {
    this.#reserve(text.length * 3);
    if (text.length <= SHORT && this.#appendAscii(text)) return;
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#length));
    this.#length += written;
  }

  /** A copy of what was appended. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #appendAscii(text: string): boolean {
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      bytes[at++] = code;
    }
    this.#length = at;
    return true;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
