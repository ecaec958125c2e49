import type { Template as Node } from "liquidjs";
import { type Argument, isLoop, nameOf, settingsOf } from "./operands.ts";

/**
 * What is known about the names that a template sets, from top to bottom. An assignment applies to everything after
 * it, also in loops and included files; a loop and an include have their own names in addition; a file that is
 * rendered sees only its own.
 */
export class NameScope<T> {
  readonly #assigned: Map<string, T>;
  readonly #own: ReadonlyMap<string, T>;

  constructor(assigned: Map<string, T> = new Map(), own: ReadonlyMap<string, T> = new Map()) {
    this.#assigned = assigned;
    this.#own = own;
  }

  get(name: string): T | undefined {
    return this.#own.get(name) ?? this.#assigned.get(name);
  }

  /** Returns what was assigned to a name, even if another name hides it here. */
  assigned(name: string): T | undefined {
    return this.#assigned.get(name);
  }

  assign(name: string, value: T): void {
    this.#assigned.set(name, value);
  }

  /**
   * The names within a node.
   *
   * @param of Returns what is known about a value that an include receives.
   * @param unknown What is known about a loop's variable, and about values that are not traced.
   */
  within(node: Node, of: (argument: Argument) => T, unknown: T): NameScope<T> {
    const name = nameOf(node);
    const own = new Map<string, T>();
    if (isLoop(node) && "variable" in node) {
      own.set(String(node.variable), unknown);
    }
    if (["include", "render"].includes(name)) {
      for (const [key, value] of Object.entries(settingsOf(node))) {
        own.set(key, value === undefined ? unknown : of(value));
      }
      for (const binding of ["with", "forBinding"] as const) {
        const alias = aliasOf(node, binding);
        if (alias !== undefined) own.set(alias, unknown);
      }
    }
    if (name === "render") return new NameScope(own);
    return own.size === 0 ? this : new NameScope(this.#assigned, new Map([...this.#own, ...own]));
  }
}

/** The name that `render "file" with value as name` sets. */
function aliasOf(node: Node, binding: "with" | "forBinding"): string | undefined {
  return (node as Node & Partial<Record<typeof binding, { readonly alias?: string }>>)[binding]
    ?.alias;
}
