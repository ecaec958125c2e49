import {
  CaseTag,
  type Context,
  type Emitter,
  ForTag,
  type IfTag,
  type Liquid,
  type Template as Node,
  type UnlessTag,
} from "liquidjs";

/** Goes through a template by each of its branches, whatever their conditions say, so that all can be looked at before the first mail. */
export class Trial {
  /** How often each branch of a tag was taken. */
  readonly #taken = new Map<object, number[]>();
  /** Turns in a row in which no new branch was found. */
  #idle = 0;
  #isNew = false;

  /** Begins another turn; false when it is enough. */
  next(): boolean {
    this.#idle = this.#isNew ? 0 : this.#idle + 1;
    this.#isNew = false;
    return this.#idle <= IDLE_TURNS;
  }

  /** The branch of a tag that was taken least. */
  choose(tag: object, branches: readonly Node[][]): Node[] {
    const taken = this.#taken.get(tag) ?? branches.map(() => 0);
    const least = taken.indexOf(Math.min(...taken));
    this.#isNew ||= taken[least] === 0;
    taken[least]!++;
    this.#taken.set(tag, taken);
    return branches[least]!;
  }
}

/** Branches within branches are found late: how often one is come by halves with each level. */
const IDLE_TURNS = 16;

/** Has the tags that choose do as a trial says, while there is one. */
export function registerTrial(liquid: Liquid, trialNow: () => Trial | undefined): void {
  function* choose(tag: ManyWays, context: Context, emitter: Emitter): Generator<unknown, boolean> {
    const trial = trialNow();
    if (trial === undefined) return false;
    const ways = [...tag.branches.map(({ templates }) => templates), tag.elseTemplates ?? []];
    yield tag.liquid.renderer.renderTemplates(trial.choose(tag, ways), context, emitter);
    return true;
  }
  // Those that are registered already: what is true is theirs to say.
  const { if: If, unless: Unless } = liquid.tags as unknown as {
    readonly if: typeof IfTag;
    readonly unless: typeof UnlessTag;
  };
  liquid.registerTag(
    "if",
    class extends If {
      override *render(context: Context, emitter: Emitter): Generator<unknown, void, string> {
        if (!(yield* choose(this, context, emitter))) yield* super.render(context, emitter);
      }
    },
  );
  liquid.registerTag(
    "unless",
    class extends Unless {
      override *render(context: Context, emitter: Emitter): Generator<unknown, unknown, unknown> {
        return (yield* choose(this, context, emitter)) || (yield* super.render(context, emitter));
      }
    },
  );
  liquid.registerTag(
    "case",
    class extends CaseTag {
      override *render(context: Context, emitter: Emitter): Generator<unknown, void, unknown> {
        if (!(yield* choose(this, context, emitter))) yield* super.render(context, emitter);
      }
    },
  );
  liquid.registerTag(
    "for",
    class extends ForTag {
      override *render(context: Context, emitter: Emitter): ReturnType<ForTag["render"]> {
        const trial = trialNow();
        if (trial === undefined) return yield* super.render(context, emitter);
        const way = trial.choose(this, [this.templates, this.elseTemplates]);
        context.push({ [this.variable]: "", forloop: ONLY_TURN });
        yield this.liquid.renderer.renderTemplates(way, context, emitter);
        context.pop();
        context.breakCalled = context.continueCalled = false;
      }
    },
  );
}

interface ManyWays {
  readonly liquid: Liquid;
  readonly branches: readonly { readonly templates: Node[] }[];
  readonly elseTemplates?: Node[] | undefined;
}

const ONLY_TURN = {
  index: 1,
  index0: 0,
  rindex: 1,
  rindex0: 0,
  first: true,
  last: true,
  length: 1,
};
