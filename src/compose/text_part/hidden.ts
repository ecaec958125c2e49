// @ts-types="@types/css-tree"
import { type CssNode, parse } from "css-tree";
import { Declarations, topRules } from "./visibility.ts";

/** A rule that hides elements on every screen: by a tag, classes, an id, or some of them together. */
interface HidingSelector {
  readonly tag: string | undefined;
  readonly id: string | undefined;
  readonly classes: readonly string[];
}

/** Finds the invisible elements of an HTML text, by their attributes and the rules read before them. */
export class HiddenElements {
  readonly #selectors: HidingSelector[] = [];

  /** Reads the CSS of a `<style>`. Rules within `@media` and the like do not apply everywhere. */
  read(css: string): void {
    for (const { selectors, isSeen } of topRules(css)) {
      if (isSeen !== false) continue;
      for (const selector of selectorsOf(selectors)) {
        const known = selector.type === "Selector"
          ? hidingSelector([...selector.children])
          : undefined;
        if (known !== undefined) this.#selectors.push(known);
      }
    }
  }

  has(tag: string, attributes: Readonly<Record<string, string>>): boolean {
    const { style, class: names = "", id, hidden } = attributes;
    if (hidden !== undefined) return true;
    const isSeen = style === undefined ? undefined : new Declarations(style).isSeen;
    if (isSeen !== undefined) return !isSeen;
    const classes = names.split(/\s+/);
    return this.#selectors.some((selector) =>
      (selector.tag === undefined || selector.tag === tag) &&
      (selector.id === undefined || selector.id === id) &&
      selector.classes.every((name) => classes.includes(name))
    );
  }
}

/** The parts of a selector that depends on one element only, by its type, classes and id. */
function hidingSelector(parts: readonly CssNode[]): HidingSelector | undefined {
  const named = (type: CssNode["type"]): string[] =>
    parts.flatMap((part) => part.type === type && "name" in part ? [String(part.name)] : []);
  const [tags, ids, classes] = [named("TypeSelector"), named("IdSelector"), named("ClassSelector")];
  const isWhole = tags.length + ids.length + classes.length === parts.length;
  if (!isWhole || tags.includes("*") || ids.length > 1) return undefined;
  return { tag: tags[0]?.toLowerCase(), id: ids[0], classes };
}

function selectorsOf(text: string): CssNode[] {
  try {
    const list = parse(text, { context: "selectorList" });
    return list.type === "SelectorList" ? [...list.children] : [];
  } catch {
    return [];
  }
}
