import type { Assembly } from "./assembly.ts";
import { MASK, masked } from "./constructs.ts";
import { type HtmlElement, TreeReader } from "./element.ts";
import { Scopes } from "./scope.ts";
import { lastIndexAt } from "./sorted.ts";
import type { Range, StartTag } from "./start_tag.ts";
import { type TokenPart, Tokens } from "./tokens.ts";

/** A tag, anywhere a mail program may read one. */
export interface FoundTag extends StartTag {
  /** Within a comment that only Outlook reads, or a `<noscript>`. */
  readonly isHidden: boolean;
}

/** The content of a `<style>`. */
export interface StyleText extends Range {
  readonly tag: StartTag;
  readonly isHidden: boolean;
}

/**
 * An HTML text as a browser reads it, with all branches of Liquid in it.
 *
 * Liquid itself counts as text, or as nothing if it is between elements and puts out none itself.
 */
export class HtmlDocument {
  readonly assembly: Assembly;
  /** The text with Liquid as masks. */
  readonly text: string;
  /** Tags, comments and the doctype, none within another, in order. */
  readonly parts: readonly TokenPart[];
  /** Content of comments and elements that some programs read as HTML. */
  readonly hidden: readonly Range[];
  /** Including those within them. */
  readonly allParts: readonly TokenPart[];
  /** All tags, including those in comments, in order. */
  readonly tags: readonly FoundTag[];
  readonly #tagsByPlace: ReadonlyMap<number, FoundTag>;
  readonly styles: readonly StyleText[];
  readonly scopes: Scopes;
  /** Those of the page itself, in order. */
  readonly elements: readonly HtmlElement[];
  /** Class names and ids ignore case (there is no doctype). */
  readonly isQuirky: boolean;
  /** Where the body's content begins if no tag says so. */
  readonly bodyBegin: number;

  constructor(assembly: Assembly) {
    this.assembly = assembly;
    const { text, constructs } = assembly;
    this.text = masked(text, constructs);
    // Between attributes, a Liquid tag ends what comes before it (see `branches.ts`).
    const tagless = masked(
      text,
      constructs,
      (at, length) => (constructs[at]!.isTag ? " " : MASK).repeat(length),
    );
    const tokens = new Tokens(tagless, this.text);
    this.parts = tokens.parts;
    this.hidden = tokens.hidden;
    const hidden = hiddenParts(tokens.hidden, tagless, this.text);
    this.allParts = [...this.parts, ...hidden].sort((a, b) => a.begin - b.begin);
    this.scopes = new Scopes(constructs, tokens.conditions);
    this.tags = [...tagsOf(this.parts, false), ...tagsOf(hidden, true)]
      .map((tag) => withConditions(tag, this.scopes))
      .sort((a, b) => a.begin - b.begin);
    this.#tagsByPlace = new Map(this.tags.map((tag) => [tag.begin, tag]));
    this.styles = [
      ...stylesOf(this.parts, text.length, false),
      ...stylesOf(hidden, text.length, true),
    ];
    const inside = new Inside([...this.parts, ...this.styles.filter(({ isHidden }) => !isHidden)]);
    const document = treeOf(assembly, inside);
    this.isQuirky = document.mode === "quirks";
    const reader = new TreeReader({
      tags: this.tags,
      scopes: this.scopes,
      open: constructs.filter(({ isOpen, begin }) => isOpen && !inside.has(begin))
        .map(({ begin }) => begin),
    });
    this.elements = reader.read(document);
    this.bodyBegin = this.#bodyBegin(reader.contentBegin ?? text.length);
  }

  /** The tag that begins at a place; there must be one. */
  tagAt(begin: number): FoundTag {
    return this.#tagsByPlace.get(begin)!;
  }

  /** After the head's last tag, unless that is there on some branches only. */
  #bodyBegin(content: number): number {
    const end = this.parts.findLast(({ kind, end }) => end <= content && kind !== "comment")?.end ??
      0;
    return this.scopes.at(end).contains(this.scopes.at(content)) ? end : content;
  }
}

/** Ranges that do not overlap, in any order. */
class Inside {
  readonly #ranges: readonly Range[];

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges.toSorted((a, b) => a.begin - b.begin);
  }

  has(place: number): boolean {
    const index = lastIndexAt(this.#ranges, ({ begin }) => begin, place);
    return place < (this.#ranges[index]?.end ?? 0);
  }
}

/** The elements of a text as a browser arranges them. */
function treeOf({ text, constructs }: Assembly, inside: Inside): Tokens["document"] {
  const tagless = masked(text, constructs, (at, length) => {
    const { isTag, begin } = constructs[at]!;
    if (!isTag) return MASK.repeat(length);
    // Between elements, text would be moved out of tables, and would reopen elements that are closed.
    return inside.has(begin) ? " ".repeat(length) : comment(length);
  });
  return new Tokens(tagless).document;
}

/** A comment of a given length, which does not change the tree; spaces if it is too short for one. */
function comment(length: number): string {
  return length < 7 ? " ".repeat(length) : `<!--${" ".repeat(length - 7)}-->`;
}

/** Comments do not nest; nested ones are read no deeper than this. */
const DEEPEST = 3;

function hiddenParts(
  hidden: readonly Range[],
  text: string,
  values: string,
  depth = 0,
): TokenPart[] {
  if (depth === DEEPEST) return [];
  return hidden.flatMap(({ begin, end }) => {
    const inner = new Tokens(text.slice(begin, end), values.slice(begin, end), begin);
    return [...inner.parts, ...hiddenParts(inner.hidden, text, values, depth + 1)];
  });
}

function tagsOf(parts: readonly TokenPart[], isHidden: boolean): FoundTag[] {
  return parts.flatMap((part) => part.kind === "tag" ? [{ ...part.tag, isHidden }] : []);
}

/** Marks the attributes that are not in every such tag. */
function withConditions(tag: FoundTag, scopes: Scopes): FoundTag {
  const scope = scopes.at(tag.begin);
  const attributes = tag.attributes.map((attribute) =>
    scopes.at(attribute.begin) === scope ? attribute : { ...attribute, isConditional: true }
  );
  return { ...tag, attributes };
}

/** A `<style>` continues to the next tag, which can only be its end tag. */
function stylesOf(parts: readonly TokenPart[], length: number, isHidden: boolean): StyleText[] {
  return parts.flatMap((part, index) =>
    part.kind === "tag" && part.tag.name === "style"
      ? [{ tag: part.tag, begin: part.end, end: parts[index + 1]?.begin ?? length, isHidden }]
      : []
  );
}
