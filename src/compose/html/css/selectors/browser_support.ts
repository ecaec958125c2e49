// @ts-types="@types/css-tree"
import type { CssNodePlain } from "css-tree";
import { childrenOf, selectorsOf } from "../css_nodes.ts";
import { isKnownPseudoClass, isPseudoElement } from "./pseudo_class.ts";

/** Returns whether a combinator lacks one of its sides. */
export function isCut(selector: CssNodePlain): boolean {
  const nodes = childrenOf(selector);
  return nodes.length === 0 || nodes[0]!.type === "Combinator" ||
    nodes.at(-1)!.type === "Combinator";
}

/** Returns whether every browser knows it; a browser that does not drops the whole rule. */
export function isKnownToAll(selector: CssNodePlain): boolean {
  const nodes = childrenOf(selector);
  return nodes.every((node, index) => {
    // Only a combinator, which then matches nothing, may follow a pseudo-element (Selectors 4, 3.6.2).
    const before = nodes[index - 1];
    if (before !== undefined && isPartOfElement(before) && node.type !== "Combinator") return false;
    if (node.type === "PseudoClassSelector") {
      const inner = (node.children ?? []).flatMap(selectorsOf);
      // `:is()` and `:where()` tolerate unknown arguments; `:not()` does not.
      return isKnownPseudoClass(node.name.toLowerCase()) &&
        (node.name.toLowerCase() !== "not" || inner.every(isKnownToAll));
    }
    return node.type !== "PseudoElementSelector" || KNOWN_ELEMENTS.has(node.name.toLowerCase());
  });
}

function isPartOfElement(node: CssNodePlain): boolean {
  return node.type === "PseudoElementSelector" ||
    (node.type === "PseudoClassSelector" && isPseudoElement(node.name.toLowerCase()));
}

const KNOWN_ELEMENTS = new Set([
  ...["before", "after", "first-line", "first-letter", "selection", "placeholder", "marker"],
  ...["backdrop", "file-selector-button"],
]);
