import { type Context, type Template as Node, TokenKind } from "liquidjs";
import { AUTOLINK, autolink, autolinkText } from "../escaping/autolink.ts";
import { escapeHtml } from "../../text/escape_html.ts";
import { LINK_TARGET_FILTER, linkTarget } from "../escaping/link_target.ts";
import type { Engine } from "../template/liquid.ts";
import type { RowScope, VariableScope } from "../template/template_variables.ts";
import { htmlToText } from "../text_part/html_to_text.ts";
import { linkEnd } from "../text_part/link_text.ts";
import type { OutputValue } from "./outputs.ts";
import type { Words } from "./words.ts";

/** Names of what the program itself puts into HTML. */
export type Extras = ReadonlyMap<string, (row: RowScope) => string>;

/** The rendering of a page with one row's values. */
export class PageRendering {
  readonly values: readonly OutputValue[];
  readonly row: RowScope;
  #context: Context | undefined;

  constructor(values: readonly OutputValue[], row: RowScope) {
    this.values = values;
    this.row = row;
  }

  /** Renders a node after all those before it in its page: what they assigned is there. */
  liquid(node: Node, engine: Engine, extras: Extras): string {
    this.#context ??= engine.context(this.#scope(extras));
    return engine.render([node], this.#context);
  }

  #scope(extras: Extras): VariableScope {
    const scope: VariableScope = Object.create(null);
    this.values.forEach(({ html, text }, number) => scope[`v${number}`] = html ?? text);
    for (const [name, value] of extras) scope[name] = value(this.row);
    return scope;
  }
}

/** A piece of a page: text, or a slot for a value. */
export type PagePiece = string | ((filling: PageRendering) => string);

export function fillPage(pieces: readonly PagePiece[], filling: PageRendering): string {
  let text = "";
  for (const piece of pieces) text += typeof piece === "string" ? piece : piece(filling);
  return text;
}

/** HTML with words for values as HTML with Liquid; braces in the HTML itself are not Liquid. */
export function asTemplate(html: string, words: Words): string {
  return html
    .replace(
      new RegExp(`\\{(?=[{%]|${words.pattern("value")}|${words.pattern("markup")})`, "g"),
      BRACE,
    )
    .replace(words.all, (word, number, ending) => {
      if (ending === "z") return `{{ v${number} }}`;
      if (ending === "m") return `{{ v${number} | raw }}`;
      return ending === "a" ? `{{ v${number} | ${AUTOLINK} }}` : word;
    });
}

const BRACE = `{{ "{" | raw }}`;

/** A finished template of {@linkcode asTemplate}, as pieces. */
export function htmlPieces(
  nodes: readonly Node[],
  engine: Engine,
  extras: Extras,
): PagePiece[] {
  return nodes.map((node) => {
    if (node.token.kind === TokenKind.HTML && "str" in node) return String(node.str);
    return plainPiece(node, extras) ?? ((filling) => filling.liquid(node, engine, extras));
  });
}

/** The slot of a value that can be filled without Liquid. */
function plainPiece(
  node: Node,
  extras: Extras,
): PagePiece | undefined {
  if (node.token.kind !== TokenKind.Output) return undefined;
  const [name = "", ...filters] = node.token.getText().slice(2, -2).split("|").map((part) =>
    part.trim()
  );
  const extra = extras.get(name);
  if (extra !== undefined) return ({ row }) => extra(row);
  if (!/^v\d+$/.test(name)) return undefined;
  const number = Number(name.slice(1));
  switch (filters.join("|")) {
    case "":
      return ({ values }) => escapeHtml(values[number]!.text);
    case "raw":
      return ({ values }) => values[number]!.html!;
    case AUTOLINK:
      return ({ values }) => autolink(values[number]!.text);
    case LINK_TARGET_FILTER.slice(1).trim():
      return ({ values }) => escapeHtml(linkTarget(values[number]!.text));
    default:
      return undefined;
  }
}

/** The text of HTML with words for values, as pieces. */
export function textPieces(html: string, words: Words): PagePiece[] {
  const targets: PagePiece[] = [];
  const text = htmlToText(html, (text, target) => {
    if (!words.areIn(text + target)) return linkEnd(text, target);
    const [shown, behind] = [piecesOf(text), piecesOf(target)];
    targets.push((filling) => linkEnd(fillPage(shown, filling), fillPage(behind, filling)));
    return words.of(targets.length - 1, "target");
  });
  return piecesOf(text);

  function piecesOf(text: string): PagePiece[] {
    const pieces: PagePiece[] = [];
    let at = 0;
    for (const { index, 0: word, 1: number, 2: ending } of text.matchAll(words.all)) {
      pieces.push(text.slice(at, index));
      at = index + word.length;
      if (ending === "t") pieces.push(targets[Number(number)]!);
      else if (ending === "a") {
        pieces.push(({ values }) => autolinkText(values[Number(number)]!.text));
      } else pieces.push(({ values }) => values[Number(number)]!.text);
    }
    pieces.push(text.slice(at));
    return pieces;
  }
}
