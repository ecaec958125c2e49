// Runs in a page: keeps the rules of a document that apply for every recipient on a screen, and drops the others.

/** Pseudo-classes that depend on the document alone. */
const STRUCTURAL =
  /^:(?:root|empty|(?:first|last|only|nth|nth-last)-(?:child|of-type)|not|is|where|has|lang)$/;

/** Parts of a text between commas outside brackets and strings. */
function splitAtCommas(text) {
  const parts = [""];
  let depth = 0;
  for (const [token] of text.matchAll(/\\[^]|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|[^]/g)) {
    if (token === "(" || token === "[") depth++;
    if (token === ")" || token === "]") depth--;
    if (token === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += token;
  }
  return parts.map((part) => part.trim());
}

const PSEUDO = /::?[a-z-]+/gi;

/** A selector without strings and values of attributes, which may contain colons. */
function withoutStrings(selector) {
  return selector.replace(/\\[^]/g, "x").replace(/\[[^\]]*\]/g, "[x]");
}

/** Whether a selector matches the same elements whatever the reader does, and no parts of elements. */
function isStaticSelector(selector) {
  const pseudos = withoutStrings(selector).match(PSEUDO) ?? [];
  return pseudos.every((pseudo) => STRUCTURAL.test(pseudo.toLowerCase()));
}

/** Whether a media query list applies on every screen. */
function isEveryScreen(media, { only }) {
  const plain = only ? /^(?:only )?(?:all|screen)$/ : /^(?:all|screen)$/;
  return media.trim() === "" ||
    media.split(",").some((query) => plain.test(query.trim().toLowerCase()));
}

/** Whether a node is between comments such as `<!--[if !mso]><!-->` and `<!--<![endif]-->`. */
function isConditional(node) {
  for (let at = node; at !== null; at = at.parentNode) {
    for (let before = at.previousSibling; before !== null; before = before.previousSibling) {
      if (before.nodeType !== Node.COMMENT_NODE) continue;
      if (/\[endif\]/i.test(before.data)) break;
      if (/^\s*\[if\b/i.test(before.data)) return true;
    }
  }
  return false;
}

/** Deletes from a sheet, or an `@media` rule, what is not static. */
function dropDynamic(holder, options) {
  for (let index = holder.cssRules.length - 1; index >= 0; index--) {
    const rule = holder.cssRules[index];
    const kind = rule.constructor.name;
    if (kind === "CSSStyleRule") {
      const selectors = splitAtCommas(rule.selectorText).filter(isStaticSelector);
      if (selectors.length > 0) {
        rule.selectorText = selectors.join(", ");
        while (rule.cssRules.length > 0) rule.deleteRule(0);
        continue;
      }
    } else if (kind === "CSSMediaRule" && options.plainMedia) {
      if (isEveryScreen(rule.media.mediaText, options)) {
        dropDynamic(rule, options);
        continue;
      }
    } else if (kind === "CSSNamespaceRule") {
      // It cannot be deleted while there are rules, and applies to no element.
      continue;
    }
    holder.deleteRule(index);
  }
}

/** The elements that have styles; a linked sheet of another host has none, because nothing is fetched. */
function sheetOwners(inner) {
  return [...inner.querySelectorAll("style")];
}

/**
 * Drops from a document all but the static rules.
 *
 * @param options plainMedia: `@media screen {` is static, too; only: so is `only screen`
 */
function keepStaticRules(name, options) {
  shown.delete(name);
  for (const owner of sheetOwners(documentOf(name))) {
    if (isConditional(owner) || !isEveryScreen(owner.media, options)) owner.sheet.disabled = true;
    else dropDynamic(owner.sheet, options);
  }
  hideHead(documentOf(name));
}

/** Hides what is never shown, though a rule may have shown it: `* { display: block }`. */
function hideHead(inner) {
  for (const element of [inner.head, ...inner.querySelectorAll(NEVER_SHOWN.join(", "))]) {
    element.style.setProperty("display", "none", "important");
  }
}

/** Turns a document into what a client without `<style>` shows. */
function dropStyles(name) {
  shown.delete(name);
  for (const owner of sheetOwners(documentOf(name))) owner.sheet.disabled = true;
  hideHead(documentOf(name));
}

Object.assign(globalThis, { keepStaticRules, dropStyles, isStaticSelector, splitAtCommas });
