import { LiquidPlaceholders } from "../html/liquid_placeholders.ts";
import type { TemplateSource } from "../template/template.ts";
import { readerOf } from "./html_to_text.ts";
import { linkEnd } from "./link_text.ts";

/**
 * The text part of an HTML template, as a template: Liquid stays where it was, without HTML escaping.
 *
 * Undefined if the HTML has tags in places that text lacks (an attribute), or around numbered items: then the text can only be
 * made from each rendered mail.
 */
export function textTemplateOf(html: TemplateSource): string | undefined {
  const taken = new LiquidPlaceholders(html);
  const reader = readerOf(
    taken.text,
    (text, target) =>
      linkEnd(taken.restore(text), taken.restore(target)) === "" ? "" : ` [${target}]`,
  );
  const text = reader.toString();
  const isWhole = taken.hasAllTags(text, reader.unseen) && !taken.hasTags(reader.numbered);
  return isWhole ? taken.restore(taken.joinTagLines(text)) : undefined;
}
