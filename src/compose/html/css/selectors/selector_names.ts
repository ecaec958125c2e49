import type { HtmlDocument } from "../../document/document.ts";

/** The names in a document; other names are hooks for what a mail program puts around it (`[data-ogsc]`, `#outlook`). */
export interface SelectorNames {
  readonly types: ReadonlySet<string>;
  readonly classes: ReadonlySet<string>;
  readonly ids: ReadonlySet<string>;
  readonly attributes: ReadonlySet<string>;
  readonly isQuirky: boolean;
}

/** The names in a document. */
export function namesOf({ elements, isQuirky }: HtmlDocument): SelectorNames {
  const words = (attribute: string) => {
    const found = elements.flatMap(({ tag }) => tag?.attributes ?? [])
      .filter(({ name }) => name === attribute)
      .flatMap(({ value }) => attribute === "class" ? wordsOf(value) : [value]);
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

/** The words of an attribute that holds several, such as `class` (WHATWG HTML, 2.3.7). */
export function wordsOf(value: string): string[] {
  return value.split(/[\t\n\f\r ]+/);
}
