// @ts-types="@types/css-tree"
import type { CssNodePlain } from "css-tree";
import { selectorsOf, unescapedName } from "../css_nodes.ts";
import { matchAttribute, matchValues } from "./attribute_selector.ts";
import { MASK } from "../../document/constructs.ts";
import type { HtmlElement } from "../../document/element.ts";
import { isListOfSelectors, isPseudoElement, matchPseudoClass, type Nth } from "./pseudo_class.ts";
import { ALWAYS, type MatchVerdict, NEVER, not, SOMETIMES } from "./match_verdict.ts";
import { type SelectorNames, wordsOf } from "./selector_names.ts";
import { bothMatch, eitherMatch, type SelectorMatch, withoutHook } from "./selector_match.ts";
import { hookIn } from "./program_hooks.ts";

/** A part of a selector without combinators. */
type Compound = readonly CssNodePlain[];
interface Step {
  readonly compound: Compound;
  /** What joins it to the one before; "" for the first. */
  readonly combinator: string;
}

/**
 * Matches a selector against an element, of which not everything is known before a mail is made and shown.
 *
 * States (`:hover`) hold sometimes; so does what Liquid decides, and what depends on it.
 */
export class SelectorMatcher {
  readonly #names: SelectorNames;
  readonly #steps: readonly Step[];
  /** Known results of each step: without them, `a b c d` would take time by the fourth power of the depth. */
  readonly #known: readonly Map<HtmlElement, SelectorMatch>[];
  readonly #before: readonly Map<HtmlElement, readonly SelectorMatch[]>[];

  /** @param selector A `Selector` of css-tree, as a plain object. */
  constructor(selector: CssNodePlain, names: SelectorNames) {
    this.#names = names;
    this.#steps = stepsOf(selector);
    this.#known = this.#steps.map(() => new Map());
    this.#before = this.#steps.map(() => new Map());
  }

  match(element: HtmlElement): SelectorMatch {
    return this.#matchAt(this.#steps.length - 1, element);
  }

  #matchAt(index: number, element: HtmlElement): SelectorMatch {
    // The last step is matched once per element.
    const isSubject = index === this.#steps.length - 1;
    const known = isSubject ? undefined : this.#known[index]!.get(element);
    if (known !== undefined) return known;
    const { compound, combinator } = this.#steps[index]!;
    const own = this.#matchCompound(compound, element);
    const match = own.verdict === NEVER || combinator === ""
      ? own
      : bothMatch(own, this.#matchLeft(index - 1, combinator, element));
    if (!isSubject) this.#known[index]!.set(element, match);
    return match;
  }

  /** Matches what is to the left of a combinator. */
  #matchLeft(index: number, combinator: string, element: HtmlElement): SelectorMatch {
    const hook = hookIn(this.#steps[index]!.compound, this.#names);
    if (hook !== undefined) return hook;
    if (combinator === " " || combinator === ">") {
      return this.#matchAbove(index, combinator, element);
    }
    const { parent } = element;
    if (combinator !== "+" && combinator !== "~") return withoutHook(SOMETIMES);
    if (parent === undefined) return withoutHook(NEVER);
    if (!parent.isSettled || element.isLoose) return withoutHook(SOMETIMES);
    if (element.index === 0) return withoutHook(NEVER);
    return combinator === "+"
      ? this.#matchAt(index, parent.children[element.index - 1]!)
      : this.#matchesBefore(index, parent)[element.index]!;
  }

  /** For each child of an element, whether one before it matches. */
  #matchesBefore(index: number, parent: HtmlElement): readonly SelectorMatch[] {
    let known = this.#before[index]!.get(parent);
    if (known === undefined) {
      let match = withoutHook(NEVER);
      known = parent.children.map((child) => {
        const before = match;
        match = eitherMatch(match, this.#matchAt(index, child));
        return before;
      });
      this.#before[index]!.set(parent, known);
    }
    return known;
  }

