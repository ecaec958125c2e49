// Runs in a page: what need not be in `style` attributes, as a rule that stays in `<style>` sets it, too.

/** A selector as if every state were given and the client had added what it adds. */
function withoutStates(selector) {
  return selector.replace(
    /(?<!\\):(?!(?:root|empty|not|is|where|has|lang|(?:first|last|only|nth|nth-last)-(?:child|of-type))\b)[a-z-]+(?:\([^)]*\))?/gi,
    "",
  ).replace(/(^|[\s>+~(,])(?=$|[\s>+~),])/g, "$1*");
}

/** The elements that a selector finds, or could find where it finds none: `[data-ogsc] .x`, `u + #body .x`. */
function reachedBy(inner, selector) {
  try {
    const found = [...inner.querySelectorAll(selector)];
    if (found.length > 0) return found;
    const subject = selector.trim().split(/[\s>+~]+/).at(-1);
    return [...inner.querySelectorAll(subject)];
  } catch {
    return [];
  }
}

/**
 * Properties by element (its number in the document) that rules which stay may set. To be asked before anything is dropped.
 *
 * @returns [number, property, kind] of each
 */
function stayingProperties(name, options) {
  const inner = documentOf(name);
  const all = elementsOf(inner);
  const found = [];
  const add = (selector, style, why) => {
    for (const element of reachedBy(inner, withoutStates(selector))) {
      const number = all.indexOf(element);
      for (const property of style) found.push([number, property, why]);
    }
  };
  for (const owner of sheetOwners(inner)) {
    eachRule(owner, options, ({ rule, why }) => {
      if (rule === undefined) return;
      for (const selector of splitAtCommas(rule.selectorText)) {
        if (/::|:(?:before|after|first-l)/.test(withoutStrings(selector))) continue;
        const isState = !isStaticSelector(selector);
        const isAbsent = !isState && inner.querySelector(selector) === null;
        const kind = why ?? (isState ? "state" : isAbsent ? "client" : undefined);
        if (kind !== undefined) add(selector, rule.style, kind);
      }
    });
  }
  for (const css of commentedStyles(inner)) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    for (const rule of sheet.cssRules) {
      if (rule.selectorText !== undefined) add(rule.selectorText, rule.style, "mso");
    }
  }
  return found;
}

/** Styles in comments that some client reads: `<!--[if mso]><style>`. */
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
 * Sets in the second document, which has lost its styles, what it need not say, and tells what that was: each property of
 * `staying` that the first document's static rules set to another value, and which no `style` attribute gives.
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
    // As it was computed, not as it is used: 100 %, not 800 px.
    const value = String(one.computedStyleMap().get(property));
    if (value === String(other.computedStyleMap().get(property))) continue;
    other.style.setProperty(property, value, "important");
    excused.push({ element: nameOf(one), property, kind });
  }
  shown.delete(second);
  return excused;
}

Object.assign(globalThis, { stayingProperties, excuse });
