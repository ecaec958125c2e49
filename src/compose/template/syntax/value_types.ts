import { type Template as Node, type Token, TypeGuards } from "liquidjs";
import type { TemplateVariables } from "../template_variables.ts";
import { NameScope } from "./name_scope.ts";
import {
  type Argument,
  expressionOf,
  filterArguments,
  type FilterCall,
  pathOf,
} from "./operands.ts";

/** The type of a value, as far as the template shows. */
export interface ValueType {
  readonly kind: "text" | "number" | "boolean" | "nothing" | "other";
  /** It is the cell of this column, unchanged. */
  readonly column?: number;
  /** It is written in the template. */
  readonly literal?: string;
}

const OTHER: ValueType = { kind: "other" };
const NUMBER: ValueType = { kind: "number" };

/** Filters whose input and result are numbers. */
export const MATH: readonly string[] = [
  "plus",
  "minus",
  "times",
  "divided_by",
  "modulo",
  "round",
  "ceil",
  "floor",
  "abs",
  "at_least",
  "at_most",
];

const TEXT_FILTERS = [
  ...["append", "prepend", "capitalize", "downcase", "upcase", "escape", "escape_once", "lstrip"],
  ...["rstrip", "newline_to_br", "remove", "remove_first", "remove_last", "replace", "truncate"],
  ...["replace_first", "replace_last", "strip_html", "strip_newlines", "truncatewords", "date"],
  ...["url_encode", "url_decode", "join", "slugify"],
];
/** Filters that do not change the meaning of a cell. */
const KEEPING = ["raw", "strip", "squish"];

/** The types of a template's names, from top to bottom. */
export class ValueTypes {
  readonly #variables: TemplateVariables;
  readonly #names: NameScope<ValueType>;

  constructor(variables: TemplateVariables, names = new NameScope<ValueType>()) {
    this.#variables = variables;
    this.#names = names;
  }

  of(argument: Argument): ValueType {
    const expression = expressionOf(argument);
    if (expression === undefined) return this.ofOperand(argument as Token);
    const [operand, ...others] = expression.postfix;
    const start = others.length > 0 || operand === undefined ? OTHER : this.ofOperand(operand);
    return expression.filters.reduce((type, filter) => this.filtered(type, filter), start);
  }

  ofOperand(token: Token): ValueType {
    if (TypeGuards.isQuotedToken(token)) return { kind: "text", literal: token.content };
    if (TypeGuards.isNumberToken(token)) return { kind: "number", literal: token.getText() };
    if (TypeGuards.isLiteralToken(token)) return ofWord(token.literal);
    if (TypeGuards.isFilteredValueToken(token)) return this.of(token);
    const path = TypeGuards.isPropertyAccessToken(token) ? pathOf(token) : undefined;
    return path === undefined ? OTHER : this.#ofPath(path);
  }

  /** The type of a filter's result. */
  filtered(type: ValueType, filter: FilterCall): ValueType {
    const { name } = filter;
    if (MATH.includes(name) || name === "size" || name === "to_integer") return NUMBER;
    if (TEXT_FILTERS.includes(name)) return { kind: "text" };
    if (KEEPING.includes(name)) return type;
    if (name !== "default") return OTHER;
    const [fallback] = filterArguments(filter);
    return fallback !== undefined && this.of(fallback).kind === type.kind ? type : OTHER;
  }

  /** @param isSure It is set for every row. */
  set(name: string, type: ValueType, isSure: boolean): void {
    const before = isSure ? type : this.#names.assigned(name) ?? this.#ofRow([name]);
    const isSame = before.kind === type.kind && before.column === type.column &&
      before.literal === type.literal;
    this.#names.assign(
      name,
      isSame ? type : { kind: before.kind === type.kind ? type.kind : "other" },
    );
  }

  within(node: Node): ValueTypes {
    const names = this.#names.within(node, (argument) => this.of(argument), OTHER);
    return names === this.#names ? this : new ValueTypes(this.#variables, names);
  }

  #ofPath(path: Path): ValueType {
    const [root, ...rest] = path;
    const known = this.#names.get(String(root));
    if (known !== undefined) return rest.length === 0 ? known : OTHER;
    return this.#ofRow(path);
  }

  #ofRow(path: Path): ValueType {
    const depth = path[0] === "row" ? 2 : 1;
    const column = this.#variables.column(path);
    if (column !== undefined && path.length === depth) return { kind: "text", column };
    return column !== undefined && path.at(-1) === "size" ? NUMBER : OTHER;
  }
}

type Path = readonly (string | number | undefined)[];

function ofWord(word: string): ValueType {
  if (word === "true" || word === "false") return { kind: "boolean", literal: word };
  return word === "nil" || word === "null" ? { kind: "nothing", literal: word } : OTHER;
}

/** Returns whether Liquid reads a text as a number. */
export function isNumber(text: string): boolean {
  return text.trim() !== "" && !Number.isNaN(Number(text));
}
