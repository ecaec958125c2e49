import type { DefaultTreeAdapterTypes } from "parse5";
import type { CssScope, Scopes } from "./scope.ts";
import { lastIndexAt } from "./sorted.ts";
import type { StartTag } from "./start_tag.ts";

type Node = DefaultTreeAdapterTypes.ChildNode;
type ParentNode = DefaultTreeAdapterTypes.ParentNode;

/** An element as a browser creates it, with all branches of Liquid present. */
export interface HtmlElement {
  /** In lower case. */
  readonly name: string;
  /** Undefined if the tag is implied, as that of a `tbody` may be. */
  readonly tag: StartTag | undefined;
  readonly parent: HtmlElement | undefined;
  readonly children: readonly HtmlElement[];
  /** Among the elements of its parent, from 0. */
  readonly index: number;
  readonly scope: CssScope;
  /** Its ancestors depend on the row: an outer tag is closed on one branch and not on another. */
  readonly isLoose: boolean;
  /** It is empty, without even white space. */
  readonly isEmpty: boolean;
  /** Its elements are the same in every mail, in number and order. */
  readonly isSettled: boolean;
}

type Writable = { -readonly [Key in keyof HtmlElement]: HtmlElement[Key] } & {
  children: Writable[];
  parent: Writable | undefined;
  end: number;
};

/** What a tree needs to know besides what the parser says. */
export interface TreeInput {
  readonly tags: readonly StartTag[];
  readonly scopes: Scopes;
  /** Where Liquid puts out elements that are not known. */
  readonly open: readonly number[];
}

/** Reads the elements of a parsed text. */
export class TreeReader {
  /** Where the first node of the body begins. */
  contentBegin: number | undefined;
  readonly #around: TreeInput;
  readonly #tags: ReadonlyMap<number, StartTag>;
  readonly #elements: Writable[] = [];
  /** From where a tag is closed on one branch, to where all branches are alike again. */
  readonly #loose: { readonly begin: number; readonly end: number }[] = [];

  constructor(around: TreeInput) {
    this.#around = around;
    this.#tags = new Map(around.tags.map((tag) => [tag.begin, tag]));
  }

  read(document: DefaultTreeAdapterTypes.Document): readonly HtmlElement[] {
    // Not recursive: templates may be nested too deep for the stack.
    const waiting: { readonly node: Node; readonly parent: Writable | undefined }[] = document
      .childNodes.map((node) => ({ node, parent: undefined })).reverse();
    for (let next; (next = waiting.pop()) !== undefined;) {
      const { node, parent } = next;
      if (parent?.name === "body") this.contentBegin ??= node.sourceCodeLocation?.startOffset;
      if (!("tagName" in node)) continue;
      const element = this.#add(node, parent);
      for (const child of node.childNodes.toReversed()) {
        waiting.push({ node: child, parent: element });
      }
    }
    for (const element of this.#elements) {
      const begin = element.tag?.begin;
      element.isLoose = begin !== undefined &&
        this.#loose.some((range) => range.begin <= begin && begin < range.end);
    }
    this.#settle();
    return this.#elements;
  }

  #add(node: DefaultTreeAdapterTypes.Element, parent: Writable | undefined): Writable {
    const { scopes } = this.#around;
    const location = node.sourceCodeLocation ?? undefined;
    const tag = location && this.#tags.get(location.startOffset);
    const scope = tag === undefined ? parent?.scope ?? scopes.all : scopes.at(tag.begin);
    const end = location?.endTag?.startOffset ?? location?.endOffset ?? tag?.end ?? 0;
    const element: Writable = {
      name: node.tagName.toLowerCase(),
      tag,
      parent,
      children: [],
      index: parent?.children.length ?? 0,
      scope,
      isLoose: false,
      isEmpty: node.childNodes.length === 0,
      isSettled: true,
      end,
    };
    parent?.children.push(element);
    this.#elements.push(element);
    if (tag !== undefined && !scopes.at(end).contains(scope)) {
      // If the end tag is omitted, the end of the parent closes the element on every branch.
      const isWritten = location?.endTag !== undefined;
      const until = isWritten ? Infinity : endOf(node.parentNode);
      this.#loose.push({ begin: end, end: until });
    }
    return element;
  }

  #settle(): void {
    for (const element of this.#elements) {
      const [first] = element.children;
      if (first === undefined) continue;
      const { scope } = first;
      element.isSettled = element.children.every((child) =>
        child.scope === scope && !child.isLoose
      ) &&
        element.scope.contains(scope) && !element.scope.hasBetween(scope, "loop", "detached");
    }
    const written = this.#elements.filter(({ tag }) => tag !== undefined);
    for (const place of this.#around.open) {
      const around = innermost(written, place);
      if (around !== undefined) around.isSettled = false;
    }
  }
}

function endOf(node: ParentNode | null): number {
  return node?.sourceCodeLocation?.endOffset ?? Infinity;
}

/** The innermost of elements, in the order of the text, around a place. */
function innermost(elements: readonly Writable[], place: number): Writable | undefined {
  let found = elements[lastIndexAt(elements, ({ tag }) => tag!.end, place)];
  while (found !== undefined && (found.tag === undefined || found.end <= place)) {
    found = found.parent;
  }
  return found;
}
