// @ts-types="@types/css-tree"
import type { CssNodePlain } from "css-tree";
import { unescapedName } from "../css_nodes.ts";
import type { SelectorMatch } from "./selector_match.ts";
import type { SelectorNames } from "./selector_names.ts";
import { SOMETIMES } from "./match_verdict.ts";

/** Matches something that only a mail program can put around the mail. */
const HOOK: SelectorMatch = { verdict: SOMETIMES, isHook: true, isPast: false };

const PAST_HOOK: SelectorMatch = { ...HOOK, isPast: true };

/** Prefixes of the names that mail programs give to what they put around a mail. */
const OF_PROGRAMS = [
  ...["moz-", "gmail", "messageview", "messageweb", "mail", "yahoo", "aol", "protonmail"],
  ...["samsung", "android", "ios", "edo", "webkit"],
];

/** Attributes that they set on it; an author's own attribute is in the document. */
const PUT_AROUND = ["data-", "x-", "owa", "yahoo"];

/** Prefixes of Hotmail and old versions of Outlook; templates still use them. */
const OF_THE_PAST = ["externalclass", "readmsgbody", "outlook", "yshortcuts", "ecx"];

function hookByName(name: string): SelectorMatch | undefined {
  const begins = (start: string) => name.toLowerCase().startsWith(start);
  return OF_PROGRAMS.some(begins) ? HOOK : OF_THE_PAST.some(begins) ? PAST_HOOK : undefined;
}

/** The match of a compound that names what mail programs put around a mail, and that is not in the document itself. */
export function hookIn(
  compound: readonly CssNodePlain[],
  { types, classes, ids, attributes, isQuirky }: SelectorNames,
): SelectorMatch | undefined {
  const key = (name: string) => isQuirky ? name.toLowerCase() : name;
  for (const node of compound) {
    const isNamed = node.type === "ClassSelector" || node.type === "IdSelector";
    if (isNamed) {
      const names = node.type === "ClassSelector" ? classes : ids;
      const hook = hookByName(node.name);
      if (hook !== undefined && !names.has(key(unescapedName(node.name)))) return hook;
    } else if (node.type === "TypeSelector") {
      if (node.name === "u" && !types.has("u")) return HOOK;
    } else if (node.type === "AttributeSelector") {
      const name = unescapedName(node.name.name).toLowerCase();
      if (PUT_AROUND.some((start) => name.startsWith(start)) && !attributes.has(name)) {
        return HOOK;
      }
    }
  }
  return undefined;
}
