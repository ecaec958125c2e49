import type { Assembly, PlacedConstruct } from "./assembly.ts";
import { DIVIDERS, MASK, trimsAfter, trimsBefore } from "./constructs.ts";
import { contextAt, type HtmlContext } from "./html_context.ts";
import type { HtmlDocument } from "./document.ts";
import { htmlError } from "./html_error.ts";

/** Liquid tags that continue to their `end…`, including those of included files. */
const BLOCKS = ["if", "unless", "case", "for", "tablerow", "capture", "include", "render", "block"];
/** Those whose content is known only if the file was found. */
const FILES = ["include", "render"];

/**
 * Ensures that HTML is parsed alike on all branches of Liquid, so that what is known about a value's place is true for
 * every row: each branch begins and ends in the same text, tag or attribute value. Between attributes a Liquid tag
 * counts as a space, and becomes one where text would join across it.
 *
 * @throws {InputError} if a branch opens a quote, a tag or a comment that it does not close, or closes one that it
 * does not open.
 */
export function settleBranches(document: HtmlDocument): void {
  const { constructs } = document.assembly;
  const open: Opening[] = [];
  constructs.forEach((construct, index) => {
    const { isTag, name, begin, end } = construct;
    if (!isTag) return;
    const context = contextAt(document, begin, begin === end);
    if (context.kind === "tag" && begin < end) settleInTag(document, index);
    const key = `${context.kind} ${context.begin}`;
    const isEnd = name.startsWith("end");
    if (isEnd || DIVIDERS.includes(name)) {
      const at = isEnd ? open.findLastIndex((one) => `end${one.name}` === name) : open.length - 1;
      const opening = open[at];
      if (opening === undefined) return;
      if (opening.key !== key) throw uneven(document, opening.construct, context);
      if (isEnd) open.splice(at);
    } else if (BLOCKS.includes(name) && !(FILES.includes(name) && construct.isOpen)) {
      open.push({ name, key, construct });
    }
  });
}

interface Opening {
  readonly name: string;
  /** Of its context. */
  readonly key: string;
  readonly construct: PlacedConstruct;
}

function uneven(
  document: HtmlDocument,
  { begin, text, name }: PlacedConstruct,
  context: HtmlContext,
) {
  const where = {
    text: "in the text",
    raw: "in a script or the like",
    value: "in an attribute",
    tag: "within a tag",
    comment: "in a comment",
    other: "within a tag",
  }[context.kind];
  return htmlError(
    document.assembly,
    begin,
    FILES.includes(name)
      ? `This included file begins elsewhere and ends ${where}: found '${text}'`
      : `A branch of this tag begins elsewhere and ends ${where}: found '${text}'`,
    "Put everything from {% if %} to {% endif %} inside the quotes of one attribute, inside one tag, or around whole tags.",
  );
}

/** Settles a tag between attributes. */
function settleInTag({ assembly }: HtmlDocument, index: number): void {
  const construct = assembly.constructs[index]!;
  const { begin, text, file, inFile } = construct;
  const [before, after] = [neighbour(assembly, index, -1), neighbour(assembly, index, 1)];
  const fault = (message: string, hint: string) =>
    htmlError(assembly, begin, `${message}: found '${text}'`, hint);
  if (assembly.text.slice(0, begin).trimEnd().endsWith("=") || before === "=") {
    throw fault(
      "A Liquid tag begins a value without quotes",
      "Put quotes around the whole value.",
    );
  }
  // White space that a dash would remove separates names and values.
  if (trimsBefore(construct)) file.edits.replace(inFile + 2, inFile + 3, " ");
  const dash = inFile + text.length - "-%}".length;
  if (trimsAfter(construct)) file.edits.replace(dash, dash + 1, " ");
  const joins = /[^\s"'<\/]/.test(before);
  // The two sides of `else` are never next to each other.
  if (joins && /[^\s>\/]/.test(after) && !DIVIDERS.includes(construct.name)) {
    throw fault(
      "A Liquid tag splits a name or a value without quotes",
      "Put a space on both sides of it, or quotes around the whole value.",
    );
  }
  if (joins) assembly.insert(begin, " ", "after", 2);
}

/** The next character on one side of a construct that does not belong to a Liquid tag. */
function neighbour({ text, constructs }: Assembly, index: number, step: -1 | 1): string {
  let at = index;
  for (; isNextTo(constructs[at], constructs[at + step], step); at += step);
  const { begin, end } = constructs[at]!;
  const beside = constructs[at + step];
  // A value may be anything but white space.
  if (beside !== undefined && (step < 0 ? beside.end === begin : beside.begin === end)) return MASK;
  return text[step < 0 ? begin - 1 : end] ?? "";
}

function isNextTo(
  one: PlacedConstruct | undefined,
  other: PlacedConstruct | undefined,
  step: -1 | 1,
): boolean {
  if (one === undefined || other === undefined || !other.isTag) return false;
  return step < 0 ? other.end === one.begin : other.begin === one.end;
}
