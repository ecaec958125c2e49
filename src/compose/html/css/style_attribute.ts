// @ts-types="@types/css-tree"
import {
  type AttributeSelector,
  type CssNodePlain,
  lexer,
  parse,
  tokenize,
  tokenTypes,
  toPlainObject,
} from "css-tree";
import type { StyleRule } from "./style_sheet.ts";
import { attributeHolds, wantedValue } from "./selectors/attribute_selector.ts";
import { propertyName } from "./property.ts";
import type { Inlined, OwnDeclaration } from "./cascade.ts";
import type { Attribute, StartTag } from "../document/start_tag.ts";
import type { HtmlDocument } from "../document/document.ts";
import { MASK } from "../document/constructs.ts";

/** Returns whether a declaration can follow: no string, URL or bracket is open at the end. */
export function isClosed(css: string): boolean {
  let open = 0;
  let isBroken = false;
  tokenize(css, (type, start, end) => {
    const { Function: Call, LeftParenthesis, RightParenthesis, BadString, BadUrl, Url } =
      tokenTypes;
    const token = css.slice(start, end);
    if (type === Call || type === LeftParenthesis) open++;
    else if (type === RightParenthesis) open--;
    else if (type === BadString || type === BadUrl) isBroken = true;
    else if (type === Url) isBroken ||= !token.endsWith(")");
    else if (type === tokenTypes.String) {
      isBroken ||= token.length < 2 || !token.endsWith(token[0]!);
    }
  });
  return open === 0 && !isBroken;
}

/** The declarations in an element's `style` attribute. */
export function ownDeclarations(attribute: Attribute | undefined): OwnDeclaration[] {
  if (attribute === undefined || attribute.value === "") return [];
  const text = attribute.value;
  const isOpen = text.includes(MASK);
  const options = { context: "declarationList", positions: true, parseValue: false };
  const list = toPlainObject(parse(text, options));
  const nodes = "children" in list && Array.isArray(list.children)
    ? list.children as CssNodePlain[]
    : [];
  return nodes.flatMap((node) => {
    if (node.type !== "Declaration") return isOpen ? [UNKNOWN] : [];
    const property = propertyName(node.property.replaceAll(MASK, "")) || "all";
    const { loc } = node.value;
    const value = loc ? text.slice(loc.start.offset, loc.end.offset).trim() : "";
    // Longer ones are not keywords, and the lexer gives up on them with a warning.
    const isShort = value.length < LONGEST_JUDGED;
    const isValid = !isOpen && (!isShort || lexer.matchProperty(property, value).error === null);
    const isImportant = String(node.important).toLowerCase() === "important" ||
      node.important === true;
    return [{ property, value, isImportant, isOpen, isValid }];
  });
}

const LONGEST_JUDGED = 500;

const UNKNOWN: OwnDeclaration = {
  property: "all",
  value: "",
  isImportant: false,
  isOpen: true,
  isValid: false,
};

/** Selectors such as `[style*="margin: 16px 0"]`, which match the attribute that is written here. */
export function styleSelectors(rules: readonly StyleRule[]): AttributeSelector[] {
  const found: AttributeSelector[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== "object" || node === null) return;
    if ("type" in node && node.type === "AttributeSelector") {
      const selector = node as AttributeSelector;
      if (selector.name.name.toLowerCase() === "style") found.push(selector);
    } else Object.values(node).forEach(visit);
  };
  rules.forEach(({ selector }) => visit(selector));
  return found;
}

/** Writes declarations around those that the author has in a tag's `style` attribute, or into a new one. */
export function writeStyles(
  { assembly, text }: HtmlDocument,
  tag: StartTag,
  attribute: Attribute | undefined,
  { before, after }: Inlined,
  selectors: readonly AttributeSelector[],
): void {
  if (before.length === 0 && after.length === 0) return;
  const range = attribute?.valueRange;
  const own = range === undefined ? "" : text.slice(range.begin, range.end).trim();
  const isEnded = own === "" || attribute!.value.trimEnd().endsWith(";");
  const head = before.map((one) => `${one};`).join("");
  const tail = (isEnded || after.length === 0 ? "" : ";") + after.join(";");
  const value = attribute?.value ?? "";
  const changes = (selector: AttributeSelector): boolean =>
    holds(selector, attribute && value) !== holds(selector, head + value + tail);
  if (selectors.some(changes)) return;
  if (attribute !== undefined && range !== undefined && attribute.quote !== "") {
    const escape = attribute.quote === "'" ? escapeSingle : escapeDouble;
    if (head !== "") {
      assembly.insert(range.begin, escape(own === "" ? head.slice(0, -1) : head), "before");
    }
    if (tail !== "") assembly.insert(range.end, escape(tail), "after");
    return;
  }
  // Without quotes, or without a value.
  const whole = own === "" ? (head + tail).replace(/;$/, "") : head + value + tail;
  if (attribute === undefined) {
    return assembly.insert(tag.nameEnd, ` style="${escapeDouble(whole)}"`, "before");
  }
  if (value.includes(MASK)) return;
  assembly.replace(attribute.begin, attribute.end, `style="${escapeDouble(whole)}"`);
}

function holds(selector: AttributeSelector, written: string | undefined): boolean {
  const { matcher } = selector;
  if (matcher === null || written === undefined) return written !== undefined;
  return attributeHolds(matcher, written.toLowerCase(), wantedValue(selector).toLowerCase());
}

function escapeDouble(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

function escapeSingle(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("'", "&#39;").replaceAll("<", "&lt;");
}
