import { LINK_TARGET_FILTER } from "./link_target.ts";
import type { Protected } from "./protect.ts";

/** Attributes whose value is the target of a link or the like. */
const TARGETS = [
  "href",
  "src",
  "action",
  "formaction",
  "background",
  "xlink:href",
  "poster",
  "data",
  "cite",
  "longdesc",
  "lowsrc",
  "dynsrc",
];

/** The first character that ends a scheme, or can no longer be part of one; a colon may be written as HTML has it. */
const END = /[:\/?]|(?<!&)#|&(?:#0*58|#x0*3a|colon);?/i;

/** Liquid's name for a target that is judged once it is whole. */
const TARGET = "__target";

export function isTarget(attribute: string): boolean {
  return TARGETS.includes(attribute);
}

/**
 * A target with its Liquid kept from making it one that runs something: only what stands before the first of the characters
 * that end a scheme, or can no longer be part of one, can do so.
 *
 * Outputs there get a filter. Where tags decide what stands there (`if`, `case`, `include`, ...), each way through them begins
 * a target of its own, and what comes out of them all is judged; where the author wrote the colon, what stands before it is.
 *
 * @returns undefined where a tag begins or ends outside the value, so that nobody can tell what the target will be.
 */
export function guardTarget(value: string, taken: Protected): string | undefined {
  const end = END.exec(value);
  const head = value.slice(0, end?.index);
  const start = Array.from(head.matchAll(taken.words), ([, index]) => Number(index));
  if (start.some((index) => taken.isTag(index))) {
    return taken.hasWholeTags(value) ? judged(value) : undefined;
  }
  const colon = end?.[0] ?? "";
  if (start.length > 0 && /^[:&]/.test(colon)) {
    return judged(`${head}:`) + value.slice(head.length + colon.length);
  }
  for (const index of start) taken.addFilter(index, LINK_TARGET_FILTER);
  return value;
}

/** Raw: its values were escaped on the way. */
function judged(target: string): string {
  return `{% capture ${TARGET} %}${target}{% endcapture %}{{ ${TARGET} ${LINK_TARGET_FILTER} | raw }}`;
}
