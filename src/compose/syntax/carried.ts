import type { Template as Node, Value } from "liquidjs";
import type { Vocabulary } from "../vocabulary.ts";
import {
  type Argument,
  expressionOf,
  nameOf,
  pathOf,
  settingsOf,
  variablesOf,
} from "./operands.ts";

type ColumnSet = ReadonlySet<number>;
const NONE: ColumnSet = new Set();

/** Names that a template sets, each with the columns without which there is nothing in it. */
export class Carried {
  readonly #vocabulary: Vocabulary;
  readonly #names: Map<string, ColumnSet>;

  constructor(vocabulary: Vocabulary, names: Iterable<readonly [string, ColumnSet]> = []) {
    this.#vocabulary = vocabulary;
    this.#names = new Map(names);
  }

  /** Columns that may not be empty where this is put out: none where it says what to do then (`default`), or compares. */
  of(argument: Argument): ColumnSet {
    const expression = expressionOf(argument);
    if (expression !== undefined) {
      const { postfix, filters } = expression;
      if (postfix.length !== 1 || filters.some(({ name }) => name === "default")) return NONE;
    }
    return new Set([...variablesOf(argument)].flatMap((variable) => {
      const path = pathOf(variable);
      return path === undefined ? [] : [...this.#columns(path)];
    }));
  }

  /** @param isSure It is set whatever the row holds. */
  set(name: string, columns: ColumnSet, isSure: boolean): void {
    // What is there before may stay: only what both depend on is needed.
    const before = isSure ? columns : this.#columns([name]);
    this.#names.set(name, new Set([...columns].filter((column) => before.has(column))));
  }

  /** What is known within a node: a loop and an include have names of their own, and a file that is rendered sees no others. */
  within(node: Node): Carried {
    const name = nameOf(node);
    const own = new Map<string, ColumnSet>();
    if (["for", "tablerow"].includes(name) && "variable" in node) {
      own.set(String(node.variable), NONE);
    }
    if (["include", "render"].includes(name)) {
      for (const [key, value] of Object.entries(settingsOf(node))) {
        own.set(key, value === undefined ? NONE : this.of(value));
      }
      for (const binding of ["with", "forBinding"] as const) {
        const alias = bindingOf(node, binding);
        if (alias !== undefined) own.set(alias, NONE);
      }
    }
    if (own.size === 0 && name !== "render") return this;
    return new Carried(this.#vocabulary, name === "render" ? own : [...this.#names, ...own]);
  }

  #columns(path: readonly (string | number | undefined)[]): ColumnSet {
    const carried = this.#names.get(String(path[0]));
    if (carried !== undefined) return carried;
    const column = this.#vocabulary.column(path);
    return column === undefined ? NONE : new Set([column]);
  }
}

function bindingOf(node: Node, name: "with" | "forBinding"): string | undefined {
  const binding = (node as Node & Partial<Record<typeof name, { readonly alias?: string }>>)[name];
  return binding?.alias;
}

/** What `assign` sets. */
export function assignmentOf(
  node: Node,
): { readonly name: string; readonly value: Value } | undefined {
  if (nameOf(node) !== "assign") return undefined;
  const { key, value } = node as Node & { readonly key: string; readonly value: Value };
  return { name: key, value };
}

/** The name that `capture`, `increment` or `decrement` sets. */
export function variableOf(node: Node): string {
  return String((node as Node & { readonly variable?: unknown }).variable);
}
