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
import {
  Cascade,
  type CascadeEntry,
  type Inlined,
  type OwnDeclaration,
  sortedEntries,
  type Styled,
} from "./cascade.ts";
import { MASK } from "../document/constructs.ts";
import type { HtmlDocument } from "../document/document.ts";
import type { HtmlElement } from "../document/element.ts";
import { propertyName } from "./property.ts";
import { attributeHolds } from "./selectors/attribute_selector.ts";
import { type SelectorMatch, SelectorMatcher, type SelectorNames } from "./selectors/selector.ts";
import type { Attribute, StartTag } from "../document/start_tag.ts";
import { readStyleSheet, type StyleRule, type StyleSource } from "./style_sheet.ts";
import { ALWAYS, type MatchVerdict, NEVER, SOMETIMES } from "./selectors/verdict.ts";

/** An element of a file; there are several where the file is included more than once. */
interface Group {
  readonly elements: readonly HtmlElement[];
  readonly attribute: Attribute | undefined;
  readonly canInline: boolean;
}

/** Attributes that mail programs show by the names of the styles that they stand for have their own rules; nothing is added. */
const NOT_STYLED = new Set([
  "head",
  "script",
  "style",
  "template",
  "title",
  "meta",
  "link",
  "base",
]);

/**
 * Puts into `style` attributes what style sheets say, for mail programs that read no `<style>`, and changes nothing for those that do.
 *
 * Inlined is what holds for every recipient on a screen. All sheets stay; a rule that would lose to an attribute becomes
 * `!important`, see {@linkcode Cascade}.
 */
export function inlineStyles(document: HtmlDocument, sources: readonly StyleSource[]): void {
  const sheets = sources.map(readStyleSheet);
  const rules = sheets.flatMap((sheet) => sheet.rules);
  if (rules.length === 0) return;
  const matcher = new RuleMatcher(rules, document);
  const groups = groupsOf(document);
  const styled = groups.map((group) => matcher.styled(group));
  const cascade = new Cascade(distinct(styled), sheets.flatMap(({ animated }) => animated));
  const selectors = styleSelectors(rules);
  groups.forEach((group, index) => {
    if (group.canInline) write(document, group, cascade.inlined(styled[index]!), selectors);
  });
  for (const { source, valueEnd } of cascade.promoted) source.insert?.(valueEnd, " !important");
}

class RuleMatcher {
  readonly #rules: readonly {
    readonly rule: StyleRule;
    readonly matcher: SelectorMatcher | undefined;
  }[];

  constructor(rules: readonly StyleRule[], document: HtmlDocument) {
    const names = namesOf(document);
    this.#rules = rules.map((rule) => ({
      rule,
      matcher: rule.selector && new SelectorMatcher(rule.selector, names),
    }));
  }

  styled({ elements, attribute, canInline }: Group): Styled {
    const entries = this.#rules.flatMap(({ rule, matcher }, order) => {
      const matches = elements.map((element) => matchOf(element, rule, matcher));
      const verdict = common(matches.map((match) => match.verdict));
      if (verdict === NEVER) return [];
      const ofAll = (has: (match: SelectorMatch) => boolean) =>
        matches.every((match) => match.verdict === NEVER || has(match));
      const [isHook, isPast] = [ofAll((match) => match.isHook), ofAll((match) => match.isPast)];
      return rule.declarations.map((declaration): CascadeEntry => ({
        declaration,
        rule,
        order,
        isSure: verdict === ALWAYS && rule.isSure && !declaration.isOpen,
        isHook,
        isPast,
      }));
    });
    return { entries: sortedEntries(entries), own: ownDeclarations(attribute), canInline };
  }
}

function matchOf(
  element: HtmlElement,
  { scope }: StyleRule,
  matcher: SelectorMatcher | undefined,
): SelectorMatch {
  if (matcher === undefined) return { verdict: SOMETIMES, isHook: false, isPast: false };
  const match = matcher.match(element);
  const isThere = scope.contains(element.scope) && !scope.hasBetween(element.scope, "detached");
  return isThere || match.verdict === NEVER ? match : { ...match, verdict: SOMETIMES };
}

