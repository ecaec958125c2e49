import { type Context, type Template as Node, TokenKind } from "liquidjs";
import type { Recipient } from "../produce/recipient.ts";
import { analyse, type Analysis } from "./analyse.ts";
import type { Engine } from "./liquid.ts";
import type { Source } from "./template.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What a template is compiled to: constant text, and slots that each recipient fills. */
export type Piece = string | Slot;
export type Slot = (rendering: Rendering) => string;

/** Liquid bound to the columns of a list and to one kind of escaping. */
export interface Dialect {
  readonly engine: Engine;
  /** Reads what the user wrote, to check it: includes as they are, so that errors have their true place. */
  readonly reader: Engine;
  readonly vocabulary: Vocabulary;
  /** What the engine does to every output. */
  readonly escape: (value: string) => string;
}

/** One part of one mail being rendered. What Liquid needs is made when the first slot asks for it. */
export class Rendering {
  readonly fields: readonly string[];
  readonly #compiled: Pick<Compiled, "dialect" | "globals">;
  #context: Context | undefined;

  constructor(fields: readonly string[], compiled: Pick<Compiled, "dialect" | "globals">) {
    this.fields = fields;
    this.#compiled = compiled;
  }

  /** Renders a node after all those before it in its part: what they assigned is there. */
  liquid(node: Node[]): string {
    const { dialect: { engine, vocabulary }, globals } = this.#compiled;
    this.#context ??= engine.context(vocabulary.scope(this.fields, globals));
    return engine.render(node, this.#context);
  }
}

/** A template compiled to pieces. */
export interface Compiled extends Analysis {
  readonly pieces: readonly Piece[];
  readonly dialect: Dialect;
}

/**
 * Compiles Liquid to pieces.
 *
 * @param source What the user wrote: names and syntax are checked there, where errors have their true place.
 * @param rendered What is rendered, where that is something else (HTML made from Markdown); asked for after the checks.
 */
export function compile(source: Source, dialect: Dialect, rendered?: () => string): Compiled {
  const { engine, reader, vocabulary } = dialect;
  const analysis = analyse(reader.parse(source), source, reader, vocabulary);
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

/** The text of a compiled template for one recipient. */
export function fill(compiled: Compiled, { fields }: Pick<Recipient, "fields">): string {
  return join(compiled.pieces, new Rendering(fields, compiled));
}

/** The text of pieces. */
export function join(pieces: readonly Piece[], rendering: Rendering): string {
  let text = "";
  for (const piece of pieces) text += typeof piece === "string" ? piece : piece(rendering);
  return text;
}

function pieceOf(node: Node, dialect: Dialect, locals: ReadonlySet<string>): Piece {
  if (node.token.kind === TokenKind.HTML && "str" in node) return String(node.str);
  const column = plainColumn(node, dialect, locals);
  if (column === undefined) {
    const nodes = [node];
    return (rendering) => rendering.liquid(nodes);
  }
  const { escape } = dialect;
  return (rendering) => escape(rendering.fields[column] ?? "");
}

/** The column of `{{ Name }}`, which needs no Liquid to be rendered: no filter, and no local of that name. */
function plainColumn(
  node: Node,
  { engine, vocabulary }: Dialect,
  locals: ReadonlySet<string>,
): number | undefined {
  if (node.token.kind !== TokenKind.Output) return undefined;
  const content = node.token.getText().replace(/^\{\{-?\s*|\s*-?\}\}$/g, "");
  const [variable, ...others] = Object.values(engine.analyze([node], false).globals).flat();
  if (variable === undefined || others.length > 0 || locals.has(String(variable.segments[0]))) {
    return undefined;
  }
  const [root, property, ...rest] = variable.segments;
  const isWhole = content === root ||
    (root === "row" && rest.length === 0 &&
      [`row["${property}"]`, `row['${property}']`, `row.${property}`].includes(content));
  return isWhole ? vocabulary.column(variable.segments) : undefined;
}

/** What liquidjs' `escape` does. */
export function escapeHtml(value: string): string {
  return /[&<>"']/.test(value)
    ? value.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    : value;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};
