import type { HtmlElement } from "../../document/element.ts";
import { ALWAYS, both, type MatchVerdict, NEVER, not, SOMETIMES } from "./match_verdict.ts";

/** An+B, as in `:nth-child(2n+1)`. */
export interface Nth {
  readonly a: number;
  readonly b: number;
}

/** Pseudo-classes about an element's place among its siblings; `ofType` counts only those of the same name. */
const PLACES: Readonly<Record<string, { readonly fromEnd: boolean; readonly ofType: boolean }>> = {
  "nth-child": { fromEnd: false, ofType: false },
  "nth-last-child": { fromEnd: true, ofType: false },
  "nth-of-type": { fromEnd: false, ofType: true },
  "nth-last-of-type": { fromEnd: true, ofType: true },
  "first-child": { fromEnd: false, ofType: false },
  "last-child": { fromEnd: true, ofType: false },
  "first-of-type": { fromEnd: false, ofType: true },
  "last-of-type": { fromEnd: true, ofType: true },
};

const FIRST: Nth = { a: 0, b: 1 };

/** States that an element may be in, with the elements that can be; undefined: any. */
const STATES: Readonly<Record<string, readonly string[] | undefined>> = {
  ...Object.fromEntries(
    ["link", "visited", "any-link", "-webkit-any-link", "local-link"].map((
      name,
    ) => [name, ["a", "area"]]),
  ),
  checked: ["input", "option"],
  indeterminate: ["input", "progress"],
  ...Object.fromEntries(
    [
      "hover",
      "active",
      "focus",
      "focus-visible",
      "focus-within",
      "target",
      "target-within",
      "lang",
      "dir",
      "defined",
      "fullscreen",
      "has",
    ]
      .map((name) => [name, undefined]),
  ),
  ...Object.fromEntries(
    [
      ...[
        "enabled",
        "disabled",
        "read-only",
        "read-write",
        "placeholder-shown",
        "default",
        "valid",
        "invalid",
        "in-range",
      ],
      ...[
        "out-of-range",
        "required",
        "optional",
        "user-valid",
        "user-invalid",
        "autofill",
        "blank",
      ],
    ].map((name) => [name, undefined]),
  ),
};

/** Functions that take a list of selectors; whether browsers know them is a different question. */
const LISTS = ["is", "where", "not", "matches", "any", "-webkit-any", "-moz-any"];
/** Pseudo-elements that may be written with one colon (CSS 2.1, 5.12). */
const ELEMENTS = ["before", "after", "first-line", "first-letter"];

/** Returns whether every browser knows it: one that does not drops the whole rule (CSS Syntax 3, 9; Selectors 4, 3.9). */
export function isKnownPseudoClass(name: string): boolean {
  return name in PLACES || (name in STATES && !name.startsWith("-")) ||
    ["is", "where", "not"].includes(name) ||
    ELEMENTS.includes(name) ||
    ["root", "empty", "only-child", "only-of-type", "scope"].includes(name);
}

export function isListOfSelectors(name: string): boolean {
  return LISTS.includes(name);
}

/** Returns whether it selects a part of an element. */
export function isPseudoElement(name: string): boolean {
  return ELEMENTS.includes(name);
}

/** Matches a pseudo-class without selectors as arguments. `nth` is undefined if there is none. */
export function matchPseudoClass(
  name: string,
  nth: Nth | undefined,
  element: HtmlElement,
): MatchVerdict {
  const place = PLACES[name];
  if (place !== undefined) return placed(element, nth ?? FIRST, place);
  switch (name) {
    case "root":
      return element.parent === undefined ? ALWAYS : NEVER;
    case "empty":
      return element.isEmpty ? ALWAYS : SOMETIMES;
    case "only-child":
      return both(
        placed(element, FIRST, PLACES["first-child"]!),
        placed(element, FIRST, PLACES["last-child"]!),
      );
    case "only-of-type":
      return both(
        placed(element, FIRST, PLACES["first-of-type"]!),
        placed(element, FIRST, PLACES["last-of-type"]!),
      );
  }
  const names = STATES[name];
  return names === undefined || names.includes(element.name) ? SOMETIMES : NEVER;
}

function placed(
  element: HtmlElement,
  { a, b }: Nth,
  { fromEnd, ofType }: { readonly fromEnd: boolean; readonly ofType: boolean },
): MatchVerdict {
  const { parent } = element;
  if (parent === undefined) return placeIs(1, a, b);
  if (!parent.isSettled || element.isLoose) return SOMETIMES;
  const { places, count } = ofType ? placesByType(parent, element.name) : {
    places: undefined,
    count: parent.children.length,
  };
  const at = places?.get(element) ?? element.index;
  return placeIs(fromEnd ? count - at : at + 1, a, b);
}

function placeIs(place: number, a: number, b: number): MatchVerdict {
  const steps = place - b;
  const is = a === 0 ? steps === 0 : steps % a === 0 && steps / a >= 0;
  return is ? ALWAYS : not(ALWAYS);
}

/** Places among the children of one name, cached: with thousands of children, each asks for them. */
function placesByType(parent: HtmlElement, name: string): Places {
  const known = PLACES_BY_TYPE.get(parent) ?? new Map<string, Places>();
  PLACES_BY_TYPE.set(parent, known);
  let found = known.get(name);
  if (found === undefined) {
    const children = parent.children.filter((child) => child.name === name);
    found = { places: new Map(children.map((child, at) => [child, at])), count: children.length };
    known.set(name, found);
  }
  return found;
}

interface Places {
  readonly places: ReadonlyMap<HtmlElement, number>;
  readonly count: number;
}

const PLACES_BY_TYPE = new WeakMap<HtmlElement, Map<string, Places>>();
