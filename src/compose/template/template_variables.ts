import type { Columns, Recipient } from "../../model/recipient.ts";
import { isBlank } from "../../text/blank.ts";
import { nearest } from "../../text/nearest.ts";
import { asSeen } from "../../text/unseen.ts";
import { type DateSettings, DEFAULT_DATES } from "./dates/moment.ts";
import { liquidText } from "./values/cell_word.ts";

/** What Liquid sees while one part of one mail is rendered. Created for each, as `increment` writes to it. */
export type VariableScope = Record<string, unknown>;

/** The part of a recipient that a template sees. */
export type RowScope = Pick<Recipient, "fields" | "key">;

/** Names that a template may use besides the columns. A column of the same name wins, except over `row`. */
export interface Givens {
  readonly campaign: string;
  /** Defined if the campaign says how to unsubscribe. */
  readonly unsubscribe_url?: ((row: RowScope) => string) | undefined;
}

/**
 * The names a template may use: each column as written and in snake_case, `row` with all of them by name and by number
 * (from 1), and the givens.
 *
 * An exact name wins over a visible name (without invisible characters), and that over a snake_case one; a name of the latter
 * two kinds that two columns share names neither.
 */
export class TemplateVariables {
  readonly columns: Columns;
  readonly dates: DateSettings;
  readonly #givens = new Map<string, (row: RowScope) => string>();
  /** Indexes of columns by their names. */
  readonly #names = new Map<string, number>();
  readonly #asSeen = new Map<string, number>();

  /** @param dates How the list's dates are read and shown. */
  constructor(columns: Columns, givens: Partial<Givens>, dates: DateSettings = DEFAULT_DATES) {
    this.columns = columns;
    this.dates = dates;
    for (const [name, given] of Object.entries(givens)) {
      if (given === undefined) continue;
      this.#givens.set(name, typeof given === "string" ? () => given : given);
    }
    for (
      const [snake, indexes] of Map.groupBy(
        columns.names.keys(),
        (i) => snakeCase(columns.names[i]!),
      )
    ) {
      if (indexes.length === 1 && snake !== "row") this.#names.set(snake, indexes[0]!);
    }
    for (
      const [name, indexes] of Map.groupBy(columns.names.keys(), (i) => asSeen(columns.names[i]!))
    ) {
      if (indexes.length === 1) this.#asSeen.set(name, indexes[0]!);
    }
    const exact = columns.names.map((name, index) => [name, index] as const);
    for (const [name, index] of [...this.#asSeen, ...exact]) {
      if (name !== "row") this.#names.set(name, index);
    }
  }

  /** The column that a path such as `["Name"]` or `["row", "First Name"]` leads to. */
  column(path: readonly unknown[]): number | undefined {
    const [root, property] = path;
    if (root !== "row") return typeof root === "string" ? this.#names.get(root) : undefined;
    const exact = this.columns.names.indexOf(String(property));
    const index = exact >= 0 ? exact : this.#asSeen.get(String(property));
    if (index !== undefined) return index;
    const number = Number(property);
    return Number.isInteger(number) && number >= 1 && number <= this.columns.names.length
      ? number - 1
      : undefined;
  }

  /** All names but `row`. */
  get names(): readonly string[] {
    return [...new Set([...this.#names.keys(), ...this.#givens.keys()])];
  }

  /** The value of a name that is not a column's. */
  given(name: unknown): ((row: RowScope) => string) | undefined {
    return typeof name === "string" && !this.#names.has(name) ? this.#givens.get(name) : undefined;
  }

  /** Returns whether the path leads to a value: a column, a given, or the size, first or last of one (cells are text). */
  knows(path: readonly unknown[]): boolean {
    const [root, ...rest] = path;
    if (typeof root !== "string") return false;
    if (root === "row") {
      const [property, ...further] = rest;
      if (rest.length === 0) return false;
      return typeof property === "string" || typeof property === "number"
        ? this.column(path) !== undefined && isOfText(further)
        : isOfText(further); // row[variable]: known only when the mail is rendered
    }
    return (this.#names.has(root) || this.#givens.has(root)) && isOfText(rest);
  }

  /** The known name most like `path`, as a template writes it. */
  nearest(path: readonly unknown[]): string | undefined {
    const [root, property] = path;
    const columns = this.columns.names.map(asSeen);
    if (root === "row" && typeof property === "string") {
      const name = nearest(property, columns);
      return name === undefined ? undefined : `row["${name}"]`;
    }
    // Names as written in the file come first: of equally near names, the first is suggested.
    const names = [...columns, ...this.#names.keys(), ...this.#givens.keys()];
    return nearest(String(root), names.filter(isIdentifier));
  }

  /**
   * The scope for one row, with the names that a template uses. It has no prototype, so that a column `__proto__` or
   * `constructor` is ordinary data.
   */
  scope(recipient: RowScope, names: Iterable<string>): VariableScope {
    const scope: VariableScope = Object.create(null);
    for (const name of names) {
      const column = this.#names.get(name);
      if (name === "row") scope.row = this.#row(recipient.fields);
      else if (column !== undefined) scope[name] = liquidValue(recipient.fields[column]);
      else scope[name] = this.#givens.get(name)?.(recipient);
    }
    return scope;
  }

  #row(fields: readonly string[]): VariableScope {
    const row: VariableScope = Object.create(null);
    for (let number = 1; number <= this.columns.names.length; number++) {
      row[number] = liquidValue(fields[number - 1]);
    }
    for (const [name, index] of this.#asSeen) row[name] = liquidValue(fields[index]);
    this.columns.names.forEach((name, index) => row[name] = liquidValue(fields[index]));
    return row;
  }
}

function liquidValue(cell: string | undefined): unknown {
  return liquidText(cellValue(cell));
}

/** A cell as a template sees it: one without visible characters is empty. */
export function cellValue(cell: string | undefined): string {
  return cell === undefined || isBlank(cell) ? "" : cell;
}

/** `First Name`, `firstName` and `FIRST-NAME` are all `first_name`. */
export function snakeCase(name: string): string {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1_$2")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "");
}

function isIdentifier(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{M}\p{N}_-]*$/u.test(name);
}

function isOfText(properties: readonly unknown[]): boolean {
  return properties.length === 0 ||
    (properties.length === 1 && ["size", "first", "last"].includes(String(properties[0])));
}
