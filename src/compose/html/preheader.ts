import type { HtmlDocument } from "./document/document.ts";

/** Liquid's name for the text that mail programs show beside the subject. */
export const PREHEADER = "__preheader";

/**
 * Hidden in every way that some mail program needs. Zero-width characters follow, so that programs do not show the body's first
 * words after it, on a separate line, which is the same in every mail. Word, which does not support `!important` in an
 * attribute, reads the declarations before it.
 */
const HIDDEN_TEXT = `<div class="preheader" style="display:none;max-height:0;overflow:hidden;` +
  `mso-hide:all;display:none !important">{{ ${PREHEADER} | raw }}\n${
    "&#847;&zwnj;&nbsp;".repeat(30)
  }</div>`;

/** Puts the preheader where the body begins, on each branch that begins one. */
export function insertPreheader({ assembly, tags, bodyBegin }: HtmlDocument): void {
  const bodies = tags.filter(({ name, isHidden }) => name === "body" && !isHidden);
  const places = bodies.length > 0 ? bodies.map(({ end }) => end) : [bodyBegin];
  for (const place of places) assembly.insert(place, `\n${HIDDEN_TEXT}`, "before", 1);
}
