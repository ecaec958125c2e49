// @ts-types="@types/css-tree"
import type { CssNodePlain } from "css-tree";
import { childrenOf, selectorsOf } from "../css_nodes.ts";
import { isPseudoElement } from "./pseudo_class.ts";

/** Ids; classes, attributes and pseudo-classes; types and pseudo-elements (Selectors 4, 17). */
export type Specificity = readonly [number, number, number];

const NONE: Specificity = [0, 0, 0];

export function compareSpecificity(a: Specificity, b: Specificity): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** The specificity of a selector, a plain object of css-tree. */
export function specificityOf(selector: CssNodePlain): Specificity {
  return sum(childrenOf(selector).map(ofSimple));
}

function ofSimple(node: CssNodePlain): Specificity {
  switch (node.type) {
    case "IdSelector":
      return [1, 0, 0];
    case "ClassSelector":
    case "AttributeSelector":
      return [0, 1, 0];
    case "TypeSelector":
      return node.name.endsWith("*") ? NONE : [0, 0, 1];
    case "PseudoElementSelector":
      return [0, 0, 1];
    case "PseudoClassSelector":
      return ofPseudoClass(node.name.toLowerCase(), node.children ?? []);
    default:
      return NONE;
  }
}

function ofPseudoClass(name: string, children: readonly CssNodePlain[]): Specificity {
  if (name === "where") return NONE;
  if (isPseudoElement(name)) return [0, 0, 1];
  const inner = highest(children.flatMap(selectorsOf).map(specificityOf));
  if (["is", "not", "has", "matches", "-webkit-any", "-moz-any"].includes(name)) return inner;
  return sum([[0, 1, 0], inner]);
}

function sum(all: readonly Specificity[]): Specificity {
  return all.reduce<Specificity>((a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]], NONE);
}

function highest(all: readonly Specificity[]): Specificity {
  return all.reduce((a, b) => compareSpecificity(a, b) < 0 ? b : a, NONE);
}
