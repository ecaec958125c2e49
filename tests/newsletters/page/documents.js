// Runs in a page: keeps documents side by side, each in a frame, and reports where two of them differ.

/** The frame of a document by its name. */
const frames = new Map();

/** A frame inherits the preferred colour scheme of the element that it is in. */
document.documentElement.style.colorScheme = "light dark";

/** Writes a document into a frame of its own, and waits until it has loaded. */
async function load(name, html) {
  frames.get(name)?.remove();
  shown.delete(name);
  const frame = document.createElement("iframe");
  frame.style.cssText = "display:block;border:0;height:1000px;width:800px";
  document.body.append(frame);
  frames.set(name, frame);
  // Not `srcdoc`: the doctype has no effect there.
  const loaded = new Promise((resolve) => frame.onload = resolve);
  const inner = frame.contentDocument;
  inner.open();
  inner.write(html);
  inner.close();
  if (inner.readyState !== "complete") await loaded;
  // If a rule shows the text of a <style>, each `!important` in it takes up space.
  hideHead(inner);
}

/** Removes all documents. */
function unload() {
  for (const frame of frames.values()) frame.remove();
  frames.clear();
  shown.clear();
}

function documentOf(name) {
  return frames.get(name).contentDocument;
}

/** Gives all frames a width in CSS pixels, and checks that the documents see it and the colour scheme. */
function look(width, scheme) {
  shown.clear();
  for (const frame of frames.values()) {
    frame.style.width = `${width}px`;
    const view = frame.contentWindow;
    if (view.innerWidth !== width || screen.width !== width) throw new Error("Not that width");
    if (!view.matchMedia(`(prefers-color-scheme: ${scheme})`).matches) {
      throw new Error("Not that scheme");
    }
  }
}

/** Lays a document out afresh, without anything cached, and stops its animations. */
function settle(inner) {
  const frame = inner.defaultView.frameElement;
  for (const display of ["none", "block"]) {
    frame.style.display = display;
    frame.getBoundingClientRect();
    inner.defaultView.getComputedStyle(inner.documentElement).height;
  }
  for (const animation of inner.getAnimations()) {
    if (animation.constructor.name === "CSSTransition") {
      animation.finish();
    } else {
      animation.pause();
      animation.currentTime = 0;
    }
  }
}

/** Elements in document order. */
function elementsOf(inner) {
  return [...inner.querySelectorAll("*")];
}

function countElements(name) {
  return elementsOf(documentOf(name)).length;
}

function elementAt(name, index) {
  return elementsOf(documentOf(name))[index];
}

/** To be called when the states of elements have changed. */
function forget() {
  shown.clear();
}

/** A name by which a person finds an element. */
function nameOf(element) {
  if (element === undefined) return "nothing";
  const tag = element.localName;
  const id = element.id === "" ? "" : `#${element.id}`;
  const classes = element.classList.length === 0 ? "" : `.${[...element.classList].join(".")}`;
  const alike = [...element.ownerDocument.querySelectorAll(tag)].indexOf(element);
  return `${tag}${id}${classes} (number ${alike + 1})`;
}

/** The innermost elements that contain a text, if one is given: those of a preheader. */
function holdersOf(inner, text) {
  if (text === undefined) return [];
  return [...inner.body.querySelectorAll("*")].filter((element) =>
    element.textContent.includes(text) &&
    ![...element.children].some((child) => child.textContent.includes(text))
  );
}

/** Properties that repeat others, as long as `direction` and `writing-mode` are the same. */
const LOGICAL = /(?:^|-)(?:block|inline)(?:-|$)/;
/** Properties that follow from others, and so are reported last. */
const FOLLOWS = /^(?:(?:perspective|transform)-origin|width|height)$/;

/** The properties that are compared; sorted, those that follow from others last. */
const PROPERTIES = [...getComputedStyle(document.documentElement)]
  .filter((name) => !LOGICAL.test(name))
  .sort((a, b) => FOLLOWS.test(a) - FOLLOWS.test(b));
