import { Cascade, type Styled } from "./cascade.ts";
import type { HtmlDocument } from "../document/document.ts";
import { readStyleSheet, type StyleSource } from "./style_sheet.ts";
import { groupsOf } from "./element_groups.ts";
import { RuleMatcher } from "./rule_matcher.ts";
import { styleSelectors, writeStyles } from "./style_attribute.ts";

/**
 * Copies style sheets into `style` attributes, for mail programs that ignore `<style>`, without any change for those that do not.
 *
 * What applies to every recipient on every screen is inlined. All sheets stay; a rule that would lose to an attribute becomes
 * `!important`, see {@linkcode Cascade}.
 */
export function inlineStyles(document: HtmlDocument, sources: readonly StyleSource[]): void {
  const sheets = sources.map(readStyleSheet);
  const rules = sheets.flatMap((sheet) => sheet.rules);
  if (rules.length === 0) return;
  const matcher = new RuleMatcher(rules, document);
  const groups = groupsOf(document);
  const styled = groups.map((group) => matcher.styled(group));
  const cascade = new Cascade(distinct(styled), sheets.flatMap(({ animated }) => animated));
  const selectors = styleSelectors(rules);
  groups.forEach((group, index) => {
    if (!group.canInline) return;
    const { elements: [element], attribute } = group;
    writeStyles(document, element!.tag!, attribute, cascade.inlined(styled[index]!), selectors);
  });
  for (const { source, valueEnd } of cascade.promoted) source.insert?.(valueEnd, " !important");
}

/** Many elements are styled alike: one of each kind is enough to decide what becomes `!important`. */
function distinct(all: readonly Styled[]): Styled[] {
  const numbers = new Map<unknown, number>();
  const numberOf = (one: unknown) => {
    const number = numbers.get(one) ?? numbers.size;
    numbers.set(one, number);
    return number;
  };
  const found = new Map(all.map((styled) => {
    const { entries, own, canInline } = styled;
    const key = entries.map(({ declaration, rule, isSure, isHook, isPast }) =>
      `${numberOf(declaration)}.${numberOf(rule)}.${Number(isSure)}${Number(isHook)}${
        Number(isPast)
      }`
    );
    return [`${canInline} ${key} ${JSON.stringify(own)}`, styled];
  }));
  return [...found.values()];
}
