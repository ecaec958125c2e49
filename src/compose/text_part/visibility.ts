// @ts-types="@types/css-tree"
import { tokenize, tokenTypes } from "css-tree";

const {
  AtKeyword,
  Colon,
  Comment,
  Ident,
  LeftCurlyBracket,
  RightCurlyBracket,
  Semicolon,
  WhiteSpace,
} = tokenTypes;

/** Reads declarations token by token, for whether they hide an element. */
export class Declarations {
  /** Undefined if they do not determine it. */
  isSeen: boolean | undefined;
  #property = "";
  #isValue = false;

  constructor(css = "") {
    if (css !== "") tokenize(css, (type, start, end) => this.read(type, css.slice(start, end)));
  }

  read(type: number, text: string): void {
    if (type === WhiteSpace || type === Comment) return;
    if (type === Semicolon) {
      this.#property = "";
      this.#isValue = false;
    } else if (type === Colon) this.#isValue = true;
    else if (!this.#isValue) this.#property = type === Ident ? text.toLowerCase() : "";
    else if (type === Ident) this.#readValue(text.toLowerCase());
  }

  #readValue(value: string): void {
    if (this.#property === "display") {
      this.isSeen = value === "important" ? this.isSeen : value !== "none";
    } else if (this.#property === "visibility" && value === "hidden") this.isSeen = false;
  }
}

/** A rule outside any at-rule. */
interface TopRule {
  readonly selectors: string;
  /** See {@linkcode Declarations.isSeen}. */
  readonly isSeen: boolean | undefined;
}

/**
 * The rules of a style sheet that apply on every screen. Tokens are enough for that, and take linear time whatever the sheet
 * contains: it may come from a cell.
 */
export function topRules(css: string): TopRule[] {
  const rules: TopRule[] = [];
  let depth = 0;
  let isAtRule = false;
  let selectors = "";
  let declarations = new Declarations();
  tokenize(css, (type, start, end) => {
    const text = css.slice(start, end);
    if (type === LeftCurlyBracket) {
      if (depth++ === 0) declarations = new Declarations();
    } else if (type === RightCurlyBracket) {
      if (depth === 1 && !isAtRule) rules.push({ selectors, isSeen: declarations.isSeen });
      depth = Math.max(0, depth - 1);
      if (depth === 0) [selectors, isAtRule] = ["", false];
    } else if (depth === 1) declarations.read(type, text);
    else if (depth === 0 && type === Semicolon) [selectors, isAtRule] = ["", false];
    else if (depth === 0 && type !== Comment) {
      isAtRule ||= type === AtKeyword;
      selectors += text;
    }
  });
  return rules;
}
