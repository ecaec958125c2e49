// @ts-types="@types/css-tree"
import type { CssNodePlain } from "css-tree";
import { childrenOf, selectorsOf } from "../css_nodes.ts";
import { isKnownPseudoClass, isPseudoElement } from "./pseudo_class.ts";

/** A combinator without anything on one of its sides. */
export function isCut(selector: CssNodePlain): boolean {
  const nodes = childrenOf(selector);
  return nodes.length === 0 || nodes[0]!.type === "Combinator" ||
    nodes.at(-1)!.type === "Combinator";
}

/** Every browser reads it; of a list with one that some do not, those drop the whole rule. */
export function isKnownToAll(selector: CssNodePlain): boolean {
  const nodes = childrenOf(selector);
  return nodes.every((node, index) => {
    // Nothing but a combinator, and that to no avail, may follow a pseudo-element (Selectors 4, 3.6.2).
    const before = nodes[index - 1];
    if (before !== undefined && isPartOfElement(before) && node.type !== "Combinator") return false;
    if (node.type === "PseudoClassSelector") {
      const inner = (node.children ?? []).flatMap(selectorsOf);
      // `:is()` and `:where()` forgive what they hold; `:not()` does not.
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
