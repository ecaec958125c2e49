import { type Token, TypeGuards, type Value } from "liquidjs";
import { InputError } from "../../../model/input_error.ts";
import { unknownVariable } from "../analysis.ts";
import { type Engine, tokenPlace } from "../liquid.ts";
import { placeAt, type TemplateSource } from "../template.ts";
import type { TemplateVariables } from "../template_variables.ts";
import { refuseUnlike } from "./condition_comparison.ts";
import {
  oneSided,
  OPERATORS_HINT,
  shapeFault,
  unjoined,
  unjoinedHint,
} from "./grammar/expression_shape.ts";
import { type Argument, expressionOf, filterArguments, pathOf } from "./operands.ts";
import { ValueTypes } from "./value_types.ts";

/** Whole texts and Liquid's operators, which are skipped, and what other languages write. */
const WORDS =
  /"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|==(?!=)|!=|<=|>=|(===|=|&&|\|\||<>|!|\{\{|\}\}|\{%|%\}|["'“”„‘’‚«»])/g;

const INSTEAD: Readonly<Record<string, string>> = {
  "===": "Write == to compare.",
  "=": "Write == to compare.",
  "&&": "Write 'and'.",
  "||": "Write 'or'.",
  "<>": "Write !=.",
  "!": "Write 'not', or != to compare.",
  '"': "The quote is not closed.",
  "'": "The quote is not closed.",
};

/** @throws {InputError} for an operator or a quote of another language, which Liquid would report as something else */
export function refuseForeignSyntax(source: TemplateSource): void {
  for (const found of source.text.matchAll(WORDS)) {
    const sign = found[1];
    if (sign === undefined) continue;
    const isTag = /[{}]/.test(sign);
    throw new InputError(`An expression cannot contain '${sign}'`, {
      place: placeAt(source, found.index),
      hint: INSTEAD[sign] ??
        (isTag
          ? `Write the expression alone: country == "AT".`
          : `Write texts in straight quotes: "AT".`),
    });
  }
}

interface Checking {
  readonly source: TemplateSource;
  readonly variables: TemplateVariables;
  readonly engine: Engine;
}

/**
 * Checks an expression that has been read.
 *
 * @returns The names that it takes from the row.
 * @throws {InputError} for an unknown name or filter, values without an operator between them, and what surprises
 */
export function checkCondition(value: Value, checking: Checking): ReadonlySet<string> {
  const check = new ConditionCheck(checking);
  check.visit(value);
  if (check.names.size > 0) return check.names;
  throw new InputError("The condition names no column, so it is the same for every row", {
    place: placeAt(checking.source, 0),
    hint: `The columns are: ${checking.variables.columns.names.join(", ")}.`,
  });
}

class ConditionCheck {
  readonly names = new Set<string>();
  readonly #source: TemplateSource;
  readonly #variables: TemplateVariables;
  readonly #engine: Engine;
  readonly #types: ValueTypes;

  constructor({ source, variables, engine }: Checking) {
    this.#source = source;
    this.#variables = variables;
    this.#engine = engine;
    this.#types = new ValueTypes(variables);
  }

  visit(argument: Argument): void {
    const expression = expressionOf(argument);
    if (expression === undefined) return this.#visitOperand(argument as Token);
    const { postfix, filters } = expression;
    this.#checkShape(postfix);
    this.#refuseMixed(postfix);
    for (const token of postfix) {
      if (!TypeGuards.isOperatorToken(token)) this.#visitOperand(token);
    }
    this.#compare(postfix);
    const [first] = filters;
    if (first !== undefined && postfix.length > 1) {
      this.#fail(
        postfix[0]!,
        `The filter '${first.name}' applies to the whole comparison`,
        `Put what it is for into parentheses: (country | ${first.name}) == "AT".`,
      );
    }
    for (const filter of filters) {
      if (!this.#engine.hasFilter(filter.name)) {
        this.#fail(postfix[0]!, `Unknown filter '${filter.name}'`);
      }
      for (const value of filterArguments(filter)) this.#visitOperand(value);
    }
  }

  #visitOperand(token: Token): void {
    if (TypeGuards.isFilteredValueToken(token)) return this.visit(token);
    if (TypeGuards.isRangeToken(token)) {
      for (const end of [token.lhs, token.rhs]) this.#visitOperand(end);
      return;
    }
    if (!TypeGuards.isPropertyAccessToken(token)) return;
    for (const part of token.props) if (!("content" in part)) this.#visitOperand(part);
    if (token.variable !== undefined) return this.#visitOperand(token.variable);
    const path = pathOf(token)!;
    if (!this.#variables.knows(path)) this.#failUnknown(token, path);
    this.names.add(String(path[0]));
  }

  #failUnknown(token: Token, path: readonly unknown[]): never {
    const place = tokenPlace(token, this.#source);
    const { message, hint } = unknownVariable(path, place, this.#variables);
    const text = token.getText();
    const quoted = /^[\p{L}\p{N}_.-]+$/u.test(text) ? ` A text needs quotes: "${text}".` : "";
    throw new InputError(message, { place, hint: `${hint}${quoted}` });
  }

  #checkShape(postfix: readonly Token[]): void {
    const fault = shapeFault(postfix.toSorted((a, b) => a.begin - b.begin));
    if (fault === undefined) return;
    if (fault.kind === "one-sided") this.#fail(fault.operator, oneSided(fault.operator));
    const hint = unjoinedHint(fault, this.#variables) ?? OPERATORS_HINT;
    this.#fail(fault.right, unjoined(fault), hint);
  }

  /** Liquid reads `and` and `or` from right to left, whichever comes first. */
  #refuseMixed(postfix: readonly Token[]): void {
    const operators = postfix.filter((token) => TypeGuards.isOperatorToken(token));
    const and = operators.find(({ operator }) => operator === "and");
    const or = operators.find(({ operator }) => operator === "or");
    if (and === undefined || or === undefined) return;
    const later = and.begin > or.begin ? and : or;
    this.#fail(
      later,
      "'and' and 'or' need parentheses where both are used",
      "Write (a and b) or c, or a and (b or c): without them, Liquid reads from right to left.",
    );
  }

  #compare(postfix: readonly Token[]): void {
    const values: (Token | undefined)[] = [];
    for (const token of postfix) {
      if (!TypeGuards.isOperatorToken(token)) {
        values.push(token);
        continue;
      }
      const { operator } = token;
      const right = values.pop();
      const left = operator === "not" ? undefined : values.pop();
      if (!["and", "or", "not"].includes(operator)) {
        if (left === undefined || right === undefined) {
          this.#fail(
            token,
            `'${operator}' compares the result of another comparison`,
            "Join comparisons with 'and' or 'or'.",
          );
        }
        refuseUnlike({ left, right, operator }, this.#types, this.#source);
      }
      values.push(undefined);
    }
  }

  #fail(token: Token, message: string, hint?: string): never {
    throw new InputError(message, { place: tokenPlace(token, this.#source), hint });
  }
}
