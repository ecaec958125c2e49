const encoder = new TextEncoder();
/** Up to this length a loop over ASCII is faster than a call to the encoder (measured). */
const SHORT = 48;
/**
 * Size of the slabs that mails are written into. One allocation per mail costs more than writing it (measured: 1.3 us
 * of 7); a mail that is kept keeps its slab alive, so slabs are small.
 */
const SLAB = 64 * 1024;

/** Where mails are assembled, one after the other, each written once and handed out in place. */
export class MailBuffer {
  #slab = new Uint8Array(SLAB);
  #start = 0;
  #end = 0;

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#slab.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Appends text as UTF-8; a lone surrogate becomes U+FFFD. */
  appendText(text: string): void {
    this.#reserve(text.length * 3);
    if (text.length <= SHORT && this.#appendAscii(text)) return;
    this.#end += encoder.encodeInto(text, this.#slab.subarray(this.#end)).written;
  }

  /** Returns what was appended since the last call. */
  take(): Uint8Array {
    const bytes = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return bytes;
  }

  /** Discards what was appended since the last call of `take`, when a mail cannot be finished. */
  discard(): void {
    this.#end = this.#start;
  }

  #appendAscii(text: string): boolean {
    const slab = this.#slab;
    let at = this.#end;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      slab[at++] = code;
    }
    this.#end = at;
    return true;
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#slab.length) return;
    const begun = this.#slab.subarray(this.#start, this.#end);
    this.#slab = new Uint8Array(begun.length + more + SLAB);
    this.#slab.set(begun);
    this.#start = 0;
    this.#end = begun.length;
  }
}
