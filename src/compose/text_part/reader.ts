import { HiddenElements } from "./hidden.ts";
import { TextLines } from "./lines.ts";

/** Elements that begin and end lines, with the number of line ends around them: two make a blank line. */
const BLOCKS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    "address article aside body caption center dd details dialog div dl dt fieldset figcaption figure footer form header html main nav section summary tr"
      .split(" ").map((name) => [name, 1]),
  ),
  ...Object.fromEntries(
    ["p", "pre", "hr", "blockquote", "ul", "ol", "table"].map((name) => [name, 2]),
  ),
  ...Object.fromEntries(["h1", "h2", "h3", "h4", "h5", "h6"].map((name) => [name, 2])),
};
/** More space before headings. */
const ROOM_BEFORE: Readonly<Record<string, number>> = { h1: 3, h2: 3, h3: 3 };

/** Elements whose content is not read. */
const UNREAD = ["head", "title", "style", "script", "template", "svg", "select", "datalist"];

const RULE = "-".repeat(40);

/** An open element. */
interface Open {
  readonly name: string;
  /** Ends with it. */
  readonly end: (() => void) | undefined;
}

/** Returns what follows a link's text: " [target]", or nothing if the text already says it. */
export type LinkEnd = (text: string, target: string) => string;

interface Link {
  readonly target: string;
  text: string;
  /** The descriptions of its images. */
  readonly images: string[];
}

/** Turns the events of an HTML parser into text, element by element. */
export class TextReader {
  readonly #lines = new TextLines();
  readonly #hidden = new HiddenElements();
  readonly #behind: LinkEnd;
  readonly #open: Open[] = [];
  /** Nesting depth within elements whose content is not read. */
  #unread = 0;
  /** The texts within invisible elements. */
  readonly unseen: string[] = [];
  /** The text of lists whose items have numbers. */
  numbered = "";
  #text = "";
  #css: string | undefined;
  #keeps = 0;
  #links: Link[] = [];
  /** Numbers of the next items, of lists from the outermost; undefined if they have none. */
  readonly #lists: { next: number | undefined }[] = [];

  constructor(behind: LinkEnd) {
    this.#behind = behind;
  }

  begin(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#flush();
    // If the end tag of <head> is omitted, the parser takes the body for a part of it.
    if (name === "body") this.#unread = 0;
    const end = this.#unread > 0 ? undefined : this.#beginRead(name, attributes);
    const isUnread = this.#unread > 0 || end === "unread";
    if (isUnread && this.#unread++ === 0) this.unseen.push("");
    this.#open.push({ name, end: end === "unread" ? undefined : end });
    if (name === "style") this.#css = "";
  }

  end(): void {
    this.#flush();
    const open = this.#open.pop();
    if (open?.name === "style") {
      this.#hidden.read(this.#css ?? "");
      this.#css = undefined;
    }
    if (this.#unread > 0) this.#unread--;
    open?.end?.();
  }

  read(text: string): void {
    if (this.#css !== undefined) this.#css += text;
    if (this.#unread > 0) this.unseen[this.unseen.length - 1] += text;
    else this.#text += text;
    if (this.#lists.some(({ next }) => next !== undefined)) this.numbered += text;
  }

  /** Returns the text of everything read, with a final line end. */
  toString(): string {
    this.#flush();
    return this.#lines.toString();
  }

  /** @returns what to do at its end; "unread" if its content is not read. */
  #beginRead(
    name: string,
    attributes: Readonly<Record<string, string>>,
  ): (() => void) | "unread" | undefined {
    const isOurs = name === "div" && attributes.class === "preheader";
    if (UNREAD.includes(name) || isOurs || this.#hidden.has(name, attributes)) return "unread";
    const breaks = BLOCKS[name];
    if (breaks !== undefined) return this.#beginBlock(name, breaks, attributes);
    switch (name) {
      case "br":
        this.#lines.break();
        return undefined;
      case "td":
      case "th":
        this.#lines.separate();
        return () => this.#lines.separate();
      case "li":
        return this.#beginItem();
      case "img":
        this.#links.at(-1)?.images.push(attributes.alt ?? "");
        return undefined;
      case "a":
        return this.#beginLink(attributes.href?.trim() ?? "");
      default:
        return undefined;
    }
  }

  #beginBlock(
    name: string,
    breaks: number,
    attributes: Readonly<Record<string, string>>,
  ): () => void {
    this.#lines.block(
      this.#lists.length > 0 && (name === "ul" || name === "ol") ? 1 : ROOM_BEFORE[name] ?? breaks,
    );
    switch (name) {
      case "hr":
        this.#lines.flow(RULE);
        break;
      case "pre":
        this.#keeps++;
        return () => {
          this.#keeps--;
          this.#lines.block(breaks);
        };
      case "blockquote":
        this.#lines.indent("> ", "> ");
        return () => this.#lines.outdent(breaks);
      case "ul":
      case "ol":
        return this.#beginList(name === "ol" ? Number(attributes.start) || 1 : undefined);
    }
    return () => this.#lines.block(breaks);
  }

  #beginList(next: number | undefined): () => void {
    this.#lists.push({ next });
    return () => {
      this.#lists.pop();
      this.#lines.block(this.#lists.length > 0 ? 1 : 2);
    };
  }

  #beginItem(): () => void {
    const list = this.#lists.at(-1);
    const mark = list?.next === undefined ? " * " : ` ${list.next++}. `;
    this.#lines.block(1);
    this.#lines.indent(mark, " ".repeat(mark.length));
    return () => this.#lines.outdent(1);
  }

  #beginLink(target: string): () => void {
    const link: Link = { target, text: "", images: [] };
    this.#links.push(link);
    return () => {
      this.#links.pop();
      if (link.text.trim() === "") this.#flow(link.images.join(" "), link);
      const text = link.text.replace(/\s+/g, " ").trim();
      const shown = target.replace(/^mailto:/i, "");
      if (text === "") this.#lines.flow(shown.startsWith("#") ? "" : shown);
      else if (target !== "" && !target.startsWith("#")) {
        this.#lines.flow(this.#behind(text, shown));
      }
      const outer = this.#links.at(-1);
      if (outer !== undefined) outer.text += link.text;
    };
  }

  #flush(): void {
    const text = this.#text;
    this.#text = "";
    if (text !== "") this.#flow(text, this.#links.at(-1));
  }

  #flow(text: string, link: Link | undefined): void {
    if (link !== undefined) link.text += text;
    if (this.#keeps > 0) this.#lines.keep(text);
    else this.#lines.flow(text);
  }
}
