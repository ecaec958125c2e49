import { type Context, type Template as Node, TokenKind } from "liquidjs";
import { analyse, type Analysis } from "./analysis.ts";
import { LINK_TARGET_FILTER, linkTarget } from "../escaping/link_target.ts";
import type { Engine } from "./liquid.ts";
import type { TemplateSource } from "./template.ts";
import { checkSyntax } from "./syntax/grammar/template_syntax.ts";
import { cellValue, type RowScope, type TemplateVariables } from "./template_variables.ts";

/** What a template is compiled to: constant text, and slots filled for each recipient. */
export type Piece = string | Slot;
export type Slot = (rendering: Rendering) => string;

/** Liquid bound to the columns of a list and to one kind of escaping. */
export interface SlotDialect {
  readonly engine: Engine;
  /** Reads the user's source to check it: includes as they are, so that errors have their true place. */
  readonly reader: Engine;
  readonly variables: TemplateVariables;
  /** What the engine does to every output. */
  readonly escape: (value: string) => string;
  /** Names of what the program itself puts into the text; they take precedence over all others. */
  readonly extras?: ReadonlyMap<string, (row: RowScope) => string>;
}

/** One part of one mail being rendered. Liquid's context is created when the first slot needs it. */
export class Rendering {
  readonly row: RowScope;
  readonly #compiled: Pick<Compiled, "dialect" | "globals">;
  #context: Context | undefined;

  constructor(row: RowScope, compiled: Pick<Compiled, "dialect" | "globals">) {
    this.row = row;
    this.#compiled = compiled;
  }

  /** Renders a node; those before it in its part must be rendered, as it may use what they assigned. */
  liquid(node: Node[]): string {
    this.#context ??= this.#newContext();
    return this.#compiled.dialect.engine.render(node, this.#context);
  }

  #newContext(): Context {
    const { dialect: { engine, variables, extras }, globals } = this.#compiled;
    const scope = variables.scope(this.row, globals);
    for (const [name, value] of extras ?? []) scope[name] = value(this.row);
    return engine.context(scope, variables.dates);
  }
}

/** A template compiled to pieces. */
export interface Compiled extends Analysis {
  readonly pieces: readonly Piece[];
  readonly dialect: SlotDialect;
}

/**
 * Compiles Liquid to pieces.
 *
 * @param source The user's source: names and syntax are checked there, where errors have their true place.
 * @param rendered What is rendered, if different (HTML made from Markdown); called after the checks.
 */
export function compile(
  source: TemplateSource,
  dialect: SlotDialect,
  rendered?: () => string,
): Compiled {
  const { engine, reader, variables } = dialect;
  checkSyntax(source, { variables, engine: reader });
  const analysis = analyse(reader.parse(source), source, reader, variables);
  const nodes = engine.parse(rendered === undefined ? source : { ...source, text: rendered() });
  const pieces: Piece[] = [];
  for (const node of nodes) {
    const piece = pieceOf(node, dialect, analysis.locals);
    const last = pieces.length - 1;
    if (typeof piece === "string" && typeof pieces[last] === "string") pieces[last] += piece;
    else pieces.push(piece);
  }
  return { ...analysis, pieces, dialect };
}

/** Returns whether the text is the same for every recipient. */
export function isConstant({ pieces }: Compiled): boolean {
  return pieces.every((piece) => typeof piece === "string");
}

/** The text of a compiled template for one recipient. */
export function fill(compiled: Compiled, row: RowScope): string {
  return join(compiled.pieces, new Rendering(row, compiled));
}

/** The text of pieces. */
export function join(pieces: readonly Piece[], rendering: Rendering): string {
  let text = "";
  for (const piece of pieces) text += typeof piece === "string" ? piece : piece(rendering);
  return text;
}

function pieceOf(node: Node, dialect: SlotDialect, locals: ReadonlySet<string>): Piece {
  if (node.token.kind === TokenKind.HTML && "str" in node) return String(node.str);
  const plain = plainOutput(node, dialect, locals);
  if (plain !== undefined) return plain;
  const nodes = [node];
  return (rendering) => rendering.liquid(nodes);
}

/**
 * The slot of an output that can be rendered without Liquid: `{{ Name }}` alone, or with a filter that the program itself
 * added, unless the template sets that name.
 */
function plainOutput(
  node: Node,
  { engine, variables, escape, extras }: SlotDialect,
  locals: ReadonlySet<string>,
): Slot | undefined {
  if (node.token.kind !== TokenKind.Output) return undefined;
  const written = node.token.getText().replace(/^\{\{-?\s*|\s*-?\}\}$/g, "");
  const content = written.endsWith(LINK_TARGET_FILTER)
    ? written.slice(0, -LINK_TARGET_FILTER.length).trimEnd()
    : written;
  const finish = content === written ? escape : (value: string) => escape(linkTarget(value));
  const extra = extras?.get(content.replace(/ \| raw$/, ""));
  if (extra !== undefined) return ({ row }) => extra(row);
  const [variable, ...others] = Object.values(engine.analyze([node], false).globals).flat();
  if (variable === undefined || others.length > 0 || locals.has(String(variable.segments[0]))) {
    return undefined;
  }
  const [root, property, ...rest] = variable.segments;
  const isWhole = content === root ||
    (root === "row" && rest.length === 0 &&
      [`row["${property}"]`, `row['${property}']`, `row.${property}`].includes(content));
  if (!isWhole) return undefined;
  const given = variables.given(root);
  if (given !== undefined) return ({ row }) => finish(given(row));
  const column = variables.column(variable.segments);
  return column === undefined ? undefined : ({ row }) => finish(cellValue(row.fields[column]));
}
