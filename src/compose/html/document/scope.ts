import type { PlacedConstruct } from "./assembly.ts";
import { DIVIDERS } from "./constructs.ts";
import { lastIndexAt } from "./sorted.ts";

/**
 * What decides whether a range of a template is in a mail: a branch of `if`, a loop, a condition that only Outlook reads.
 *
 * `detached` is put out somewhere other than where it is written (`capture`).
 */
export class CssScope {
  readonly #parent: CssScope | undefined;
  readonly kind: "all" | "branch" | "loop" | "detached";

  constructor(kind: CssScope["kind"], parent?: CssScope) {
    this.kind = kind;
    this.#parent = parent;
  }

  /** Wherever `inner` is in a mail, so is this. */
  contains(inner: CssScope): boolean {
    for (let scope: CssScope | undefined = inner; scope !== undefined; scope = scope.#parent) {
      if (scope === this) return true;
    }
    return false;
  }

  /** Returns whether a scope of one of the kinds is between this and `inner`, which it contains; `inner` counts. */
  hasBetween(inner: CssScope, ...kinds: readonly CssScope["kind"][]): boolean {
    for (let scope: CssScope = inner; scope !== this; scope = scope.#parent!) {
      if (kinds.includes(scope.kind)) return true;
      if (scope.#parent === undefined) return true;
    }
    return false;
  }

  /** The scope around this one. */
  get outer(): CssScope | undefined {
    return this.#parent;
  }
}

/** A place where a condition of Outlook's begins or ends: `<!--[if !mso]><!-->` and `<!--<![endif]-->`. */
export interface OutlookCondition {
  readonly at: number;
  readonly begins: boolean;
}

/** Tags that continue to their `end…`. */
const BLOCKS: Readonly<Record<string, CssScope["kind"]>> = {
  if: "branch",
  unless: "branch",
  case: "branch",
  for: "loop",
  tablerow: "loop",
  capture: "detached",
};

/** The scopes of a template, place by place. */
export class Scopes {
  readonly all: CssScope = new CssScope("all");
  readonly #changes: { readonly at: number; readonly scope: CssScope }[] = [];

  constructor(constructs: readonly PlacedConstruct[], conditions: readonly OutlookCondition[]) {
    const open: { readonly name: string; readonly scope: CssScope }[] = [];
    const current = (): CssScope => open.at(-1)?.scope ?? this.all;
    const begin = (at: number, name: string, kind: CssScope["kind"]) => {
      open.push({ name, scope: new CssScope(kind, current()) });
      this.#changes.push({ at, scope: current() });
    };
    const end = (at: number, name: string) => {
      const index = open.findLastIndex((one) => one.name === name);
      if (index < 0) return;
      open.splice(index);
      this.#changes.push({ at, scope: current() });
    };
    let next = 0;
    for (const construct of constructs) {
      const { name, begin: from, end: to } = construct;
      for (; next < conditions.length && conditions[next]!.at <= from; next++) {
        const { at, begins } = conditions[next]!;
        if (begins) begin(at, CONDITION, "branch");
        else end(at, CONDITION);
      }
      const kind = construct.repeats ? "loop" : BLOCKS[name];
      if (!construct.isTag) continue;
      if (kind !== undefined) begin(to, name, kind);
      else if (DIVIDERS.includes(name) && open.length > 0) {
        const last = open.at(-1)!.name;
        end(from, last);
        begin(to, last, "branch");
      } else if (name.startsWith("end")) end(from, name.slice("end".length));
    }
    for (; next < conditions.length; next++) {
      const { at, begins } = conditions[next]!;
      if (begins) begin(at, CONDITION, "branch");
      else end(at, CONDITION);
    }
  }

  at(place: number): CssScope {
    const index = lastIndexAt(this.#changes, ({ at }) => at, place);
    return this.#changes[index]?.scope ?? this.all;
  }
}

/** No Liquid tag has this name. */
const CONDITION = "[if]";
