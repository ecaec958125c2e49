import { Parser } from "htmlparser2";

/** Where an element is in a text. */
interface Span {
  readonly name: string;
  readonly start: number;
  /** The end of its start tag, where its content begins. */
  readonly inner: number;
  /** The end of its content. */
  innerEnd: number;
  end: number;
  readonly children: Span[];
}

/** The elements of an HTML text; the root stands for the text as a whole. */
function spansOf(html: string): Span {
  const root = {
    name: "",
    start: 0,
    inner: 0,
    innerEnd: html.length,
    end: html.length,
    children: [],
  };
  const open: Span[] = [root];
  const parser = new Parser({
    onopentag(name) {
      const inner = parser.endIndex + 1;
      const span = {
        name,
        start: parser.startIndex,
        inner,
        innerEnd: inner,
        end: inner,
        children: [],
      };
      open.at(-1)!.children.push(span);
      open.push(span);
    },
    onclosetag(_, isImplied) {
      const span = open.pop()!;
      if (isImplied) {
        span.innerEnd = span.end = Math.max(span.inner, span.children.at(-1)?.end ?? 0);
      } else {
        span.innerEnd = Math.max(span.inner, parser.startIndex);
        span.end = parser.endIndex + 1;
      }
    },
  });
  parser.end(html);
  return root;
}

function find(span: Span, name: string): Span | undefined {
  if (span.name === name) return span;
  for (const child of span.children) {
    const found = find(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Begin and end of a piece of a text. */
export type Piece = readonly [begin: number, end: number];

/** The content of the first element of that name. */
export function contentOf(html: string, name: "head" | "body"): Piece {
  const span = find(spansOf(html), name);
  if (span === undefined) throw new Error(`No <${name}>`);
  return [span.inner, span.innerEnd];
}

/**
 * The second half of the body's content, cut between two elements. If the body contains a single element, the content of that
 * is cut, and so on.
 */
export function secondHalfOf(html: string): Piece {
  let span = find(spansOf(html), "body");
  while (span !== undefined && span.children.length < 2) span = span.children[0];
  if (span === undefined) throw new Error("Nothing can be cut");
  return [span.children[Math.floor(span.children.length / 2)]!.start, span.innerEnd];
}
