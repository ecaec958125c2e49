/** Longhands of the shorthands that mails use (CSS Cascade 5, 2.1; the modules of each). Others are recognized by their prefix. */
const SIDES = ["top", "right", "bottom", "left"];
const OF_BORDER = ["width", "style", "color"];
const SHORTHANDS: Readonly<Record<string, readonly string[]>> = {
  "border-width": SIDES.map((side) => `border-${side}-width`),
  "border-style": SIDES.map((side) => `border-${side}-style`),
  "border-color": SIDES.map((side) => `border-${side}-color`),
  "border": [
    ...SIDES.flatMap((side) => OF_BORDER.map((part) => `border-${side}-${part}`)),
    ...["source", "slice", "width", "outset", "repeat"].map((part) => `border-image-${part}`),
  ],
  ...Object.fromEntries(
    SIDES.map((side) => [`border-${side}`, OF_BORDER.map((part) => `border-${side}-${part}`)]),
  ),
  "border-radius": ["top-left", "top-right", "bottom-right", "bottom-left"]
    .map((corner) => `border-${corner}-radius`),
  "font": [
    ...["style", "weight", "stretch", "size", "family", "variant", "size-adjust", "kerning"]
      .map((part) => `font-${part}`),
    ...["feature-settings", "variation-settings", "language-override", "optical-sizing"]
      .map((part) => `font-${part}`),
    "line-height",
  ],
  "columns": ["column-width", "column-count"],
  "flex-flow": ["flex-direction", "flex-wrap"],
  "gap": ["row-gap", "column-gap"],
  "grid-area": ["grid-row-start", "grid-row-end", "grid-column-start", "grid-column-end"],
  "inset": SIDES,
  "place-content": ["align-content", "justify-content"],
  "place-items": ["align-items", "justify-items"],
  "place-self": ["align-self", "justify-self"],
  "white-space": ["white-space-collapse", "text-wrap-mode", "text-wrap"],
};

/** Other names of one property. */
const ALIASES: Readonly<Record<string, string>> = {
  "word-wrap": "overflow-wrap",
  "grid-gap": "gap",
  "grid-row-gap": "row-gap",
  "grid-column-gap": "column-gap",
};

/** Names that are not covered by the shorthand that they begin with. */
const APART = /^border-(?:collapse|spacing|radius|(?:top|bottom)-(?:left|right)-radius)$/;

/** Directions that depend on the text: which side they mean is not known here. */
const LOGICAL = /-(?:inline|block)(?:-|$)|^(?:inline|block)-size$/;

/**
 * Returns whether a declaration of one property may affect one of the other. A custom property affects only itself; in
 * doubt the answer is yes.
 */
export function overlap(a: string, b: string): boolean {
  if (a === b) return true;
  const known = KNOWN.get(a) ?? new Map<string, boolean>();
  KNOWN.set(a, known);
  let answer = known.get(b);
  if (answer === undefined) known.set(b, answer = doOverlap(a, b));
  return answer;
}

/** Cached answers: a template needs the same few pairs for each element. */
const KNOWN = new Map<string, Map<string, boolean>>();

function doOverlap(a: string, b: string): boolean {
  if (a === "all" || b === "all") return true;
  if (a.startsWith("--") || b.startsWith("--")) return false;
  const [one, other] = [standardName(a), standardName(b)];
  if (one === other || within(one, other) || within(other, one)) return true;
  const [ofOne, ofOther] = [longhands(one), longhands(other)];
  const isShared = ofOne.some((a) => ofOther.some((b) => a === b || within(a, b) || within(b, a)));
  if (isShared) return true;
  return (LOGICAL.test(one) || LOGICAL.test(other)) && family(one) === family(other);
}

/** In lower case, except for custom properties, whose names are case-sensitive. */
export function propertyName(written: string): string {
  return written.startsWith("--") ? written : written.toLowerCase();
}

function standardName(name: string): string {
  const bare = name.replace(/^-(?:webkit|moz|ms|o)-/, "");
  return ALIASES[bare] ?? bare;
}

/** `margin-left` is part of `margin`, which is known by its name. */
function within(name: string, shorthand: string): boolean {
  return name.startsWith(`${shorthand}-`) && !(shorthand.startsWith("border") && APART.test(name));
}

function longhands(name: string): readonly string[] {
  return SHORTHANDS[name] ?? [name];
}

function family(name: string): string {
  if (/^(?:min-|max-)?(?:inline-size|block-size|width|height)$/.test(name)) {
    return `${/^(?:min|max)/.exec(name)?.[0] ?? ""}size`;
  }
  return name.split("-")[0]!;
}
