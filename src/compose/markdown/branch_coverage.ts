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

/** Follows each branch of a template, whatever the conditions say, so that all are checked before the first mail. */
export class BranchCoverage {
  /** Number of times that each branch of a tag was taken. */
  readonly #taken = new Map<object, number[]>();
  /** Consecutive turns in which no new branch was found. */
  #idle = 0;
  #isNew = false;

  /** Begins another turn; returns false when no more are needed. */
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

/** Nested branches are found late: how often one is reached halves with each level. */
const IDLE_TURNS = 16;

type TrialNow = () => BranchCoverage | undefined;

/** Makes the tags that choose follow a trial, while there is one. */
export function registerTrial(liquid: Liquid, trialNow: TrialNow): void {
  // The registered tags decide what is true.
  const { if: If, unless: Unless } = liquid.tags as unknown as {
    readonly if: typeof IfTag;
    readonly unless: typeof UnlessTag;
  };
  liquid.registerTag("if", trialIf(If, trialNow));
  liquid.registerTag("unless", trialUnless(Unless, trialNow));
  liquid.registerTag("case", trialCase(trialNow));
  liquid.registerTag("for", trialFor(trialNow));
}

function trialIf(If: typeof IfTag, trialNow: TrialNow): typeof IfTag {
  return class extends If {
    override *render(context: Context, emitter: Emitter): Generator<unknown, void, string> {
      if (!(yield* renderChosen(this, trialNow(), context, emitter))) {
        yield* super.render(context, emitter);
      }
    }
  };
}

function trialUnless(Unless: typeof UnlessTag, trialNow: TrialNow): typeof UnlessTag {
  return class extends Unless {
    override *render(context: Context, emitter: Emitter): Generator<unknown, unknown, unknown> {
      return (yield* renderChosen(this, trialNow(), context, emitter)) ||
        (yield* super.render(context, emitter));
    }
  };
}

function trialCase(trialNow: TrialNow): typeof CaseTag {
  return class extends CaseTag {
    override *render(context: Context, emitter: Emitter): Generator<unknown, void, unknown> {
      if (!(yield* renderChosen(this, trialNow(), context, emitter))) {
        yield* super.render(context, emitter);
      }
    }
  };
}

function trialFor(trialNow: TrialNow): typeof ForTag {
  return class extends ForTag {
    override *render(context: Context, emitter: Emitter): ReturnType<ForTag["render"]> {
      const trial = trialNow();
      if (trial === undefined) return yield* super.render(context, emitter);
      const way = trial.choose(this, [this.templates, this.elseTemplates]);
      context.push({ [this.variable]: "", forloop: ONLY_TURN });
      yield this.liquid.renderer.renderTemplates(way, context, emitter);
      context.pop();
      context.breakCalled = context.continueCalled = false;
    }
  };
}

/** Renders the branch that a trial chooses; false without a trial: the tag chooses itself. */
function* renderChosen(
  tag: ManyWays,
  trial: BranchCoverage | undefined,
  context: Context,
  emitter: Emitter,
): Generator<unknown, boolean> {
  if (trial === undefined) return false;
  const ways = [...tag.branches.map(({ templates }) => templates), tag.elseTemplates ?? []];
  yield tag.liquid.renderer.renderTemplates(trial.choose(tag, ways), context, emitter);
  return true;
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