  #matchAbove(index: number, combinator: string, element: HtmlElement): SelectorMatch {
    if (element.isLoose) return withoutHook(SOMETIMES);
    let found = withoutHook(NEVER);
    for (let above = element.parent; above !== undefined; above = above.parent) {
      const isSure = above.scope.contains(element.scope) &&
        !above.scope.hasBetween(element.scope, "detached");
      const match = this.#matchAt(index, above);
      found = eitherMatch(found, isSure ? match : bothMatch(match, withoutHook(SOMETIMES)));
      // On another branch the parent is further up.
      if (found.verdict === ALWAYS || (isSure && combinator === ">")) break;
    }
    return found;
  }

  #matchCompound(compound: Compound, element: HtmlElement): SelectorMatch {
    let match = withoutHook(ALWAYS);
    for (const node of compound) {
      const one = node.type === "PseudoClassSelector"
        ? this.#matchPseudoClass(node.name.toLowerCase(), node.children ?? [], element)
        : withoutHook(this.#matchSimple(node, element));
      match = bothMatch(match, one);
      if (match.verdict === NEVER) break;
    }
    return match;
  }

  #matchSimple(node: CssNodePlain, element: HtmlElement): MatchVerdict {
    switch (node.type) {
      case "TypeSelector": {
        const name = unescapedName(node.name).toLowerCase();
        if (name.includes(MASK) || (name.includes("|") && !name.startsWith("*|"))) return SOMETIMES;
        return ["*", "*|*", element.name, `*|${element.name}`].includes(name) ? ALWAYS : NEVER;
      }
      case "ClassSelector":
        return this.#matchWords("class", unescapedName(node.name), element);
      case "IdSelector":
        return this.#matchWords("id", unescapedName(node.name), element);
      case "AttributeSelector":
        return matchAttribute(node, element);
      case "PseudoElementSelector":
        return NEVER;
      default:
        return SOMETIMES;
    }
  }

  /** A class among others, or the id. */
  #matchWords(attribute: "class" | "id", word: string, element: HtmlElement): MatchVerdict {
    if (word.includes(MASK)) return SOMETIMES;
    const { isQuirky } = this.#names;
    const same = (text: string) =>
      isQuirky ? text.toLowerCase() === word.toLowerCase() : text === word;
    return matchValues(element, attribute, (value) => {
      const words = attribute === "class" ? wordsOf(value) : [value];
      if (words.some(same)) return ALWAYS;
      return value.includes(MASK) ? SOMETIMES : NEVER;
    });
  }

  #matchPseudoClass(
    name: string,
    children: readonly CssNodePlain[],
    element: HtmlElement,
  ): SelectorMatch {
    if (isPseudoElement(name)) return withoutHook(NEVER);
    if (isListOfSelectors(name)) {
      const selectors = children.flatMap(selectorsOf);
      if (selectors.length === 0) return withoutHook(SOMETIMES);
      const inner = selectors
        .map((selector) => new SelectorMatcher(selector, this.#names).match(element))
        .reduce(eitherMatch);
      return name === "not" ? { ...inner, verdict: not(inner.verdict) } : inner;
    }
    const nth = children.find((child) => child.type === "Nth");
    if (nth !== undefined && nth.selector !== null) return withoutHook(SOMETIMES);
    const place = nth === undefined ? undefined : nthOf(nth.nth);
    return withoutHook(matchPseudoClass(name, place, element));
  }
}

function stepsOf(selector: CssNodePlain): Step[] {
  const steps: { compound: CssNodePlain[]; combinator: string }[] = [{
    compound: [],
    combinator: "",
  }];
  if (selector.type !== "Selector") return [{ compound: [selector], combinator: "" }];
  for (const node of selector.children) {
    if (node.type === "Combinator") steps.push({ compound: [], combinator: node.name });
    else steps.at(-1)!.compound.push(node);
  }
  return steps;
}

function nthOf(
  nth: {
    readonly type: string;
    readonly name?: string;
    readonly a?: string | null;
    readonly b?: string | null;
  },
): Nth {
  if (nth.type === "Identifier") return { a: 2, b: nth.name?.toLowerCase() === "odd" ? 1 : 0 };
  return { a: Number(nth.a ?? 0), b: Number(nth.b ?? 0) };
}
