import { type Context, type FilterImplOptions, type Liquid, toValue } from "liquidjs";
import { isBlank } from "../../../text/blank.ts";
import { quote } from "../../../text/quote.ts";
import { MATH } from "../syntax/value_types.ts";
import { OPERATORS } from "./emptiness.ts";

// In a template, a text that is not a number counts as 0, and is neither above nor below a number. Where recipients are chosen,
// somebody would silently get no mail, or one by mistake. So here such a row is an error.

type Compare = (left: unknown, right: unknown, context: Context) => boolean | Generator;

/** {@linkcode OPERATORS}, but comparing a number with what is none is an error, and nothing is above or below `nil`. */
export const STRICT_OPERATORS: typeof OPERATORS = {
  ...OPERATORS,
  "<": order("<"),
  "<=": order("<="),
  ">": order(">"),
  ">=": order(">="),
};

function order(name: string): Compare {
  const compare = OPERATORS[name] as Compare;
  return (left, right, context) => {
    const sides: unknown[] = [toValue(left), toValue(right)];
    if (sides.some(isNothing)) return false;
    if (!sides.some((side) => typeof side === "number")) return compare(left, right, context);
    const [least, most] = sides.map(numberOf);
    return compare(least, most, context);
  };
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && isBlank(value));
}

function numberOf(value: unknown): number {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : NaN;
  if (!Number.isNaN(number)) return number;
  throw new Error(`A comparison needs a number: found ${quote(String(value))}`);
}

/** Makes the filters that calculate refuse a text that is no number, which Liquid takes for 0. A blank one stays 0. */
export function calculateStrictly({ filters }: Liquid): void {
  for (const name of MATH) {
    const calculate = filters[name] as Handler;
    filters[name] = function (this: unknown, value: unknown, ...rest: unknown[]) {
      const plain: unknown = toValue(value);
      if (typeof plain === "string" && !isBlank(plain)) numberOfText(name, plain);
      return calculate.call(this, value, ...rest);
    } as FilterImplOptions;
  }
}

type Handler = (this: unknown, value: unknown, ...rest: unknown[]) => unknown;

function numberOfText(filter: string, text: string): void {
  if (Number.isNaN(Number(text))) {
    throw new Error(`'${filter}' needs a number: found ${quote(text)}`);
  }
}
