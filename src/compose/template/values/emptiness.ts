import {
  type Context,
  defaultOperators,
  type FilteredValueToken,
  IfTag,
  type Liquid,
  type LiquidOptions,
  toValue,
  UnlessTag,
  Value,
} from "liquidjs";
import { isBlank } from "../../../text/blank.ts";

// In Liquid every text is true, even the empty one. But cells are texts, and an empty or blank cell means that
// there is no value. So here, `if`, `unless`, `and`, `or`, `not`, `default`, `== empty` and `== blank` treat blank
// texts as nothing. Numbers behave as in Liquid: 0 is a value.

type Operators = NonNullable<LiquidOptions["operators"]>;

/** Elements of an array, and characters of a text, whose comparison counts as one step. */
const ELEMENTS_A_STEP = 4;
const CHARACTERS_A_STEP = 1_000;

/** Makes Liquid treat blank texts as nothing. Its operators must be {@linkcode OPERATORS}. */
export function treatBlanksAsEmpty(liquid: Liquid): void {
  liquid.registerTag("if", If);
  liquid.registerTag("unless", Unless);
  liquid.registerFilter("default", defaultFilter);
}

/** liquidjs' operators, for which a blank text is false, and equal to `empty` and `blank`; comparisons count as work. */
export const OPERATORS: Operators = {
  ...defaultOperators,
  "and": (left: unknown, right: unknown) => isTrue(left) && isTrue(right),
  "or": (left: unknown, right: unknown) => isTrue(left) || isTrue(right),
  "not": (value: unknown) => !isTrue(value),
  "==": (left: unknown, right: unknown, context: Context) => equals(left, right, context),
  "!=": function* (left: unknown, right: unknown, context: Context) {
    return !(yield equals(left, right, context)) as boolean;
  },
  "contains": (left: unknown, right: unknown, context: Context) => {
    const whole: unknown = toValue(left);
    useSteps(context, whole);
    return binary("contains")(left, right, context);
  },
};

type Compared = boolean | Generator<unknown, boolean>;

function binary(name: string): (left: unknown, right: unknown, context: Context) => Compared {
  return defaultOperators[name]! as ReturnType<typeof binary>;
}

function equals(left: unknown, right: unknown, context: Context): Compared {
  useSteps(context, left);
  return binary("==")(emptied(left, right), emptied(right, left), context);
}

/** A blank text compared with a word such as `empty` counts as no text. */
function emptied(value: unknown, other: unknown): unknown {
  const isBesideWord = typeof other === "object" && other !== null && "equals" in other;
  return isBesideWord && typeof value === "string" && isBlank(value) ? "" : value;
}

function useSteps({ renderLimit }: Context, value: unknown): void {
  if (Array.isArray(value)) renderLimit.use(value.length / ELEMENTS_A_STEP);
  else if (typeof value === "string") renderLimit.use(value.length / CHARACTERS_A_STEP);
}

/** Returns whether a value is true: a blank text is not. */
export function isTrue(value: unknown): boolean {
  // Liquid's words `empty` and `blank` are true by themselves.
  const plain: unknown = toValue(value);
  if (typeof plain === "string") return !isBlank(plain);
  return plain !== false && plain !== undefined && plain !== null;
}

/** @param given What replaces an empty value, and `allow_false` as a pair, in any order. */
function defaultFilter(value: unknown, ...given: unknown[]): unknown {
  const plain: unknown = toValue(value);
  const isPair = (one: unknown) =>
    Array.isArray(one) && one.length === 2 && one[0] === "allow_false";
  const fallback = given.find((one) => !isPair(one));
  const allowsFalse = given.some((one) => isPair(one) && (one as [string, unknown])[1]);
  if (Array.isArray(plain)) return plain.length > 0 ? plain : fallback;
  if (plain === false && allowsFalse) return false;
  // A `CellWord` is returned as such.
  return isTrue(plain) ? value : fallback;
}

/** The value of a condition: false for a blank text, unless the author wrote that text there. */
class Condition extends Value {
  readonly #isWritten: boolean;

  constructor({ initial, filters }: Value, liquid: Liquid) {
    super({ initial, filters: [] } as unknown as FilteredValueToken, liquid);
    this.filters.push(...filters);
    const [operand, ...others] = initial.postfix;
    this.#isWritten = filters.length === 0 && others.length === 0 && operand !== undefined &&
      "content" in operand;
  }

  override *value(context: Context, isLenient?: boolean): Generator<unknown, unknown, unknown> {
    const value = toValue(yield super.value(context, isLenient));
    return this.#isWritten || typeof value !== "string" || !isBlank(value) ? value : false;
  }
}

class If extends IfTag {
  constructor(...parameters: ConstructorParameters<typeof IfTag>) {
    super(...parameters);
    for (const branch of this.branches) branch.value = new Condition(branch.value, this.liquid);
  }
}

class Unless extends UnlessTag {
  constructor(...parameters: ConstructorParameters<typeof UnlessTag>) {
    super(...parameters);
    for (const branch of this.branches) branch.value = new Condition(branch.value, this.liquid);
  }
}
