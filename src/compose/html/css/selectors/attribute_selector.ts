// @ts-types="@types/css-tree"
import type { AttributeSelector } from "css-tree";
import { unescapedName } from "../css_nodes.ts";
import { MASK } from "../../document/constructs.ts";
import type { HtmlElement } from "../../document/element.ts";
import { wordsOf } from "./selector_names.ts";
import { ALWAYS, type MatchVerdict, NEVER, SOMETIMES } from "./match_verdict.ts";

/** Attributes that mail programs set on elements of the mail itself (Outlook, for its dark mode). */
const PUT_ON = ["data-ogsc", "data-ogsb", "data-ogac", "data-ogab"];

/** Attributes of HTML whose values selectors compare without case (WHATWG HTML, 4.16.2). */
const WITHOUT_CASE = new Set([
  ...[
    "accept",
    "accept-charset",
    "align",
    "alink",
    "axis",
    "bgcolor",
    "charset",
    "checked",
    "clear",
  ],
  ...[
    "codetype",
    "color",
    "compact",
    "declare",
    "defer",
    "dir",
    "direction",
    "disabled",
    "enctype",
  ],
  ...["face", "frame", "hreflang", "http-equiv", "lang", "language", "link", "media", "method"],
  ...["multiple", "nohref", "noresize", "noshade", "nowrap", "readonly", "rel", "rev", "rules"],
  ...["scope", "scrolling", "selected", "shape", "target", "text", "type", "valign", "valuetype"],
  "vlink",
]);

/** `[name]`, `[name^="value" i]`. */
export function matchAttribute(node: AttributeSelector, element: HtmlElement): MatchVerdict {
  const name = unescapedName(node.name.name).toLowerCase();
  if (PUT_ON.includes(name)) return SOMETIMES;
  const { matcher, flags } = node;
  const wanted = wantedValue(node);
  return matchValues(element, name, (written) => {
    if (matcher === null) return ALWAYS;
    if (written.includes(MASK) || wanted.includes(MASK)) return SOMETIMES;
    const flag = flags?.toLowerCase();
    const exact = attributeHolds(matcher, written, wanted);
    if (flag === "s" || (flag !== "i" && !WITHOUT_CASE.has(name))) return exact ? ALWAYS : NEVER;
    return attributeHolds(matcher, written.toLowerCase(), wanted.toLowerCase()) ? ALWAYS : NEVER;
  });
}

/** Selectors 4, 6. */
export function attributeHolds(matcher: string, value: string, wanted: string): boolean {
  switch (matcher) {
    case "=":
      return value === wanted;
    case "~=":
      return wanted !== "" && wordsOf(value).includes(wanted);
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

/** Judges the values that an attribute may have, up to the first that is present in every mail. */
export function matchValues(
  element: HtmlElement,
  name: string,
  judge: (value: string) => MatchVerdict,
): MatchVerdict {
  const found: MatchVerdict[] = [];
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

/** Returns the value that a selector looks for; "" if it looks only for the attribute. */
export function wantedValue({ value }: AttributeSelector): string {
  if (value === null) return "";
  return value.type === "String" ? value.value : unescapedName(value.name);
}
