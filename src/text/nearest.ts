/** Longer names are not compared: they are hardly ever typed by hand, and the cost grows with the square of the length. */
const LONGEST = 64;

/**
 * Returns the name that was probably meant: at most a third of its letters differ by insertion, deletion, substitution
 * or transposition of two neighbours (optimal string alignment). Case, `-`, `_` and blanks are ignored.
 *
 * @returns undefined if nothing is close enough; the first of equally close names.
 */
export function nearest(found: string, names: Iterable<string>): string | undefined {
  const best = new NearestName(found);
  for (const name of names) best.offer(name);
  return best.found;
}

/** Like `nearest()`, for names that arrive one by one and are too many to keep. */
export class NearestName {
  readonly #wanted: string;
  #best: string | undefined;
  #least = Infinity;

  constructor(wanted: string) {
    this.#wanted = fold(wanted);
  }

  get found(): string | undefined {
    return this.#best;
  }

  offer(name: string): void {
    const folded = fold(name);
    const longer = Math.max(folded.length, this.#wanted.length);
    if (longer > LONGEST) return;
    // With one or two letters, a single difference makes it another name.
    const most = longer <= 2 ? 0 : Math.floor(longer / 3);
    const limit = Math.min(most, this.#least - 1);
    // Each extra letter is an insertion.
    if (Math.abs(folded.length - this.#wanted.length) > limit) return;
    const distance = distanceBetween(this.#wanted, folded);
    if (distance > limit) return;
    this.#best = name;
    this.#least = distance;
  }
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/g, "");
}

function distanceBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, beforeLast[j - 2]! + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
