import { type Token, TypeGuards } from "liquidjs";
import { quote } from "../../../../text/quote.ts";

/** What liquidjs would skip in a value. */
interface OperandFault {
  /** In the text. */
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

const QUOTED = /^(["'])(?:\\[^]|(?!\1)[^\\])*\1$/;

/** Returns what is wrong with a value by itself: a quote that is not closed, a dot at its end, words in its brackets. */
export function operandFault(token: Token): OperandFault | undefined {
  if (TypeGuards.isQuotedToken(token) && !QUOTED.test(token.getText())) {
    return { offset: token.begin, message: "The quote is not closed" };
  }
  if (TypeGuards.isRangeToken(token)) return operandFault(token.lhs) ?? operandFault(token.rhs);
  if (!TypeGuards.isPropertyAccessToken(token)) return undefined;
  if (token.getText().endsWith(".")) {
    return {
      offset: token.end - 1,
      message: `Unexpected '.' after ${quote(token.getText().slice(0, -1))}`,
      hint: "Write a full stop after the braces: {{ name }}.",
    };
  }
  const parts = token.variable === undefined ? [] : [operandFault(token.variable)];
  return [...parts, ...token.props.map(bracketFault)].find((fault) => fault !== undefined);
}

/** What is wrong with one part of a path; those in brackets are values. */
function bracketFault(part: Token): OperandFault | undefined {
  if (TypeGuards.isWordToken(part)) {
    if (part.getText() !== "") return undefined;
    return { offset: part.begin, message: "A name is missing in brackets" };
  }
  const fault = operandFault(part);
  if (fault !== undefined) return fault;
  const rest = part.input.slice(part.end, part.input.indexOf("]", part.end));
  if (rest.trim() === "") return undefined;
  return {
    offset: part.end + rest.search(/\S/),
    message: `Unexpected ${quote(rest.trim())} after ${quote(part.getText())}`,
    hint: `A column's name needs quotes: row["First Name"].`,
  };
}
