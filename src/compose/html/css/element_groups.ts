import type { HtmlDocument } from "../document/document.ts";
import type { HtmlElement } from "../document/element.ts";
import type { Attribute, StartTag } from "../document/start_tag.ts";
import { isClosed } from "./style_attribute.ts";

/** An element of a file; there are several where the file is included more than once. */
export interface ElementGroup {
  readonly elements: readonly HtmlElement[];
  readonly attribute: Attribute | undefined;
  readonly canInline: boolean;
}

/** Elements that show nothing themselves. */
const NOT_STYLED = new Set(
  ["head", "script", "style", "template", "title", "meta", "link", "base"],
);

/** The elements of a document, those of one tag of a file together: they share its `style` attribute. */
export function groupsOf({ elements, tags, assembly }: HtmlDocument): ElementGroup[] {
  const files = [...assembly.files];
  const keyOf = ({ begin }: StartTag): string => {
    const { file, offset } = assembly.place(begin);
    return `${files.indexOf(file)}:${offset}`;
  };
  // A file that is also included in a comment stays as it is.
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

function isShown({ name, parent }: HtmlElement): boolean {
  return !NOT_STYLED.has(name) && parent?.name !== "head" && parent?.name !== "template";
}
