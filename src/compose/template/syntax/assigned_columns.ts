import type { Template as Node, Value } from "liquidjs";
import type { TemplateVariables } from "../template_variables.ts";
import { NameScope } from "./name_scope.ts";
import {
  type Argument,
  childrenOf,
  expressionOf,
  isCounter,
  nameOf,
  pathOf,
  variablesOf,
} from "./operands.ts";

type Path = readonly (string | number | undefined)[];
type ColumnSet = ReadonlySet<number>;
const NONE: ColumnSet = new Set();

/** Names that a template sets, each with the columns without which it is empty. */
export class AssignedColumns {
  readonly #variables: TemplateVariables;
  readonly #names: NameScope<ColumnSet>;

  constructor(variables: TemplateVariables, names = new NameScope<ColumnSet>()) {
    this.#variables = variables;
    this.#names = names;
  }

  /** Columns that must not be empty if this is put out: none if it has a `default`, or compares. */
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

  /** @param isSure It is set for every row. */
  set(name: string, columns: ColumnSet, isSure: boolean): void {
    // The earlier value may stay: only columns that both depend on are needed.
    const before = isSure ? columns : this.#names.assigned(name) ?? this.#columnsOfRow([name]);
    this.#names.assign(name, new Set([...columns].filter((column) => before.has(column))));
  }

  within(node: Node): AssignedColumns {
    const names = this.#names.within(node, (argument) => this.of(argument), NONE);
    return names === this.#names ? this : new AssignedColumns(this.#variables, names);
  }

  #columns(path: Path): ColumnSet {
    return this.#names.get(String(path[0])) ?? this.#columnsOfRow(path);
  }

  #columnsOfRow(path: Path): ColumnSet {
    const column = this.#variables.column(path);
    return column === undefined ? NONE : new Set([column]);
  }
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

/** Every name that nodes set, at any depth. */
export function* assignedIn(nodes: readonly Node[]): Generator<string> {
  for (const node of nodes) {
    const assignment = assignmentOf(node);
    if (assignment !== undefined) yield assignment.name;
    if (nameOf(node) === "capture" || isCounter(node)) yield variableOf(node);
    yield* assignedIn(childrenOf(node));
  }
}
