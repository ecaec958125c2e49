// @ts-types="@types/css-tree"
import { type CssNodePlain, ident } from "css-tree";

/** The nodes directly within a node. */
export function childrenOf(node: CssNodePlain): readonly CssNodePlain[] {
  return "children" in node && Array.isArray(node.children) ? node.children : [];
}

/** The selectors of a list, also of the one in `:nth-child(2n of …)`. */
export function selectorsOf(node: CssNodePlain): readonly CssNodePlain[] {
  if (node.type === "SelectorList") return node.children;
  if (node.type === "Selector") return [node];
  return node.type === "Nth" && node.selector !== null ? selectorsOf(node.selector) : [];
}

/** A name without its escapes. */
export function unescapedName(name: string): string {
  return name.includes("\\") ? ident.decode(name) : name;
}
