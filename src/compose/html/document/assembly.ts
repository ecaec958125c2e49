import { type Construct, constructsOf, putsOutMarkup } from "./constructs.ts";
import { Edits } from "./edits.ts";
import { lastIndexAt } from "./sorted.ts";
import type { TemplateSource } from "../../template/template.ts";

/** HTML as its author wrote it, and where: for Markdown, `written` is what the HTML was made from. */
export interface WrittenHtml {
  readonly html: string;
  readonly written: TemplateSource;
}

/** A file that the HTML of a mail comes from, and the changes to make in it. */
export interface HtmlFile extends WrittenHtml {
  readonly constructs: readonly Construct[];
  readonly edits: Edits;
}

/** Finds the file that an `include`, a `render` or a `layout` names; returns undefined if there is none. */
export type FindFile = (name: string, from: HtmlFile) => HtmlFile | undefined;

/** A construct at its place in the whole. */
export interface PlacedConstruct extends Construct {
  /** Its file, and its place there. */
  readonly file: HtmlFile;
  readonly inFile: number;
  /** Its content is repeated for each element of a list: a `render … for`. */
  readonly repeats: boolean;
  /** It may put out elements that are not in the whole. */
  readonly isOpen: boolean;
}

interface Stretch {
  /** Where it begins in the whole. */
  readonly at: number;
  readonly file: HtmlFile;
  readonly begin: number;
  readonly end: number;
}

/** A part of a file that replaces a layout's block. */
interface BlockContent {
  readonly file: HtmlFile;
  /** The constructs of the content, from and up to. */
  readonly from: number;
  readonly to: number;
  readonly fillings: BlockContents;
}
type BlockContents = ReadonlyMap<string, BlockContent>;

/** Nested includes; the analysis of names has refused those that form a loop. */
const DEEPEST = 100;

/**
 * Everything a template's HTML consists of, as one text: files are where they are included, a layout is around what it frames.
 *
 * So it can be read as a mail program will read it, with all branches of Liquid in it. Each place can be traced back to its
 * file, where changes are made.
 */
export class Assembly {
  readonly text: string;
  readonly constructs: readonly PlacedConstruct[];
  /** The files in it. */
  readonly files: ReadonlySet<HtmlFile>;
  readonly #stretches: readonly Stretch[];

  constructor(parts: AssemblyParts) {
    this.text = parts.text;
    this.constructs = parts.constructs;
    this.#stretches = parts.stretches;
    this.files = new Set(parts.stretches.map(({ file }) => file));
  }

  /** A file with everything it includes. */
  static of(file: HtmlFile, find: FindFile): Assembly {
    const parts = new AssemblyParts(find);
    parts.addFile(file, new Map(), 0);
    return new Assembly(parts);
  }

