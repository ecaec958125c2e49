import { Tokenizer, TokenKind } from "liquidjs";
import type { SourcePlace } from "../../model/input_error.ts";
import { tokenPlace } from "../template/liquid.ts";
import { LiquidPlaceholders } from "../html/liquid_placeholders.ts";
import type { TemplateSource } from "../template/template.ts";
import { AUTOLINK } from "../escaping/autolink.ts";
import { converterWith } from "./convert.ts";

/**
 * Where the first tag of a template is. Markdown without one is the same for every row except for its values, and can be read
 * before Liquid is rendered.
 */
export function firstTag(source: TemplateSource): SourcePlace | undefined {
  const tag = new Tokenizer(source.text, undefined, source.file).readTopLevelTokens()
    .find(({ kind }) => kind === TokenKind.Tag);
  return tag && tokenPlace(tag, source);
}

/** Converts Markdown whose only Liquid is outputs to HTML that contains them; they must be escaped later. */
export function markdownToHtml(source: TemplateSource): string {
  const taken = new LiquidPlaceholders(source);
  const convert = converterWith({
    pattern: taken.words.source,
    autolink: (number) => taken.withFilter(number, AUTOLINK),
  });
  // What Markdown makes of "{\\{" is not Liquid.
  return taken.restore(convert(taken.text).replace(/\{(?=[{%])/g, "&#123;"));
}
