/** Number of precedents kept: about 1 MB. */
const MOST_PRECEDENTS = 5_000;

/** Domain and reply of refusals that were the recipient's own; the oldest ones are forgotten. */
export class Precedents {
  readonly #all = new Set<string>();

  add(precedent: string): void {
    this.#all.add(precedent);
    if (this.#all.size <= MOST_PRECEDENTS) return;
    for (const oldest of this.#all) return void this.#all.delete(oldest);
  }

  has(precedent: string): boolean {
    return this.#all.has(precedent);
  }
}

/** Returns what refusals in one domain for the same reason have in common. */
export function precedentOf(
  { domain, likeness }: { readonly domain: string; readonly likeness: string },
): string {
  return `${domain} ${likeness}`;
}