  /** The parts of `file` that are in none of these, such as text beside the blocks of a layout; undefined if there are none. */
  static ofRest(file: HtmlFile, others: readonly Assembly[]): Assembly | undefined {
    const taken = others.flatMap((other) => other.#stretches)
      .filter((stretch) => stretch.file === file)
      .sort((a, b) => a.begin - b.begin);
    const parts = new AssemblyParts(() => undefined);
    let at = 0;
    for (const { begin, end } of [...taken, { begin: file.html.length, end: file.html.length }]) {
      if (begin > at) parts.addStretch(file, at, begin);
      at = Math.max(at, end);
    }
    return parts.text === "" ? undefined : new Assembly(parts);
  }

  /** Where a place of the whole is in its file. For a place between two files, `side` says which one it belongs to. */
  place(at: number, side: "before" | "after" = "after"): { file: HtmlFile; offset: number } {
    const wanted = side === "before" ? at - 1 : at;
    const index = lastIndexAt(this.#stretches, (stretch) => stretch.at, wanted);
    const { file, begin, at: start } = this.#stretches[Math.max(0, index)]!;
    return { file, offset: begin + at - start };
  }

  replace(begin: number, end: number, text: string): void {
    const { file, offset } = this.place(begin);
    file.edits.replace(offset, offset + end - begin, text);
  }

  /** @param side The character that it stays beside. */
  insert(at: number, text: string, side: "before" | "after", rank = 0): void {
    const { file, offset } = this.place(at, side);
    file.edits.insert(offset, text, rank);
  }

  /** Constructs that begin within a range. */
  within(begin: number, end: number): readonly PlacedConstruct[] {
    const first = lastIndexAt(this.constructs, (one) => one.begin, begin - 1) + 1;
    let last = first;
    while (last < this.constructs.length && this.constructs[last]!.begin < end) last++;
    return this.constructs.slice(first, last);
  }
}

/** An HTML text with its constructs. @throws What liquidjs throws for a construct that is not closed. */
export function htmlFile(html: string, written: TemplateSource): HtmlFile {
  const constructs = constructsOf({ text: html, file: written.file });
  return { html, written, constructs, edits: new Edits() };
}

/** Puts an assembly together. */
class AssemblyParts {
  text = "";
  readonly constructs: PlacedConstruct[] = [];
  readonly stretches: Stretch[] = [];
  readonly #find: FindFile;

  constructor(find: FindFile) {
    this.#find = find;
  }

  addFile(file: HtmlFile, fillings: BlockContents, depth: number): void {
    this.#add(file, 0, file.constructs.length, fillings, depth);
  }

  /** A range of a file as it is. */
  addStretch(file: HtmlFile, begin: number, end: number): void {
    let at = begin;
    for (const construct of file.constructs) {
      if (construct.begin < begin || construct.end > end) continue;
      this.#addText(file, at, construct.begin);
      this.#addConstruct(file, construct, putsOutMarkup(construct));
      at = construct.end;
    }
    this.#addText(file, at, end);
  }

  /** Constructs from and up to an index, and the text around them. */
  #add(file: HtmlFile, from: number, to: number, fillings: BlockContents, depth: number): void {
    const { constructs, html } = file;
    let at = from === 0 ? 0 : constructs[from - 1]!.end;
    for (let index = from; index < to; index++) {
      const construct = constructs[index]!;
      this.#addText(file, at, construct.begin);
      at = construct.end;
      const named = depth < DEEPEST ? this.#named(construct, file) : undefined;
      const isWhole = named !== undefined || construct.name === "block";
      this.#addConstruct(file, construct, putsOutMarkup(construct) && !isWhole);
      if (named !== undefined && construct.name === "layout") {
        const own = contentsOf(file, index + 1, to, fillings);
        return this.addFile(named, own, depth + 1);
      }
      if (named !== undefined) {
        this.addFile(named, new Map(), depth + 1);
        this.#addEnd(file, construct);
      }
      if (construct.name !== "block") continue;
      const end = endOfBlock(constructs, index, to);
      const filling = fillings.get(blockName(construct));
      // A block's own content is omitted if something else replaces it.
      if (filling === undefined || depth >= DEEPEST) continue;
      this.#add(filling.file, filling.from, filling.to, filling.fillings, depth + 1);
      index = end - 1;
      at = constructs[end]?.begin ?? html.length;
    }
    this.#addText(file, at, to < constructs.length ? constructs[to]!.begin : html.length);
  }

  #named(construct: Construct, file: HtmlFile): HtmlFile | undefined {
    if (!["include", "render", "layout"].includes(construct.name)) return undefined;
    const name = /^\s*(["'])([^]*?)\1/.exec(construct.args)?.[2];
    return name === undefined ? undefined : this.#find(name, file);
  }

  #addText(file: HtmlFile, begin: number, end: number): void {
    if (end <= begin) return;
    this.stretches.push({ at: this.text.length, file, begin, end });
    this.text += file.html.slice(begin, end);
  }

  #addConstruct(file: HtmlFile, construct: Construct, isOpen: boolean): void {
    const begin = this.text.length;
    this.#addText(file, construct.begin, construct.end);
    this.constructs.push({
      ...construct,
      begin,
      end: this.text.length,
      file,
      inFile: construct.begin,
      repeats: construct.name === "render" && /\bfor\b/.test(construct.args),
      isOpen,
    });
  }

  /** Marks where the content of an include ends; has no length. */
  #addEnd(file: HtmlFile, { name, end }: Construct): void {
    const at = this.text.length;
    const none = { begin: at, end: at, isTag: true, name: `end${name}`, args: "", text: "" };
    this.constructs.push({ ...none, file, inFile: end, repeats: false, isOpen: false });
  }
}

/** Returns what a file with a layout puts into the layout's blocks; content from an inner file takes precedence. */
function contentsOf(file: HtmlFile, from: number, to: number, given: BlockContents): BlockContents {
  const { constructs } = file;
  const fillings = new Map(given);
  for (let index = from; index < to; index++) {
    if (constructs[index]!.name !== "block") continue;
    const end = endOfBlock(constructs, index, to);
    const name = blockName(constructs[index]!);
    if (!fillings.has(name)) {
      fillings.set(name, { file, from: index + 1, to: end, fillings: given });
    }
    index = end;
  }
  if (!fillings.has("")) fillings.set("", { file, from, to, fillings: given });
  return fillings;
}

function blockName({ args }: Construct): string {
  return /\w+/.exec(args)?.[0] ?? "";
}

/** The index of the `endblock` that belongs to the block at an index, or `to`. */
function endOfBlock(constructs: readonly Construct[], index: number, to: number): number {
  let open = 0;
  for (let at = index; at < to; at++) {
    const { name } = constructs[at]!;
    if (name === "block") open++;
    else if (name === "endblock" && --open === 0) return at;
  }
  return to;
}
