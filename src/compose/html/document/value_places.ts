import type { PlacedConstruct } from "./assembly.ts";
import { MASK, trimsAfter, trimsBefore } from "./constructs.ts";
import { contextAt, type HtmlContext } from "./html_context.ts";
import type { FoundTag, HtmlDocument } from "./document.ts";
import { htmlError } from "./html_error.ts";

/** Why a value is not allowed in a place, and what to do instead. */
interface Refusal {
  readonly message: string;
  readonly hint?: string;
}

/**
 * Refuses values where no escaping keeps them from becoming a tag, an attribute or a script.
 *
 * Liquid tags that put nothing out themselves are allowed in most of these places: they choose between the author's own texts.
 *
 * @throws {InputError}
 */
export function checkValuePlaces(document: HtmlDocument): void {
  const { assembly } = document;
  assembly.constructs.forEach((construct, index) => {
    const { begin, end, isTag, isOpen, text } = construct;
    if (begin === end) return;
    const context = contextAt(document, begin);
    const refusal = context.kind === "text" && beginsTag(document, index)
      ? AFTER_BRACKET
      : isTag && !isOpen
      ? undefined
      : refusalIn(context, construct);
    if (refusal === undefined) return;
    throw htmlError(assembly, begin, `${refusal.message}: found '${text}'`, refusal.hint);
  });
}

const AFTER_BRACKET: Refusal = {
  message: "Liquid after '<' could become a tag",
  hint: "Write &lt; for the character, or put a space after it.",
};

function refusalIn(context: HtmlContext, { text }: PlacedConstruct): Refusal | undefined {
  switch (context.kind) {
    case "tag":
      return {
        message: `A value cannot be an attribute or part of a name: found it in <${
          shownName(context.tag)
        }>`,
        hint: `Put it within the quotes of an attribute, as in title="${
          text.startsWith("{{") ? text : "{{ … }}"
        }".`,
      };
    case "value":
      return refusalInValue(context);
    case "raw":
      return isCode(context.tag)
        ? { message: "A value cannot be used in a script, which is run, not shown" }
        : undefined;
    case "other":
      return { message: "A value cannot be part of an end tag or a declaration" };
    default:
      return undefined;
  }
}

function refusalInValue(
  { attribute: { name, quote, value } }: HtmlContext & { kind: "value" },
): Refusal | undefined {
  if (name.startsWith("on") || name === "srcdoc") {
    return { message: `A value cannot be used in ${name}, which is run, not shown` };
  }
  if (quote === "" && /["']/.test(value)) {
    return {
      message: `The attribute ${name} has quotes within its value but none around it`,
      hint: "Put quotes around the whole value.",
    };
  }
  return undefined;
}

/** Data is not run: JSON-LD informs mail programs of orders and events. */
function isCode({ name, attributes }: FoundTag): boolean {
  const type = attributes.find((one) => one.name === "type")?.value.trim().toLowerCase() ?? "";
  return name === "script" && !type.endsWith("json");
}

function shownName({ name }: FoundTag): string {
  return name.replaceAll(MASK, "") || "…";
}

/** Returns whether a tag would begin there on some branch: '<' comes before, apart from Liquid and the white space it removes. */
function beginsTag({ text, assembly: { constructs } }: HtmlDocument, index: number): boolean {
  let at = constructs[index]!.begin;
  let trims = trimsBefore(constructs[index]!);
  for (let before = index - 1; at > 0;) {
    const other = constructs[before];
    if (other?.end === at) {
      trims ||= trimsBefore(other) || trimsAfter(other);
      at = other.begin;
      before--;
    } else if (trims && /\s/.test(text[at - 1]!)) at--;
    else break;
  }
  return /<[\/!?]?$/.test(text.slice(Math.max(0, at - 2), at));
}
