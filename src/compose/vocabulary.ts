import type { Columns } from "../produce/recipient.ts";
import { nearest } from "../report/nearest.ts";

/** What Liquid sees while one part of one mail is rendered. Made anew for each, as `increment` writes into it. */
export type Scope = Record<string, unknown>;

/** Names that every template may use besides the columns. A column of the same name wins, except over `row`. */
export interface Givens {
  readonly campaign: string;
}

/**
 * The names a template may use: each column as it stands and in snake_case, `row` with all of them, and the givens.
 *
 * An exact name wins over a snake_case one; a snake_case name that two columns share names neither.
 */
export class Vocabulary {
  readonly columns: Columns;
  readonly #givens: Givens;
  /** Names that stand for a column, to its index. */
  readonly #names = new Map<string, number>();

  constructor(columns: Columns, givens: Givens) {
    this.columns = columns;
    this.#givens = givens;
    for (
      const [snake, indexes] of Map.groupBy(
        columns.names.keys(),
        (i) => snakeCase(columns.names[i]!),
      )
    ) {
      if (indexes.length === 1 && snake !== "row") this.#names.set(snake, indexes[0]!);
    }
    columns.names.forEach((name, index) => {
      if (name !== "row") this.#names.set(name, index);
    });
  }

  /** The column that a path such as `["Name"]` or `["row", "First Name"]` leads to. */
  column(path: readonly unknown[]): number | undefined {
    const [root, property] = path;
    if (root !== "row") return typeof root === "string" ? this.#names.get(root) : undefined;
    const index = typeof property === "string" ? this.columns.names.indexOf(property) : -1;
    return index < 0 ? undefined : index;
  }

  /** The path leads to a value: a column, a given, or the size, first or last of one (cells are text). */
  knows(path: readonly unknown[]): boolean {
    const [root, ...rest] = path;
    if (typeof root !== "string") return false;
    if (root === "row") {
      const [property, ...further] = rest;
      if (property === undefined) return false;
      return typeof property === "string"
        ? this.column(path) !== undefined && isOfText(further)
        : isOfText(further); // row[variable]: known only when the mail is rendered
    }
    return (this.#names.has(root) || Object.hasOwn(this.#givens, root)) && isOfText(rest);
  }

  /** The known name most like `path`, as a template writes it. */
  nearest(path: readonly unknown[]): string | undefined {
    const [root, property] = path;
    const columns = this.columns.names;
    if (root === "row" && typeof property === "string") {
      const name = nearest(property, columns);
      return name === undefined ? undefined : `row["${name}"]`;
    }
    // Names as the file has them come first: of equally near names, the first is suggested.
    const names = [...columns, ...this.#names.keys(), ...Object.keys(this.#givens)];
    return nearest(String(root), names.filter(isIdentifier));
  }

  /**
   * The scope for one row, with the names that a template uses. Without prototype, so that a column `__proto__` or
   * `constructor` is data like any other.
   */
  scope(fields: readonly string[], names: Iterable<string>): Scope {
    const scope: Scope = Object.create(null);
    for (const name of names) {
      const column = this.#names.get(name);
      if (name === "row") scope.row = this.#row(fields);
      else {scope[name] = column === undefined
          ? this.#givens[name as keyof Givens]
          : fields[column] ?? "";}
    }
    return scope;
  }

  #row(fields: readonly string[]): Scope {
    const row: Scope = Object.create(null);
    this.columns.names.forEach((name, index) => row[name] = fields[index] ?? "");
    return row;
  }
}

/** `First Name`, `firstName` and `FIRST-NAME` all are `first_name`. */
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
