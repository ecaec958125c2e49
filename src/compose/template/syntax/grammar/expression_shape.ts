import { type Token, TypeGuards } from "liquidjs";
import { nearest } from "../../../../text/nearest.ts";
import { asSeen } from "../../../../text/unseen.ts";
import { snakeCase, type TemplateVariables } from "../../template_variables.ts";
import { foreignSign, foreignWord } from "./foreign_words.ts";

/** Why values and operators make no expression. */
export type ShapeFault =
  /** An operator lacks a value beside it. */
  | { readonly kind: "one-sided"; readonly operator: Token }
  /** Two values have no operator between them. */
  | { readonly kind: "unjoined"; readonly left: Token; readonly right: Token };

/**
 * Returns what is wrong with the order of values and operators; liquidjs takes the first of several values and ignores the
 * others.
 *
 * @param tokens In the order of the text.
 */
export function shapeFault(tokens: Iterable<Token>): ShapeFault | undefined {
  let before: Token | undefined;
  for (const token of tokens) {
    const isOperator = TypeGuards.isOperatorToken(token);
    const isPrefix = isOperator && token.operator === "not";
    const needsValue = before === undefined || TypeGuards.isOperatorToken(before);
    if (isOperator && !isPrefix && needsValue) return { kind: "one-sided", operator: token };
    if ((!isOperator || isPrefix) && !needsValue) {
      return { kind: "unjoined", left: before!, right: token };
    }
    before = token;
  }
  return before !== undefined && TypeGuards.isOperatorToken(before)
    ? { kind: "one-sided", operator: before }
    : undefined;
}

/** The message about an operator without a value. */
export function oneSided(operator: Token): string {
  const text = operator.getText();
  return `A value is missing ${text === "not" ? "after" : "beside"} '${text}'`;
}

/** The operators, for a condition that lacks one. */
export const OPERATORS_HINT =
  "Operators are ==, !=, <, >, <=, >=, contains, and, or, not. A text needs quotes.";

/** The message about two values of a condition without an operator between them. */
export function unjoined({ left, right }: { readonly left: Token; readonly right: Token }): string {
  return `An operator is missing between ${left.getText()} and ${right.getText()}`;
}

/**
 * What was meant by two values without an operator between them, if that can be said.
 *
 * @param isOutput They are in `{{ … }}`.
 */
export function unjoinedHint(
  { left, right }: { readonly left: Token; readonly right: Token },
  variables: TemplateVariables,
  isOutput = false,
): string | undefined {
  const [first, second] = [left.getText(), right.getText()];
  const named = columnWritten(left, variables);
  if (named !== undefined) {
    const forms = isOutput ? named.map((name) => `{{ ${name} }}`) : named;
    return `Write ${forms.join(" or ")} for the column.`;
  }
  if (/^(?:and|or|not|contains)$/i.test(second) && second !== second.toLowerCase()) {
    return `Write '${second.toLowerCase()}' in lower case.`;
  }
  if (second === "not" && /^\s*in\b/.test(right.input.slice(right.end))) {
    return "Write {% unless items contains value %}.";
  }
  return first === "not"
    ? "Write not (…) instead of (not …)."
    : foreignWord(second) ?? foreignSign(second)?.hint;
}

/** How a template writes the column whose name, with its spaces, begins at a token; undefined if there is none. */
function columnWritten(
  first: Token,
  variables: TemplateVariables,
): readonly string[] | undefined {
  const rest = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_ -]*/u.exec(first.input.slice(first.begin))?.[0];
  const words = rest?.trim().split(/ +/) ?? [];
  const names = variables.columns.names.map(asSeen).filter((name) => name.includes(" "));
  const key = (name: string): string => name.toLowerCase().replaceAll(/\s+/g, " ");
  for (let count = words.length; count > 1; count--) {
    const written = words.slice(0, count).join(" ");
    const name = names.find((one) => key(one) === key(written)) ?? nearest(written, names);
    if (name !== undefined) return columnName(name, variables);
  }
  return undefined;
}

/** `row["First Name"]`, and its short form if there is one. */
function columnName(name: string, variables: TemplateVariables): readonly string[] {
  const snake = snakeCase(name);
  const column = variables.column(["row", name]);
  const hasShort = column !== undefined && variables.column([snake]) === column;
  const long = `row["${name}"]`;
  return hasShort ? [snake, long] : [long];
}
