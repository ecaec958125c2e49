import { type Template as Node, type Token, TypeGuards } from "liquidjs";
import type { SourcePlace } from "../../../model/input_error.ts";
import { DATE_FILTER_NAMES } from "../dates/date_filters.ts";
import { tokenPlace } from "../liquid.ts";
import type { TemplateSource } from "../template.ts";
import type { TemplateVariables } from "../template_variables.ts";
import { assignedIn, assignmentOf, variableOf } from "./assigned_columns.ts";
import { type Equation, refuseNeverEqual } from "./equality.ts";
import {
  type Argument,
  argumentsOf,
  childrenOf,
  expressionOf,
  filterArguments,
  type FilterCall,
  isCondition,
  isCounter,
  isLoop,
  nameOf,
} from "./operands.ts";
import { MATH, type ValueType, ValueTypes } from "./value_types.ts";

/** One side of a comparison: the cell of a column, or a text in the template. */
export type Side = { readonly column: number } | { readonly text: string };

/** How a template uses a value whose type may not be what the template expects. */
export type ValueUse =
  & { readonly place: SourcePlace; readonly written: string }
  & (
    /** The time at which the mail is made. */
    | { readonly kind: "now" }
    /** A cell is used as a number: by a filter, a comparison with a number, a range. */
    | { readonly kind: "number"; readonly column: number; readonly by: string }
    /** Two texts are compared by order. */
    | {
      readonly kind: "order";
      readonly left: Side;
      readonly right: Side;
      readonly operator: string;
    }
    /** `and` comes before `or`: Liquid reads from right to left. `written` is all of it. */
    | {
      readonly kind: "mixed";
      /** What is read first, with its `and`. */
      readonly before: string;
      /** The rest, in which `or` is. */
      readonly after: string;
    }
    /** A cell is used as a condition. */
    | { readonly kind: "truth"; readonly column: number }
  );

/**
 * Finds the uses of values in a template whose names and syntax have been checked.
 *
 * @throws {InputError} For a comparison with the same result for every row.
 */
export function valueUses(
  nodes: readonly Node[],
  source: TemplateSource,
  variables: TemplateVariables,
): readonly ValueUse[] {
  const search = new UseFinder(source);
  search.visit(nodes, new ValueTypes(variables), true);
  return search.found;
}

class UseFinder {
  readonly found: ValueUse[] = [];
  readonly #source: TemplateSource;

  constructor(source: TemplateSource) {
    this.#source = source;
  }

  visit(nodes: readonly Node[], types: ValueTypes, isSure: boolean): void {
    for (const node of nodes) {
      const name = nameOf(node);
      const isQuestion = name === "if" || name === "unless";
      if (name === "case") this.#compareCases(argumentsOf(node), types);
      for (const argument of argumentsOf(node)) this.#look(argument, types, isQuestion);
      if (isLoop(node)) {
        // What a loop assigns at its end applies at its beginning, too.
        for (const set of assignedIn(childrenOf(node))) types.set(set, { kind: "other" }, false);
      }
      const isStraight = isSure && !isCondition(node) && !isLoop(node);
      this.visit(childrenOf(node), types.within(node), isStraight);
      const assignment = assignmentOf(node);
      if (assignment !== undefined) {
        types.set(assignment.name, types.of(assignment.value), isSure);
      } else if (name === "capture") {
        types.set(variableOf(node), { kind: "text" }, isSure);
      } else if (isCounter(node)) {
        types.set(variableOf(node), { kind: "number" }, true);
      }
    }
  }

