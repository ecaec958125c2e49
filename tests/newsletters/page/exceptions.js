// Runs in a page: what need not be in `style` attributes, because a rule that stays in `<style>` also sets it.

/** Elements that the last part of a selector may match in some state or with what clients add; rather too many than too few. */
function reachableBy(inner, selector) {
  const bare = withoutStrings(selector).replace(/::?[a-z-]+(?:\((?:[^()]|\([^()]*\))*\))?/gi, "");
  const subject = bare.trim().split(/[\s>+~]+/).at(-1).replaceAll("[x]", "");
  return [...inner.querySelectorAll(subject === "" || subject === "&" ? "*" : subject)];
}

/** What rules set, even nested ones: a rule within a rule refers to what that one matches. */
function* allRules(holder, why) {
  for (const rule of holder.cssRules ?? []) {
    // It has a selector, but for pages.
    if (rule.constructor.name === "CSSPageRule") continue;
    const isNested = holder.selectorText !== undefined;
    if (rule.selectorText !== undefined) yield [rule, why ?? (isNested ? "nested" : undefined)];
    else if (isNested && rule.style !== undefined) {
      yield [{ selectorText: holder.selectorText, style: rule.style }, "nested"];
    }
    yield* allRules(rule, why ?? (rule.selectorText === undefined ? "at-rule" : undefined));
  }
}

/** Why all rules of a sheet stay in `<style>`; undefined: that depends on their selectors. */
function whySheetStays(owner, options) {
  if (isConditional(owner)) return "conditional";
  return isEveryScreen(owner.media, options) ? undefined : "media";
}

/** The elements that a selector of a rule that stays may match, and why the rule stays. */
function stayingReach(inner, selector, why) {
  if (/::|:(?:before|after|first-l)/.test(withoutStrings(selector))) return [[], why];
  if (selector.includes("&") || why === "nested") return [reachableBy(inner, selector), why];
  if (!isStaticSelector(selector)) return [reachableBy(inner, selector), why ?? "state"];
  const found = [...inner.querySelectorAll(selector)];
  if (found.length > 0) return [found, why];
  return [reachableBy(inner, selector), why ?? "client"];
}

/**
 * Properties that rules which stay may set, by element (its number in the document). To be called before anything is dropped.
 *
 * @returns [number, property, kind] of each
 */
function stayingProperties(name, options) {
  const inner = documentOf(name);
  const all = elementsOf(inner);
  const sheets = sheetOwners(inner).map((owner) => [owner.sheet, whySheetStays(owner, options)]);
  for (const css of commentedStyles(inner)) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css.replace(/@import[^;]*;?/g, ""));
    sheets.push([sheet, "mso"]);
  }
  const found = [];
  for (const [sheet, sheetWhy] of sheets) {
    for (const [rule, ruleWhy] of allRules(sheet, sheetWhy)) {
      for (const selector of splitAtCommas(rule.selectorText)) {
        const [elements, why] = stayingReach(inner, selector, ruleWhy);
        if (why === undefined) continue;
        for (const element of elements) {
          const number = all.indexOf(element);
          for (const property of rule.style) found.push([number, property, why]);
        }
      }
    }
  }
  return found;
}

/** Styles in comments that some clients read: `<!--[if mso]><style>`. */
function commentedStyles(inner) {
  const walker = inner.createTreeWalker(inner, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (walker.nextNode()) {
    for (const [, css] of walker.currentNode.data.matchAll(/<style[^>]*>([^]*?)<\/style/gi)) {
      found.push(css);
    }
  }
  return found;
}

/** Which properties of which elements (by number) the rules of a document set. */
function declaredIn(inner) {
  const all = elementsOf(inner);
  const found = new Set();
  for (const { sheet } of sheetOwners(inner)) {
    for (const rule of sheet?.disabled === false ? rulesWithin(sheet) : []) {
      for (const element of inner.querySelectorAll(rule.selectorText)) {
        for (const property of rule.style) found.add(`${all.indexOf(element)} ${property}`);
      }
    }
  }
  return found;
}

function* rulesWithin(holder) {
  for (const rule of holder.cssRules) {
    if (rule.selectorText !== undefined) yield rule;
    else if (rule.cssRules !== undefined) yield* rulesWithin(rule);
  }
}

/**
 * Sets in the second document, which has lost its styles, the properties that it may lack, and returns them: each property of
 * `staying` that the first document's static rules set to another value and that no `style` attribute sets.
 */
function excuse(first, second, staying, { preheader } = {}) {
  const [a, b] = [documentOf(first), documentOf(second)];
  const left = holdersOf(b, preheader);
  const [ones, others] = [elementsOf(a), elementsOf(b).filter((one) => !left.includes(one))];
  const declared = declaredIn(a);
  const excused = [];
  for (const [number, property, kind] of staying) {
    const [one, other] = [ones[number], others[number]];
    if (!declared.has(`${number} ${property}`) || one.localName !== other?.localName) continue;
    if (other.style.getPropertyValue(property) !== "") continue;
    // The computed value, not the used one: 100 %, not 800 px.
    const value = String(one.computedStyleMap().get(property));
    if (value === String(other.computedStyleMap().get(property))) continue;
    other.style.setProperty(property, value, "important");
    excused.push({ element: nameOf(one), property, kind });
  }
  shown.delete(second);
  return excused;
}

Object.assign(globalThis, { stayingProperties, excuse });
