/** What happened in a simulated world: always as a fingerprint, and line by line on request. */
export class History {
  readonly lines: string[] = [];
  readonly #kept: boolean;
  #a = 0x811c9dc5;
  #b = 0x01000193;

  /** @param kept Keep the lines, to be read. */
  constructor(kept = false) {
    this.#kept = kept;
  }

  note(at: number, what: string): void {
    const line = `${at.toFixed(2)} ${what}`;
    if (this.#kept) this.lines.push(line);
    let [a, b] = [this.#a, this.#b];
    for (let place = 0; place < line.length; place++) {
      const unit = line.charCodeAt(place);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul(b ^ unit, 0x85ebca6b);
    }
    this.#a = a;
    this.#b = b ^ (b >>> 13);
  }

  /** The same for the same history. */
  get fingerprint(): string {
    return [this.#a, this.#b].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
