import type { PlacedConstruct } from "./assembly.ts";
import { MASK } from "./constructs.ts";
import type { FoundTag, HtmlDocument } from "./document.ts";
import { htmlFault } from "./fault.ts";
import type { Range } from "./start_tag.ts";

/**
 * Refuses values where no escaping keeps them from becoming a tag or an attribute: in the name of either, beside attributes, in a
 * script's handler.
 *
 * Tags of Liquid that put nothing out themselves may stand there: what they choose between is the author's.
 *
 * @throws {InputError}
 */
export function checkValuePlaces(document: HtmlDocument): void {
  const { assembly } = document;
  const inTags = document.tags;
  for (const construct of assembly.constructs) {
    if (construct.isTag && !construct.isOpen) continue;
    const tag = last(inTags, construct.begin);
    if (tag !== undefined) checkInTag(document, construct, tag);
    const part = last(document.allParts, construct.begin);
    if (part !== undefined && part.kind !== "tag" && part.kind !== "comment") {
      throw refused(document, construct, "A value cannot stand within the name of a tag");
    }
    if (tag === undefined && part === undefined && beginsTag(document.text, construct.begin)) {
      throw refused(
        document,
        construct,
        "A value behind '<' would become a tag",
        "Write &lt; for the character, or put the value elsewhere",
      );
    }
  }
}

function checkInTag(document: HtmlDocument, construct: PlacedConstruct, tag: FoundTag): void {
  const attribute = tag.attributes.find(({ valueRange }) => includes(valueRange, construct.begin));
  if (attribute === undefined) {
    throw refused(
      document,
      construct,
      `A value cannot be an attribute or part of a name: found it in <${
        tag.name.replaceAll(MASK, "") || "…"
      }>`,
      `Put it into the quotes of an attribute, such as title="${construct.text}"`,
    );
  }
  const { name, quote, value } = attribute;
  if (name.startsWith("on") || name === "srcdoc") {
    throw refused(
      document,
      construct,
      `A value cannot stand in ${name}, which is run and not shown`,
    );
  }
  if (quote === "" && /["']/.test(value)) {
    throw refused(
      document,
      construct,
      `The attribute ${name} has quotes within its value, and none around it`,
      "Put quotes around the whole value",
    );
  }
}

function refused(
  document: HtmlDocument,
  { begin, text }: PlacedConstruct,
  message: string,
  hint?: string,
) {
  return htmlFault(document.assembly, begin, `${message}: found '${text}'`, hint);
}

/** A tag would begin there, Liquid before it left out. */
function beginsTag(text: string, place: number): boolean {
  let at = place - 1;
  while (text[at] === MASK) at--;
  return text[at] === "<" || (text[at] === "/" && text[at - 1] === "<");
}

function includes(range: Range | undefined, place: number): boolean {
  return range !== undefined && range.begin <= place && place < range.end;
}

/** The last of these that holds a place: the innermost one. */
function last<T extends Range>(ranges: readonly T[], place: number): T | undefined {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.begin <= place) low = middle + 1;
    else high = middle;
  }
  for (let at = low - 1; at >= 0 && at > low - 64; at--) {
    if (place < ranges[at]!.end) return ranges[at];
  }
  return undefined;
}
