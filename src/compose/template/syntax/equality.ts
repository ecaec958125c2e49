import type { Token } from "liquidjs";
import { InputError } from "../../../model/input_error.ts";
import { isBlank } from "../../../text/blank.ts";
import { tokenPlace } from "../liquid.ts";
import type { TemplateSource } from "../template.ts";
import { isNumber, type ValueType } from "./value_types.ts";

/** One side of an equation. */
export interface Compared {
  readonly type: ValueType;
  readonly token: Token;
}

/** Two values that are compared by `==` or `!=`, or by `case`. */
export interface Equation {
  /** Where an error in it is. */
  readonly at: Token;
  readonly written: string;
  readonly left: Compared;
  readonly right: Compared;
  readonly isNot: boolean;
  readonly isCase: boolean;
}

/** An equation with the same result for every row. */
interface Unequal {
  /** The side that is text: a cell, or a literal that looks like a number. */
  readonly text: Compared;
  /** A number, `true`, `false` or `nil`. */
  readonly other: Compared;
}

/**
 * Refuses equations with the same result for every row: to Liquid, a text never equals a number, `true`, `false` or `nil`.
 *
 * One beside which the same condition tests for the text as well is left alone.
 *
 * @param equations Those of one condition.
 * @param asked Columns that the condition tests by themselves.
 * @throws {InputError} With the form that was meant.
 */
export function refuseNeverEqual(
  equations: readonly Equation[],
  asked: ReadonlySet<number | undefined>,
  source: TemplateSource,
): void {
  for (const equation of equations) {
    const { left, right, at, written, isNot } = equation;
    const unequal = unequalSides(left, right) ?? unequalSides(right, left);
    if (unequal === undefined || isTested(unequal, equations, asked)) continue;
    throw new InputError(
      `'${written}' is ${isNot ? "always" : "never"} true: ${whyUnequal(unequal)}`,
      { place: tokenPlace(at, source), hint: meant(equation, unequal) },
    );
  }
}

function unequalSides(text: Compared, other: Compared): Unequal | undefined {
  const { kind, column, literal } = text.type;
  if (kind !== "text") return undefined;
  const differs = other.type.kind === "number" ||
    (column !== undefined && ["boolean", "nothing"].includes(other.type.kind));
  // A quoted text may be compared with a value that is not written there, such as a counter.
  if (!differs || (literal !== undefined && other.type.literal !== undefined)) return undefined;
  if (literal !== undefined && !isNumber(literal)) return undefined;
  return { text, other };
}

/** Returns whether the condition compares the same cell with the text, too. */
function isTested(
  { text: { type: { column } }, other: { type: { kind, literal = "" } } }: Unequal,
  equations: readonly Equation[],
  asked: ReadonlySet<number | undefined>,
): boolean {
  if (column === undefined) return false;
  if (kind === "nothing" && asked.has(column)) return true;
  return equations.some(({ left, right }) =>
    [[left, right], [right, left]].some(([cell, value]) => {
      if (cell!.type.column !== column) return false;
      const { token, type } = value!;
      if (kind === "nothing" && /^(?:empty|blank)$/.test(token.getText())) return true;
      if (type.kind !== "text" || type.literal === undefined) return false;
      if (kind === "nothing") return isBlank(type.literal);
      if (kind === "boolean") return type.literal.trim().toLowerCase() === literal;
      return isNumber(type.literal) && Number(type.literal) === Number(literal);
    })
  );
}

function whyUnequal({ text, other }: Unequal): string {
  const [one, two] = [text.token.getText(), other.token.getText()];
  if (text.type.column === undefined) return `${one} is text, and '${two}' is a number`;
  if (other.type.kind !== "number") return `'${one}' is the text of a cell, and never ${two}`;
  const number = other.type.literal === undefined ? `'${two}'` : two;
  return `'${one}' is the text of a cell, and ${number} is a number`;
}

function meant(equation: Equation, { text, other }: Unequal): string {
  const [one, two] = [text.token.getText(), other.token.getText()];
  const { literal, kind } = other.type;
  if (text.type.column === undefined) {
    return `Write ${comparison(equation, two, String(Number(text.type.literal)))}.`;
  }
  if (kind === "nothing") return `Write ${comparison(equation, one, "blank")}.`;
  const asText = literal === undefined ? undefined : comparison(equation, one, `"${literal}"`);
  if (kind === "boolean") return `Write ${asText}, with the word as it is in the list.`;
  const asNumber = `{% assign number = ${one} | plus: 0 %}, then ${
    comparison(equation, "number", two)
  }`;
  return asText === undefined
    ? `Write ${asNumber}.`
    : `Write ${asText} for that very text, or for numbers such as ${literal}.00: ${asNumber}.`;
}

/** Writes a comparison of the same kind. */
function comparison({ isNot, isCase }: Equation, left: string, right: string): string {
  if (isCase) return `{% case ${left} %}{% when ${right} %}`;
  return `${left} ${isNot ? "!=" : "=="} ${right}`;
}
