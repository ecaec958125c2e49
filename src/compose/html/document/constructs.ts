import { type TagToken, Tokenizer, TokenKind } from "liquidjs";
import type { TemplateSource } from "../../template/template.ts";

/** A Liquid construct of a text: `{{ … }}` or `{% … %}`; a whole `{% comment %} … {% endcomment %}` is one. */
export interface Construct {
  readonly begin: number;
  readonly end: number;
  readonly isTag: boolean;
  /** Of a tag: "if". */
  readonly name: string;
  /** What follows the name. */
  readonly args: string;
  readonly text: string;
}

/** Replaces a character of Liquid: it has no meaning in HTML or CSS, and can be part of any name. */
export const MASK = "\uE000";

/** @throws What liquidjs throws for a construct that is not closed. */
export function constructsOf({ text, file }: Pick<TemplateSource, "text" | "file">): Construct[] {
  const found: Construct[] = [];
  let comment: number | undefined;
  for (const token of new Tokenizer(text, undefined, file).readTopLevelTokens()) {
    const { kind, begin, end } = token;
    if (kind !== TokenKind.Tag && kind !== TokenKind.Output) continue;
    const isTag = kind === TokenKind.Tag;
    const { name = "", args = "" } = isTag ? token as TagToken : {};
    if (comment !== undefined) {
      if (name !== "endcomment") continue;
      const whole = text.slice(comment, end);
      found.push({ begin: comment, end, isTag, name: "comment", args: "", text: whole });
      comment = undefined;
    } else if (name === "comment") comment = begin;
    else found.push({ begin, end, isTag, name, args, text: text.slice(begin, end) });
  }
  return found;
}

/** The text with each character of a construct replaced by a mask; all places stay the same. */
export function masked(
  text: string,
  constructs: readonly Pick<Construct, "begin" | "end">[],
  mask: (construct: number, length: number) => string = (_, length) => MASK.repeat(length),
): string {
  let result = "";
  let at = 0;
  constructs.forEach(({ begin, end }, index) => {
    result += text.slice(at, begin) + mask(index, end - begin);
    at = end;
  });
  return result + text.slice(at);
}

/** It removes white space before it (`{%-`). */
export function trimsBefore({ text }: Construct): boolean {
  return text[2] === "-";
}

/** It removes white space after it (`-%}`). */
export function trimsAfter({ text }: Construct): boolean {
  return text.at(-3) === "-";
}

/** Returns whether a construct may put out more than text: elements of which nothing is known. */
export function putsOutMarkup({ isTag, name, text }: Construct): boolean {
  if (isTag) return MARKUP.includes(name);
  return /\|\s*raw\s*-?\}\}$/.test(text) || /^\{\{-?\s*block\s*\.\s*super\b/.test(text);
}

/** Tags that divide the branches of a block. */
export const DIVIDERS = ["else", "elsif", "when"];

const MARKUP = ["liquid", "echo", "cycle", "tablerow", "include", "render", "layout", "block"];