const KEYS = PROPERTIES.map((name) => name.replace(/-([a-z])/g, (_, next) => next.toUpperCase()))
  .map((name) => name.replace(/^[Ww]ebkit/, "webkit"));

for (const key of KEYS) {
  if (typeof getComputedStyle(document.documentElement)[key] !== "string") throw new Error(key);
}

const PSEUDO_ELEMENTS = ["::before", "::after", "::marker"];

/** A pseudo-element has a style even if it does not exist. */
function isThere(pseudo, element, style) {
  if (pseudo === "::marker") return element.localName === "li";
  return !["none", "normal"].includes(style.content);
}

/** Computed styles of documents as they are shown now, by the document's name, then by element. */
const shown = new Map();

/** The computed styles of an element and its pseudo-elements, in the order of `PROPERTIES`. */
function stylesOf(name, element) {
  const known = shown.get(name) ?? new Map();
  shown.set(name, known);
  if (known.has(element)) return known.get(element);
  const styles = {};
  const view = element.ownerDocument.defaultView;
  const valuesOf = (style) => KEYS.map((key) => style[key]);
  styles[""] = valuesOf(view.getComputedStyle(element));
  for (const pseudo of PSEUDO_ELEMENTS) {
    const style = view.getComputedStyle(element, pseudo);
    if (isThere(pseudo, element, style)) styles[pseudo] = valuesOf(style);
  }
  known.set(element, styles);
  return styles;
}

/** Differences between two elements' computed styles. */
function styleDifferences(ones, others, element) {
  const found = [];
  for (const pseudo of new Set([...Object.keys(ones), ...Object.keys(others)])) {
    for (const [index, property] of PROPERTIES.entries()) {
      const [expected, is] = [ones[pseudo]?.[index], others[pseudo]?.[index]];
      if (expected === is) continue;
      found.push({ element: nameOf(element) + pseudo, property, expected, found: is });
    }
  }
  return found;
}

const NEVER_SHOWN = ["style", "title", "meta", "link", "script", "base"];

/** Pairs of elements of two documents: of the bodies if the heads differ or `onlyShown` is given, otherwise of the whole. */
function pairsOf(a, b, { preheader, onlyShown = false }) {
  const left = holdersOf(b, preheader);
  const body = (inner) =>
    [inner.documentElement, inner.body, ...inner.body.querySelectorAll("*")].filter((one) =>
      !onlyShown || !NEVER_SHOWN.includes(one.localName)
    );
  for (const pick of onlyShown ? [body] : [elementsOf, body]) {
    const [ones, others] = [pick(a), pick(b).filter((one) => !left.includes(one))];
    const tags = (elements) => elements.map(({ localName }) => localName).join(" ");
    if (tags(ones) === tags(others)) return ones.map((one, index) => [one, others[index]]);
  }
  return undefined;
}

const UNPAIRED = { element: "body", property: "elements", expected: "the same", found: "others" };

/**
 * Where computed styles differ, in document order; the most informative properties first.
 *
 * @param options preheader: text of elements that only the second document has; onlyShown: the body and its ancestors
 */
function compareStyles(first, second, { most = 20, ...options } = {}) {
  const [a, b] = [documentOf(first), documentOf(second)];
  settle(a);
  settle(b);
  const pairs = pairsOf(a, b, options);
  if (pairs === undefined) return { elements: 0, count: 1, first: [UNPAIRED] };
  const differences = [];
  let count = 0;
  for (const [one, other] of pairs) {
    const found = styleDifferences(stylesOf(first, one), stylesOf(second, other), one);
    if (found.length > 0) count++;
    if (differences.length < 5000) differences.push(...found);
  }
  differences.sort((x, y) => FOLLOWS.test(x.property) - FOLLOWS.test(y.property));
  return { elements: pairs.length, count, first: differences.slice(0, most) };
}

Object.assign(globalThis, {
  countElements,
  elementAt,
  forget,
  load,
  unload,
  look,
  compareStyles,
  nameOf,
  elementsOf,
  holdersOf,
});
