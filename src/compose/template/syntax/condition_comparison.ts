import type { Token } from "liquidjs";
import { InputError } from "../../../model/input_error.ts";
import { tokenPlace } from "../liquid.ts";
import type { TemplateSource } from "../template.ts";
import { isNumber, type ValueType, type ValueTypes } from "./value_types.ts";

/** A comparison of a condition. */
export interface Comparison {
  readonly left: Token;
  readonly right: Token;
  readonly operator: string;
}

/**
 * Refuses a comparison of a cell that is the same for every row, or compares numbers as texts: cells are texts.
 *
 * @throws {InputError} with the form that was meant
 */
export function refuseUnlike(
  comparison: Comparison,
  types: ValueTypes,
  source: TemplateSource,
): void {
  const { left, right, operator } = comparison;
  const [ofLeft, ofRight] = [types.ofOperand(left), types.ofOperand(right)];
  const fault = faultOf(ofLeft, ofRight, comparison) ?? faultOf(ofRight, ofLeft, comparison);
  if (fault === undefined) return;
  const written = `${left.getText()} ${operator} ${right.getText()}`;
  throw new InputError(`'${written}' ${fault.why}`, {
    place: tokenPlace(left, source),
    hint: `Write ${fault.forms.join(" or ")}.`,
  });
}

interface Fault {
  /** Completes "'age > 18' …". */
  readonly why: string;
  readonly forms: readonly string[];
}

function faultOf(cell: ValueType, other: ValueType, comparison: Comparison): Fault | undefined {
  if (cell.column === undefined) return undefined;
  const { left, right, operator } = comparison;
  const asNumbers = `${number(left)} ${operator} ${number(right)}`;
  if (operator === "==" || operator === "!=") {
    const why = `is ${operator === "==" ? "never" : "always"} true: cells are texts`;
    const asTexts = `${text(left)} ${operator} ${text(right)}`;
    if (other.kind === "number") {
      return { why, forms: other.literal === undefined ? [asNumbers] : [asTexts, asNumbers] };
    }
    if (other.kind === "boolean") return { why, forms: [asTexts] };
    if (other.kind !== "nothing") return undefined;
    return { why, forms: [`${nothing(left)} ${operator} ${nothing(right)}`] };
  }
  if (operator === "contains") return undefined;
  const isOrderOfTexts = other.column !== undefined ||
    (other.literal !== undefined && other.kind === "text" && isNumber(other.literal));
  if (isOrderOfTexts) {
    const asDates =
      `(${left.getText()} | date: "%F") ${operator} (${right.getText()} | date: "%F")`;
    const why = "compares texts, for which 9 is more than 10";
    return { why, forms: other.column === undefined ? [asNumbers] : [asNumbers, asDates] };
  }
  if (other.kind !== "number") return undefined;
  return { why: "compares a text with a number", forms: [asNumbers] };
}

function number(token: Token): string {
  const plain = unquoted(token);
  return isNumber(plain) ? plain : `(${token.getText()} | plus: 0)`;
}

function text(token: Token): string {
  const written = token.getText();
  return isNumber(written) || /^(?:true|false)$/.test(written) ? `"${written}"` : written;
}

function nothing(token: Token): string {
  return /^(?:nil|null)$/.test(token.getText()) ? "blank" : token.getText();
}

function unquoted(token: Token): string {
  return token.getText().replace(/^(["'])(.*)\1$/s, "$2");
}
