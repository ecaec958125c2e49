import type { FoundTag, HtmlDocument } from "./document.ts";
import { lastIndexAt } from "./sorted.ts";
import type { Attribute, Range } from "./start_tag.ts";

/** What a place of an HTML text is to a parser. `begin` identifies the range it is in; 0 for the text of the page. */
export type HtmlContext =
  & { readonly begin: number }
  & (
    | { readonly kind: "text" | "comment" | "other" }
    /** The content of a `<script>`, a `<style>`, a `<textarea>` and the like. */
    | { readonly kind: "raw"; readonly tag: FoundTag }
    | { readonly kind: "tag"; readonly tag: FoundTag }
    | { readonly kind: "value"; readonly tag: FoundTag; readonly attribute: Attribute }
  );

/** @param isPoint The place is between two characters; otherwise it is that of the character after it. */
export function contextAt(document: HtmlDocument, place: number, isPoint = false): HtmlContext {
  const { allParts } = document;
  const part = allParts[lastIndexAt(allParts, ({ begin }) => begin, isPoint ? place - 1 : place)];
  const hidden = hiddenAt(document, isPoint ? place - 1 : place);
  const text: HtmlContext = { kind: "text", begin: hidden?.begin ?? 0 };
  if (part === undefined) return text;
  const { begin } = part;
  const isWithin = place < part.end;
  // The content of a comment ends with it, closed or not.
  if (!isWithin && hiddenAt(document, begin) !== hidden) return text;
  if (part.kind === "tag") {
    const tag = document.tagAt(begin);
    if (!isWithin) {
      return part.isRaw && tag.name !== "noscript" ? { kind: "raw", begin, tag } : text;
    }
    const attribute = tag.attributes.find(({ valueRange: range }) =>
      range !== undefined && range.begin <= place &&
      (place < range.end || (isPoint && place === range.end))
    );
    return attribute === undefined
      ? { kind: "tag", begin, tag }
      : { kind: "value", begin: attribute.begin, tag, attribute };
  }
  if (part.kind === "comment") {
    return isWithin && hidden === undefined ? { kind: "comment", begin } : text;
  }
  return isWithin ? { kind: "other", begin } : text;
}

function hiddenAt({ hidden }: HtmlDocument, place: number): Range | undefined {
  return hidden.find(({ begin, end }) => begin <= place && place < end);
}
