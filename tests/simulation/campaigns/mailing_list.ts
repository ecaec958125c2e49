import type { Random } from "./world/random.ts";

/** A row of a list: a recipient, or a row without a usable address. */
export interface Row {
  readonly name: string;
  readonly cell: string;
  /** By which the program tells recipients apart; undefined: the row is no recipient. */
  readonly key: string | undefined;
}

/** The template cannot be rendered with this name, unless it is a lenient one. */
export const UNMAILABLE = "03/04/2026";

/** The numbers from 1 to 99 that stand for such a row: 98, and otherwise those from 93. */
const KINDS = { unmailable: 93, nameless: 98 };

const BAD_ADDRESSES = ["", "not an address", "a@", "two@x.test,three@x.test", "a b@x.test"];

/** A list of recipients as a person would write and change it. */
export class MailingList {
  readonly rows: readonly Row[];
  readonly #people: { count: number };

  private constructor(rows: readonly Row[], people: { count: number }) {
    this.rows = rows;
    this.#people = people;
  }

  static draw(random: Random): MailingList {
    const size = random.weighted([
      [70, random.integer(1, 10)],
      [26, random.integer(8, 24)],
      [3, random.integer(60, 150)],
      [1, random.integer(250, 400)],
    ]);
    return new MailingList([], { count: 0 }).#grown(random, size);
  }

  /** As CSV. */
  get text(): string {
    return `Name,Email\n${this.rows.map(({ name, cell }) => `${name},"${cell}"\n`).join("")}`;
  }

  /** The keys of its recipients. */
  get keys(): ReadonlySet<string> {
    return new Set(this.rows.flatMap(({ key }) => key ?? []));
  }

  /** The keys of the recipients for whom the template can be rendered. */
  get mailable(): ReadonlySet<string> {
    return new Set(
      this.rows.flatMap(({ key, name }) => key === undefined || name === UNMAILABLE ? [] : key),
    );
  }

  /** The list after somebody has edited it. */
  changed(random: Random): MailingList {
    const { rows } = this;
    switch (random.pick(["append", "remove", "reorder", "correct"] as const)) {
      case "append":
        return this.#grown(random, random.integer(1, 6));
      case "remove":
        return new MailingList(rows.filter((_, at) => at > 0 && !random.chance(0.3)), this.#people)
          .#grown(random, 1);
      case "reorder":
        return new MailingList(random.shuffled(rows), this.#people);
      case "correct":
        return new MailingList(rows.filter(({ key }) => key !== undefined), this.#people)
          .#grown(random, 1);
    }
  }

  #grown(random: Random, count: number): MailingList {
    const rows = [...this.rows];
    for (let left = count; left > 0; left--) rows.push(this.#drawRow(random, rows));
    return new MailingList(rows, this.#people);
  }

  #drawRow(random: Random, rows: readonly Row[]): Row {
    const kind = random.weighted([[88, "new"], [6, "invalid"], [6, "again"]] as const);
    const number = random.integer(1, 99);
    const name = number === KINDS.nameless
      ? (kind === "new" ? "" : `Person ${number}`)
      : number >= KINDS.unmailable
      ? UNMAILABLE
      : `Person ${number}`;
    if (kind === "invalid") return { name, cell: random.pick(BAD_ADDRESSES), key: undefined };
    const known = kind === "again" && rows.length > 0 ? random.pick(rows) : undefined;
    if (known?.key !== undefined) return { ...known, cell: known.cell.toUpperCase() };
    const key = `p${++this.#people.count}@d${random.integer(1, 4)}.test`;
    const cell = random.chance(0.1) ? key.replace("p", "P") : key;
    return { name, cell, key: name === "" ? undefined : key };
  }
}
