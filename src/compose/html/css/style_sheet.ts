// @ts-types="@types/css-tree"
import {
  type CssNodePlain,
  type DeclarationPlain,
  parse,
  tokenize,
  tokenTypes,
  toPlainObject,
} from "css-tree";
import { MASK } from "../document/constructs.ts";
import { propertyName } from "./property.ts";
import type { CssScope } from "../document/scope.ts";
import type { Replacement } from "../targets/targets.ts";
import { type Specificity, specificityOf } from "./selectors/specificity.ts";
import { isCut, isKnownToAll } from "./selectors/browser_support.ts";
import { childrenOf, selectorsOf } from "./css_nodes.ts";

/** The CSS of one place in a template. */
export interface StyleSource {
  /** Liquid as masks. */
  readonly css: string;
  /** It applies on all screens: no `media`, or `all`, or `screen`. */
  readonly isForScreens: boolean;
  /** Only Outlook reads it. */
  readonly isHidden: boolean;
  scopeAt(place: number): CssScope;
  /** The URLs of embedded files that replace their names. */
  readonly replaced: readonly Replacement[];
  /** Inserts text at a place of the CSS; undefined if the CSS must stay as it is. */
  readonly insert: ((place: number, text: string) => void) | undefined;
}

/** `color: red` of a rule. */
export interface Declaration {
  readonly source: StyleSource;
  readonly property: string;
  /** As it is written in an attribute. */
  readonly value: string;
  readonly isImportant: boolean;
  /** Where `!important` would go. */
  readonly valueEnd: number;
  /** Its value or property is known only when a mail is made. */
  readonly isOpen: boolean;
}

export interface StyleRule {
  /** Undefined: any element, as far as is known. */
  readonly selector: CssNodePlain | undefined;
  readonly specificity: Specificity;
  readonly declarations: readonly Declaration[];
  /** It applies wherever its source does: no media query, no list that a browser may drop. */
  readonly isSure: boolean;
  /** Specificity and order decide whether it wins, unlike in a layer. */
  readonly isOrdered: boolean;
  readonly source: StyleSource;
  readonly scope: CssScope;
}

/** The parts of a sheet that affect elements. */
export interface StyleSheet {
  readonly rules: readonly StyleRule[];
  /** Properties that animations set: `!important` would stop them (CSS Cascade 5, 6.4). */
  readonly animated: readonly string[];
}

interface RuleContext {
  readonly selectors: readonly (CssNodePlain | undefined)[];
  readonly isSure: boolean;
  readonly isOrdered: boolean;
}

/** @-rules whose content is a condition and rules. */
const GROUPS = [
  "media",
  "supports",
  "container",
  "document",
  "-moz-document",
  "starting-style",
  "layer",
  "scope",
];

/** Reads a style sheet as browsers do (CSS Syntax 3): an error ends where the next rule begins. */
export function readStyleSheet(source: StyleSource): StyleSheet {
  const ast = parse(source.css, { positions: true, parseValue: false, parseCustomProperty: false });
  const reader = new StyleSheetReader(source);
  const whole = { selectors: [], isSure: source.isForScreens && !source.isHidden, isOrdered: true };
  reader.readAll(childrenOf(toPlainObject(ast)), whole);
  return reader;
}

class StyleSheetReader implements StyleSheet {
  readonly rules: StyleRule[] = [];
  readonly animated: string[] = [];
  readonly #source: StyleSource;

  constructor(source: StyleSource) {
    this.#source = source;
  }

  readAll(nodes: readonly CssNodePlain[], context: RuleContext): void {
    const own = nodes.filter((node) => node.type === "Declaration");
    const isOpen = nodes.some((node) => node.type === "Raw" && this.#written(node).includes(MASK));
    if (own.length > 0 || isOpen) this.#addRule(own, isOpen, context, nodes[0]!);
    for (const node of nodes) {
      if (node.type === "Rule") this.#readRule(node, context);
      else if (node.type === "Atrule") this.#readAtRule(node, context);
    }
  }

  #readRule(node: CssNodePlain & { type: "Rule" }, context: RuleContext): void {
    const isNested = context.selectors.length > 0;
    const prelude = this.#written(node.prelude);
    const selectors = selectorsOf(node.prelude);
    // A browser drops a rule whose selectors it cannot parse.
    const isBroken = node.prelude.type === "Raw" || selectors.some(isCut);
    if (isBroken && !isNested && !prelude.includes(MASK)) return;
    const isUnknown = isBroken || isNested || prelude.includes(MASK);
    this.readAll(childrenOf(node.block), {
      selectors: isUnknown ? [undefined] : selectors,
      isSure: context.isSure && !isUnknown && selectors.every(isKnownToAll),
      isOrdered: context.isOrdered && !isNested,
    });
  }