function common(verdicts: readonly MatchVerdict[]): MatchVerdict {
  const [first = NEVER] = verdicts;
  return verdicts.every((verdict) => verdict === first) ? first : SOMETIMES;
}

function groupsOf({ elements, tags, assembly }: HtmlDocument): Group[] {
  const files = [...assembly.files];
  const keyOf = ({ begin }: StartTag): string => {
    const { file, offset } = assembly.place(begin);
    return `${files.indexOf(file)}:${offset}`;
  };
  // A file that is included in a comment, too, stays as it is.
  const hidden = new Set(tags.filter(({ isHidden }) => isHidden).map(keyOf));
  const written = Map.groupBy(
    elements,
    (element) => element.tag === undefined ? element : keyOf(element.tag),
  );
  return [...written].map(([key, elements]) => {
    const tags = elements.map(({ tag }) => tag);
    const attributes = tags[0]?.attributes.filter(({ name }) => name === "style") ?? [];
    const canInline = typeof key === "string" && !hidden.has(key) && elements.every(isShown) &&
      !attributes.some(({ isConditional }) => isConditional) &&
      isClosed(attributes[0]?.value ?? "");
    return { elements, attribute: attributes[0], canInline };
  });
}

/** A declaration can follow: no string, URL or bracket is open at the end. */
function isClosed(css: string): boolean {
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

function isShown({ name, parent }: HtmlElement): boolean {
  return !NOT_STYLED.has(name) && parent?.name !== "head" && parent?.name !== "template";
}

/** Many elements are styled alike: what becomes `!important` is decided by one of each kind. */
function distinct(all: readonly Styled[]): Styled[] {
  const numbers = new Map<unknown, number>();
  const numberOf = (one: unknown) => {
    const number = numbers.get(one) ?? numbers.size;
    numbers.set(one, number);
    return number;
  };
  const found = new Map(all.map((styled) => {
    const { entries, own, canInline } = styled;
    const key = entries.map(({ declaration, rule, isSure, isHook, isPast }) =>
      `${numberOf(declaration)}.${numberOf(rule)}.${Number(isSure)}${Number(isHook)}${
        Number(isPast)
      }`
    );
    return [`${canInline} ${key} ${JSON.stringify(own)}`, styled];
  }));
  return [...found.values()];
}

/** What an element's `style` attribute says. */
function ownDeclarations(attribute: Attribute | undefined): OwnDeclaration[] {
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
    // Longer ones are no matter of a keyword, and the lexer gives up on them aloud.
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

function namesOf({ elements, isQuirky }: HtmlDocument): SelectorNames {
  const words = (attribute: string) => {
    const found = elements.flatMap(({ tag }) => tag?.attributes ?? [])
      .filter(({ name }) => name === attribute)
      .flatMap(({ value }) => attribute === "class" ? value.split(/[\t\n\f\r ]+/) : [value]);
    return new Set(isQuirky ? found.map((word) => word.toLowerCase()) : found);
  };
  return {
    types: new Set(elements.map(({ name }) => name)),
    classes: words("class"),
    ids: words("id"),
    attributes: new Set(
      elements.flatMap(({ tag }) => tag?.attributes.map(({ name }) => name) ?? []),
    ),
    isQuirky,
  };
}

/** Selectors such as `[style*="margin: 16px 0"]`, which look at the attribute that is written here. */
function styleSelectors(rules: readonly StyleRule[]): AttributeSelector[] {
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

function write(
  { assembly, text }: HtmlDocument,
  { elements, attribute }: Group,
  { before, after }: Inlined,
  selectors: readonly AttributeSelector[],
): void {
  if (before.length === 0 && after.length === 0) return;
  const tag = elements[0]!.tag!;
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

function holds({ matcher, value }: AttributeSelector, written: string | undefined): boolean {
  if (matcher === null || written === undefined) return written !== undefined;
  const wanted = value === null ? "" : value.type === "String" ? value.value : value.name;
  return attributeHolds(matcher, written.toLowerCase(), wanted.toLowerCase());
}

function escapeDouble(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

function escapeSingle(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("'", "&#39;").replaceAll("<", "&lt;");
}