  #look(argument: Argument, types: ValueTypes, isQuestion: boolean): void {
    const expression = expressionOf(argument);
    if (expression === undefined) {
      if (TypeGuards.isRangeToken(argument)) {
        for (const end of [argument.lhs, argument.rhs]) this.#number(end, types, "a range");
      }
      return;
    }
    const { postfix, filters } = expression;
    for (const operand of postfix) {
      if (TypeGuards.isValueToken(operand)) this.#look(operand, types, false);
    }
    this.#lookAtOperators(postfix, types, isQuestion && filters.length === 0);
    this.#lookAtOrder(postfix);
    this.#lookAtFilters(argument, filters, types);
  }

  #lookAtOperators(postfix: readonly Token[], types: ValueTypes, isQuestion: boolean): void {
    const operands: (Token | undefined)[] = [];
    const asked: Token[] = [];
    const compared = new Set<number | undefined>();
    const equations: Equation[] = [];
    for (const token of postfix) {
      if (!TypeGuards.isOperatorToken(token)) {
        operands.push(token);
        continue;
      }
      const { operator } = token;
      const right = operands.pop();
      const left = operator === "not" ? undefined : operands.pop();
      if (["and", "or", "not"].includes(operator)) {
        asked.push(...[left, right].filter((side) => side !== undefined));
      } else if (left !== undefined && right !== undefined) {
        for (const side of [left, right]) compared.add(types.ofOperand(side).column);
        const equation = this.#compare({ left, right, operator }, types);
        if (equation !== undefined) equations.push(equation);
      }
      operands.push(undefined);
    }
    if (isQuestion && operands[0] !== undefined) asked.push(operands[0]);
    const columns = asked.map((operand) => types.ofOperand(operand).column);
    refuseNeverEqual(equations, new Set(columns), this.#source);
    for (const operand of asked) {
      const { column } = types.ofOperand(operand);
      // An author who also compares the cell knows what it may contain.
      if (column === undefined || compared.has(column)) continue;
      this.#add(operand, { kind: "truth", column });
    }
  }

  #lookAtOrder(postfix: readonly Token[]): void {
    const tokens = postfix.toSorted((a, b) => a.begin - b.begin);
    const last = tokens.findLastIndex((token) => token.getText() === "or");
    const and = tokens.slice(0, Math.max(last, 0))
      .findLast((token) => TypeGuards.isOperatorToken(token) && token.operator === "and");
    if (and === undefined) return;
    const { input, begin } = tokens[0]!;
    const { end } = tokens.at(-1)!;
    const [before, after] = [input.slice(begin, and.end), input.slice(and.end, end).trim()];
    this.#add(and, { kind: "mixed", before, after }, input.slice(begin, end));
  }

  #compare(
    { left, right, operator }: { left: Token; right: Token; operator: string },
    types: ValueTypes,
  ): Equation | undefined {
    const [ofLeft, ofRight] = [types.ofOperand(left), types.ofOperand(right)];
    const written = `${left.getText()} ${operator} ${right.getText()}`;
    if (operator === "==" || operator === "!=") {
      return {
        at: left,
        written,
        left: { type: ofLeft, token: left },
        right: { type: ofRight, token: right },
        isNot: operator === "!=",
        isCase: false,
      };
    }
    if (["<", ">", "<=", ">="].includes(operator)) {
      if (ofRight.kind === "number") this.#number(left, types, `'${written}'`);
      if (ofLeft.kind === "number") this.#number(right, types, `'${written}'`);
      const sides = [sideOf(ofLeft), sideOf(ofRight)];
      const isOrder = sides.every((side) => side !== undefined) &&
        !sides.every((side) => "text" in side!);
      if (isOrder) {
        this.#add(left, { kind: "order", left: sides[0]!, right: sides[1]!, operator }, written);
      }
    }
    return undefined;
  }

  /** `case` compares as `==` does. */
  #compareCases([value, ...cases]: readonly Argument[], types: ValueTypes): void {
    const expression = value === undefined ? undefined : expressionOf(value);
    const [operand] = expression?.postfix ?? [];
    if (value === undefined || operand === undefined) return;
    const asked = { type: types.of(value), token: operand };
    const equations = cases.map((one): Equation => {
      const token = one as Token;
      const written = `{% case ${operand.getText()} %}{% when ${token.getText()} %}`;
      const right = { type: types.of(one), token };
      return { at: token, written, left: asked, right, isNot: false, isCase: true };
    });
    refuseNeverEqual(equations, new Set(), this.#source);
  }

  #lookAtFilters(argument: Argument, filters: readonly FilterCall[], types: ValueTypes): void {
    const expression = expressionOf(argument)!;
    const [operand, ...others] = expression.postfix;
    if (operand === undefined) return;
    let type = others.length > 0 ? { kind: "other" } as const : types.ofOperand(operand);
    const isNow = type.kind === "text" && /^(?:now|today)$/.test(type.literal ?? "");
    if (isNow && filters.some(({ name }) => DATE_FILTER_NAMES.includes(name))) {
      this.#add(operand, { kind: "now" });
    }
    for (const filter of filters) {
      if (MATH.includes(filter.name)) {
        const by = `'${filter.name}'`;
        if (type.column !== undefined) {
          this.#add(operand, { kind: "number", column: type.column, by });
        }
        for (const value of filterArguments(filter)) this.#number(value, types, by);
      }
      type = types.filtered(type, filter);
    }
  }

  #number(token: Token, types: ValueTypes, by: string): void {
    const { column } = types.ofOperand(token);
    if (column !== undefined) this.#add(token, { kind: "number", column, by });
  }

  #add(at: Token, use: Use, written = at.getText()): void {
    this.found.push({ place: tokenPlace(at, this.#source), written, ...use });
  }
}

type Use = ValueUse extends infer U ? U extends ValueUse ? Omit<U, "place" | "written"> : never
  : never;

function sideOf({ kind, column, literal }: ValueType): Side | undefined {
  if (kind !== "text") return undefined;
  return column !== undefined ? { column } : literal !== undefined ? { text: literal } : undefined;
}
