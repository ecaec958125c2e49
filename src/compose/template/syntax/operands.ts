import {
  type FilteredValueToken,
  type PropertyAccessToken,
  type Template as Node,
  type Token,
  toValueSync,
  TypeGuards,
  Value,
  type ValueToken,
} from "liquidjs";

/** An argument of a tag or an output: a value with filters, or one alone. */
export type Argument = Value | ValueToken;

/** One filter of a value, as liquidjs keeps it both for an output and for an expression in brackets. */
export interface FilterCall {
  readonly name: string;
  readonly args: FilteredValueToken["filters"][number]["args"];
}

/** The arguments of a tag or an output. */
export function argumentsOf(node: Node): Argument[] {
  return node.arguments === undefined ? [] : [...node.arguments()] as Argument[];
}

/** The operands and operators of a value, in order of evaluation, and its filters; undefined for a value alone. */
export function expressionOf(
  argument: Argument,
): { readonly postfix: readonly Token[]; readonly filters: readonly FilterCall[] } | undefined {
  if (!(argument instanceof Value) && !TypeGuards.isFilteredValueToken(argument)) return undefined;
  return { postfix: argument.initial.postfix, filters: argument.filters };
}

/** The arguments of a filter, including named ones. */
export function filterArguments({ args }: FilterCall): ValueToken[] {
  return args.map((arg) => Array.isArray(arg) ? arg[1] : arg).filter((arg) => arg !== undefined);
}

/** A named argument of a filter. */
export function namedArgument({ args }: FilterCall, name: string): ValueToken | undefined {
  return args.find((arg): arg is [string, ValueToken] => Array.isArray(arg) && arg[0] === name)
    ?.[1];
}

/** Every variable in an argument, including those in the brackets of others. */
export function* variablesOf(argument: Argument): Generator<PropertyAccessToken> {
  const expression = expressionOf(argument);
  if (expression !== undefined) {
    for (const token of expression.postfix) {
      if (TypeGuards.isValueToken(token)) yield* variablesOf(token);
    }
    for (const filter of expression.filters) {
      for (const value of filterArguments(filter)) yield* variablesOf(value);
    }
  } else if (TypeGuards.isRangeToken(argument)) {
    yield* variablesOf(argument.lhs as ValueToken);
    yield* variablesOf(argument.rhs as ValueToken);
  } else if (TypeGuards.isPropertyAccessToken(argument)) {
    yield argument;
    for (const part of argument.props) {
      if (TypeGuards.isValueToken(part)) yield* variablesOf(part);
    }
  }
}

/** The names on the path to a value; undefined for a name that depends on the row. Undefined as a whole for `"text".size`, which is not a variable. */
export function pathOf(
  { variable, props }: PropertyAccessToken,
): readonly (string | number | undefined)[] | undefined {
  if (variable !== undefined) return undefined;
  return props.map((part) => "content" in part ? part.content as string | number : undefined);
}

/** A key for the place of a variable, the same as in liquidjs' analysis. */
export function placeKey(token: PropertyAccessToken): string {
  const [row, column] = token.getPosition();
  const file = [token, ...token.props].find(({ file }) => file !== undefined)?.file;
  return `${file}:${row}:${column}`;
}

/** The name of a tag; empty for other nodes. */
export function nameOf(node: Node): string {
  return "name" in node && typeof node.name === "string" ? node.name : "";
}

/** What a tag sets by name: `offset: 2` of a loop, `title: Name` of an include. */
export function settingsOf(node: Node): Readonly<Record<string, ValueToken | undefined>> {
  const hash = "hash" in node ? node.hash : "args" in node ? node.args : undefined;
  return typeof hash === "object" && hash !== null && "hash" in hash
    ? hash.hash as Record<string, ValueToken | undefined>
    : {};
}

/** The nodes within a tag, including those of a file that it includes. @throws What liquidjs throws for a file that cannot be read. */
export function childrenOf(node: Node): Node[] {
  return node.children === undefined ? [] : toValueSync(node.children(true, true)) as Node[];
}

/** Returns whether a tag decides whether its content is put out. */
export function isCondition(node: Node): boolean {
  return ["if", "unless", "case"].includes(nameOf(node));
}

/** Returns whether a tag may put out its content several times. */
export function isLoop(node: Node): boolean {
  return ["for", "tablerow"].includes(nameOf(node));
}

/** Returns whether a tag counts a variable up or down, which starts alike in every mail. */
export function isCounter(node: Node): boolean {
  return ["increment", "decrement"].includes(nameOf(node));
}