  #readAtRule(node: CssNodePlain & { type: "Atrule" }, context: RuleContext): void {
    if (node.block === null) return;
    const name = node.name.toLowerCase();
    if (name.endsWith("keyframes")) {
      const frames = childrenOf(node.block).flatMap((frame) =>
        frame.type === "Rule" ? childrenOf(frame.block) : []
      );
      this.animated.push(
        ...frames.flatMap((one) => one.type === "Declaration" ? [propertyName(one.property)] : []),
      );
    } else if (GROUPS.includes(name)) {
      const isOrdered = context.isOrdered && name !== "layer" && name !== "scope";
      this.readAll(childrenOf(node.block), { ...context, isSure: false, isOrdered });
    }
  }

  #addRule(
    nodes: readonly (CssNodePlain & { type: "Declaration" })[],
    isOpen: boolean,
    context: RuleContext,
    { loc }: CssNodePlain,
  ): void {
    const source = this.#source;
    const declarations = nodes.flatMap((node) => this.#declarationsOf(node));
    if (isOpen) declarations.push({ ...ANYTHING, source });
    for (const selector of context.selectors) {
      this.rules.push({
        selector,
        specificity: selector === undefined ? [0, 0, 0] : specificityOf(selector),
        declarations,
        isSure: context.isSure,
        isOrdered: context.isOrdered && selector !== undefined,
        source,
        scope: source.scopeAt(loc?.start.offset ?? 0),
      });
    }
  }

  #declarationsOf(node: DeclarationPlain): Declaration[] {
    // Hacks for old browsers (`*zoom`, `_height`), and flags other than `!important`: no browser reads them today.
    const flag = typeof node.important === "string" ? node.important.toLowerCase() : node.important;
    if (!/^-?-?[a-z]/i.test(node.property) || (flag !== "important" && typeof flag === "string")) {
      return [];
    }
    const { loc } = node.value;
    if (loc === undefined || loc === null) return [];
    const written = this.#source.css.slice(loc.start.offset, loc.end.offset).trimEnd();
    return [{
      source: this.#source,
      property: propertyName(node.property),
      value: node.property.startsWith("--")
        ? this.#finished(loc.start.offset, written).trim()
        : attributeValue(this.#finished(loc.start.offset, written)),
      isImportant: flag !== false,
      valueEnd: loc.start.offset + written.length,
      isOpen: written.includes(MASK),
    }];
  }

  /** The value at a place, with its files replaced. */
  #finished(begin: number, written: string): string {
    let value = "";
    let at = 0;
    for (const { begin: from, end, text } of this.#source.replaced) {
      if (from < begin || end > begin + written.length) continue;
      value += written.slice(at, from - begin) + text;
      at = end - begin;
    }
    return value + written.slice(at);
  }

  #written({ loc }: CssNodePlain): string {
    return loc ? this.#source.css.slice(loc.start.offset, loc.end.offset) : "";
  }
}

const ANYTHING = { property: "all", value: "", isImportant: false, valueEnd: 0, isOpen: true };

/** A value on one line and without comments, its strings in single quotes if that changes nothing. */
function attributeValue(written: string): string {
  let value = "";
  tokenize(written, (type, start, end) => {
    const token = written.slice(start, end);
    if (type === tokenTypes.Comment || type === tokenTypes.WhiteSpace) value += " ";
    else if (type !== tokenTypes.String || !token.startsWith('"')) value += token;
    else value += /['\\]/.test(token) ? token : `'${token.slice(1, -1)}'`;
  });
  return value.trim();
}
