/** How many are remembered: about 1 MB. */
const MOST_PRECEDENTS = 5_000;

/** Domains of which a recipient was refused for its own sake, with what was said; the oldest ones are forgotten. */
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

/** What two refusals of one domain for the same reason have in common. */
export function precedentOf(
  { domain, likeness }: { readonly domain: string; readonly likeness: string },
): string {
  return `${domain} ${likeness}`;
}
