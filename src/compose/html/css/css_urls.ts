// @ts-types="@types/css-tree"
import { tokenize, tokenTypes } from "css-tree";
import type { Range } from "../document/start_tag.ts";

/** A URL in a style sheet or a `style` attribute. */
export interface CssUrl extends Range {
  /** As written, without its quotes. */
  readonly text: string;
  /** `@import`, or a `url()` of an `@font-face`: not an image. */
  readonly kind: "image" | "import" | "font";
}

/** Functions whose strings are URLs (CSS Values 4, 4.5; CSS Images 4, 2.3). */
const URL_FUNCTIONS = ["url(", "src(", "image-set(", "-webkit-image-set(", "image("];

/** Finds the URLs of a CSS text (CSS Syntax 3, 4). Places are those of the text. */
export function cssUrls(css: string): CssUrl[] {
  const urls: CssUrl[] = [];
  /** The function of each open parenthesis; "" if there is none. */
  const functions: string[] = [];
  let atRule = "";
  let depth = 0;
  let ruleDepth = 0;
  const kind = () => atRule === "@import" ? "import" : atRule === "@font-face" ? "font" : "image";
  tokenize(css, (type, start, end) => {
    const token = css.slice(start, end);
    if (type === tokenTypes.Url) {
      const inner = /^url\(\s*/i.exec(token)![0].length;
      const text = token.slice(inner).replace(/\s*\)?$/, "");
      urls.push({ text, begin: start + inner, end: start + inner + text.length, kind: kind() });
    } else if (type === tokenTypes.String) {
      const name = functions.at(-1) ?? "";
      if (!URL_FUNCTIONS.includes(name) && !(atRule === "@import" && name === "")) return;
      const isClosed = token.length > 1 && token.endsWith(token[0]!);
      const text = token.slice(1, isClosed ? -1 : undefined);
      urls.push({ text, begin: start + 1, end: start + 1 + text.length, kind: kind() });
    } else if (type === tokenTypes.Function) functions.push(token.toLowerCase());
    else if (type === tokenTypes.LeftParenthesis) functions.push("");
    else if (type === tokenTypes.RightParenthesis) functions.pop();
    else if (type === tokenTypes.AtKeyword) [atRule, ruleDepth] = [token.toLowerCase(), depth];
    else if (type === tokenTypes.LeftCurlyBracket) depth++;
    else if (type === tokenTypes.RightCurlyBracket) {
      if (--depth <= ruleDepth) atRule = "";
    } else if (type === tokenTypes.Semicolon && depth === ruleDepth) atRule = "";
  });
  return urls;
}
