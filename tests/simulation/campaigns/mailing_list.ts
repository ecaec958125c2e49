import type { Lots } from "./world/lots.ts";

/** A row of a list: somebody, or what names nobody. */
export interface Row {
  readonly name: string;
  readonly cell: string;
  /** As the program tells people apart; undefined: it is nobody's. */
  readonly key: string | undefined;
}

/** With this name, the template makes no mail. */
export const UNMAILABLE = "03/04/2026";

/** What such a row is told from: of both kinds there is one in so many. */
const KINDS = { unmailable: 99, nameless: 98 };

const NOBODY = ["", "not an address", "a@", "two@x.test,three@x.test", "a b@x.test"];

/** A list of recipients as a person would write and change it. */
export class MailingList {
  readonly rows: readonly Row[];
  readonly #people: { count: number };

  private constructor(rows: readonly Row[], people: { count: number }) {
    this.rows = rows;
    this.#people = people;
  }

  static draw(lots: Lots): MailingList {
    const size = lots.weighted([
      [70, lots.integer(1, 10)],
      [26, lots.integer(8, 24)],
      [3, lots.integer(60, 150)],
      [1, lots.integer(250, 400)],
    ]);
    return new MailingList([], { count: 0 }).#grown(lots, size);
  }

  /** As CSV. */
  get text(): string {
    return `Name,Email\n${this.rows.map(({ name, cell }) => `${name},"${cell}"\n`).join("")}`;
  }

  /** Everybody in it. */
  get keys(): ReadonlySet<string> {
    return new Set(this.rows.flatMap(({ key }) => key ?? []));
  }

  /** Everybody in it for whom a mail can be made. */
  get mailable(): ReadonlySet<string> {
    return new Set(
      this.rows.flatMap(({ key, name }) => key === undefined || name === UNMAILABLE ? [] : key),
    );
  }

  /** The same list after somebody has worked on it. */
  changed(lots: Lots): MailingList {
    const { rows } = this;
    switch (lots.pick(["append", "remove", "reorder", "mend"] as const)) {
      case "append":
        return this.#grown(lots, lots.integer(1, 6));
      case "remove":
        return new MailingList(rows.filter((_, at) => at > 0 && !lots.chance(0.3)), this.#people)
          .#grown(lots, 1);
      case "reorder":
        return new MailingList(lots.shuffled(rows), this.#people);
      case "mend":
        return new MailingList(rows.filter(({ key }) => key !== undefined), this.#people)
          .#grown(lots, 1);
    }
  }

  #grown(lots: Lots, count: number): MailingList {
    const rows = [...this.rows];
    for (let left = count; left > 0; left--) rows.push(this.#drawRow(lots, rows));
    return new MailingList(rows, this.#people);
  }

  #drawRow(lots: Lots, rows: readonly Row[]): Row {
    const kind = lots.weighted([[88, "new"], [6, "nobody"], [6, "again"]] as const);
    const number = lots.integer(1, 99);
    const name = number === KINDS.unmailable
      ? UNMAILABLE
      : number === KINDS.nameless && kind === "new"
      ? ""
      : `Person ${number}`;
    if (kind === "nobody") return { name, cell: lots.pick(NOBODY), key: undefined };
    const known = kind === "again" && rows.length > 0 ? lots.pick(rows) : undefined;
    if (known?.key !== undefined) return { ...known, cell: known.cell.toUpperCase() };
    const key = `p${++this.#people.count}@d${lots.integer(1, 4)}.test`;
    const cell = lots.chance(0.1) ? key.replace("p", "P") : key;
    return { name, cell, key: name === "" ? undefined : key };
  }
}
