// @ts-types="@types/css-tree"
import { type AttributeSelector, ident } from "css-tree";
import { MASK } from "./constructs.ts";
import type { HtmlElement } from "./element.ts";
import { ALWAYS, NEVER, SOMETIMES, type Verdict } from "./verdict.ts";

/** Attributes that mail programs put on elements of a mail itself (Outlook, for its dark mode). */
const PUT_ON = ["data-ogsc", "data-ogsb", "data-ogac", "data-ogab"];

/** `[name]`, `[name^="value" i]`. */
export function matchAttribute(node: AttributeSelector, element: HtmlElement): Verdict {
  const name = decoded(node.name.name).toLowerCase();
  if (PUT_ON.includes(name)) return SOMETIMES;
  const { matcher, value, flags } = node;
  const wanted = value === null ? "" : value.type === "String" ? value.value : decoded(value.name);
  return matchValues(element, name, (written) => {
    if (matcher === null) return ALWAYS;
    if (written.includes(MASK) || wanted.includes(MASK)) return SOMETIMES;
    // Some attributes of HTML are compared without case; nobody leaves it open who means one.
    const fold = (text: string) => flags?.toLowerCase() === "s" ? text : text.toLowerCase();
    const exact = attributeHolds(matcher, written, wanted);
    const folded = attributeHolds(matcher, fold(written), fold(wanted));
    if (flags?.toLowerCase() === "i") return folded ? ALWAYS : NEVER;
    return exact ? ALWAYS : folded ? SOMETIMES : NEVER;
  });
}

/** Selectors 4, 6. */
export function attributeHolds(matcher: string, value: string, wanted: string): boolean {
  switch (matcher) {
    case "=":
      return value === wanted;
    case "~=":
      return wanted !== "" && value.split(/[\t\n\f\r ]+/).includes(wanted);
    case "|=":
      return value === wanted || value.startsWith(`${wanted}-`);
    case "^=":
      return wanted !== "" && value.startsWith(wanted);
    case "$=":
      return wanted !== "" && value.endsWith(wanted);
    case "*=":
      return wanted !== "" && value.includes(wanted);
    default:
      return false;
  }
}

/** Judges the values that an attribute may have; the first that is there in every mail is the last that counts. */
export function matchValues(
  element: HtmlElement,
  name: string,
  judge: (value: string) => Verdict,
): Verdict {
  const found: Verdict[] = [];
  let isSure = false;
  for (const attribute of element.tag?.attributes ?? []) {
    if (attribute.name !== name || isSure) continue;
    found.push(judge(attribute.value));
    isSure = !attribute.isConditional;
  }
  if (!isSure) found.push(NEVER);
  if (found.every((verdict) => verdict === ALWAYS)) return ALWAYS;
  return found.every((verdict) => verdict === NEVER) ? NEVER : SOMETIMES;
}

/** A name without its escapes. */
export function decoded(name: string): string {
  return name.includes("\\") ? ident.decode(name) : name;
}
