import type { Recipient } from "../model/recipient.ts";

/** A recipient and its place in the list. */
export interface Sampled {
  /** Of the row, counted from 1 without the header. */
  readonly number: number;
  readonly entry: Recipient;
}

/** The row with the highest score so far. */
interface Record {
  readonly row: Sampled;
  readonly score: readonly number[];
}

/**
 * Picks rows that test a template well, in one pass and in memory that depends only on the size of the sample. The same list
 * gives the same sample.
 *
 * Up to half of them are the extremes: the longest row, the emptiest one (most blank cells, then the shortest), and the longest
 * value of each column, the longest first. The others are spread evenly over the list, first and last row included.
 */
export class Sample {
  readonly #size: number;
  /** Every `#stride`-th row: between `#size` and twice as many, where the list has enough. */
  #spread: Sampled[] = [];
  #stride = 1;
  #count = 0;
  #last: Sampled | undefined;
  #longest: Record | undefined;
  #emptiest: Record | undefined;
  readonly #longestOf: (Record | undefined)[] = [];

  /** @param size How many rows, 1 or more. */
  constructor(size: number) {
    this.#size = size;
  }

  add(row: Sampled): void {
    this.#addToSpread(row);
    let [length, blank] = [0, 0];
    row.entry.fields.forEach((field, column) => {
      length += field.length;
      if (!/\S/.test(field)) blank++;
      this.#longestOf[column] = higher(this.#longestOf[column], row, [field.length]);
    });
    this.#longest = higher(this.#longest, row, [length]);
    this.#emptiest = higher(this.#emptiest, row, [blank, -length]);
  }

  /** The sample, in the order of the list; all rows where the list has no more than that. */
  rows(): readonly Sampled[] {
    const chosen = new Map<number, Sampled>();
    const most = this.#size === 1 ? 0 : Math.ceil(this.#size / 2);
    for (const row of this.#extremes()) {
      if (chosen.size < most) chosen.set(row.number, row);
    }
    const others = [...this.#spread];
    if (this.#last !== undefined && others.at(-1) !== this.#last) others.push(this.#last);
    const left = others.filter(({ number }) => !chosen.has(number));
    for (const row of evenly(left, this.#size - chosen.size)) chosen.set(row.number, row);
    return [...chosen.values()].sort((a, b) => a.number - b.number);
  }

  #addToSpread(row: Sampled): void {
    if (this.#count++ % this.#stride === 0) this.#spread.push(row);
    this.#last = row;
    if (this.#spread.length <= 2 * this.#size) return;
    this.#spread = this.#spread.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  /** The most interesting rows first; a row can appear more than once. */
  #extremes(): Sampled[] {
    const ofColumns = this.#longestOf.filter((record) => record !== undefined)
      .sort((a, b) => b.score[0]! - a.score[0]!);
    return [this.#longest, this.#emptiest, ...ofColumns].flatMap((record) => record?.row ?? []);
  }
}

/** The higher of the two; on a tie, the first. */
function higher(best: Record | undefined, row: Sampled, score: readonly number[]): Record {
  if (best === undefined) return { row, score };
  for (const [index, value] of score.entries()) {
    const difference = value - best.score[index]!;
    if (difference !== 0) return difference > 0 ? { row, score } : best;
  }
  return best;
}

/** `count` items at equal distances, including the first and the last where `count` allows. */
function evenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  const step = count === 1 ? 0 : (items.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => items[Math.round(index * step)]!);
}
