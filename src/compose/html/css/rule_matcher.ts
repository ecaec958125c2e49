import type { HtmlDocument } from "../document/document.ts";
import type { HtmlElement } from "../document/element.ts";
import { type CascadeEntry, sortedEntries, type Styled } from "./cascade.ts";
import type { ElementGroup } from "./element_groups.ts";
import { ownDeclarations } from "./style_attribute.ts";
import { SelectorMatcher } from "./selectors/selector.ts";
import type { SelectorMatch } from "./selectors/selector_match.ts";
import { namesOf } from "./selectors/selector_names.ts";
import { ALWAYS, type MatchVerdict, NEVER, SOMETIMES } from "./selectors/match_verdict.ts";
import type { StyleRule } from "./style_sheet.ts";

/** Finds the declarations of all rules that apply to an element. */
export class RuleMatcher {
  readonly #rules: readonly {
    readonly rule: StyleRule;
    readonly matcher: SelectorMatcher | undefined;
  }[];

  constructor(rules: readonly StyleRule[], document: HtmlDocument) {
    const names = namesOf(document);
    this.#rules = rules.map((rule) => ({
      rule,
      matcher: rule.selector && new SelectorMatcher(rule.selector, names),
    }));
  }

  styled({ elements, attribute, canInline }: ElementGroup): Styled {
    const entries = this.#rules.flatMap(({ rule, matcher }, order) => {
      const matches = elements.map((element) => matchOf(element, rule, matcher));
      const verdict = common(matches.map((match) => match.verdict));
      if (verdict === NEVER) return [];
      const ofAll = (has: (match: SelectorMatch) => boolean) =>
        matches.every((match) => match.verdict === NEVER || has(match));
      const [isHook, isPast] = [ofAll((match) => match.isHook), ofAll((match) => match.isPast)];
      return rule.declarations.map((declaration): CascadeEntry => ({
        declaration,
        rule,
        order,
        isSure: verdict === ALWAYS && rule.isSure && !declaration.isOpen,
        isHook,
        isPast,
      }));
    });
    return { entries: sortedEntries(entries), own: ownDeclarations(attribute), canInline };
  }
}

function matchOf(
  element: HtmlElement,
  { scope }: StyleRule,
  matcher: SelectorMatcher | undefined,
): SelectorMatch {
  if (matcher === undefined) return { verdict: SOMETIMES, isHook: false, isPast: false };
  const match = matcher.match(element);
  const isThere = scope.contains(element.scope) && !scope.hasBetween(element.scope, "detached");
  return isThere || match.verdict === NEVER ? match : { ...match, verdict: SOMETIMES };
}

function common(verdicts: readonly MatchVerdict[]): MatchVerdict {
  const [first = NEVER] = verdicts;
  return verdicts.every((verdict) => verdict === first) ? first : SOMETIMES;
}
