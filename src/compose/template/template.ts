import { InputError, type SourcePlace } from "../../model/input_error.ts";

/** The format of a template's body; the file's extension decides. */
export type Format = "markdown" | "html" | "text";

/** A part of one of the user's files, with its start, so that an error can point into the file. */
export interface TemplateSource {
  readonly file: string;
  /** Line ends are LF, except within Liquid; lines keep their numbers. */
  readonly text: string;
  /** Position of the first character, counted from 1. */
  readonly line: number;
  readonly column: number;
}

/** One header line of a template, with its continuation lines. */
export interface TemplateHeader {
  readonly name: string;
  readonly value: TemplateSource;
  readonly place: SourcePlace;
}

/** A template in message form: header lines, a blank line, the body. */
export interface Template {
  readonly format: Format;
  readonly headers: readonly TemplateHeader[];
  readonly body: TemplateSource;
}

/** A file as the caller read it. */
export interface TextFile {
  readonly file: string;
  readonly text: string;
}

/** `.md` is Markdown, `.html` and `.htm` are HTML; everything else, including the old `.tmpl`, is plain text. */
export function formatOf(file: string): Format {
  if (/\.(md|markdown)$/i.test(file)) return "markdown";
  if (/\.html?$/i.test(file)) return "html";
  return "text";
}

/** What Liquid may begin with; the content of `raw` and `comment`, up to their end, is not Liquid. */
const OPENING = /\{%-?\s*(raw|comment)\s*-?%\}|\{\{|\{%/g;

/**
 * A whole file as a source: without byte order mark, line ends LF, the old `{{.Name}}` as `{{ Name }}`.
 *
 * Liquid keeps its line ends, which are part of a value if quoted.
 */
export function sourceOf({ file, text }: TextFile): TemplateSource {
  const whole = text.replace(/^\uFEFF/, "");
  let read = "";
  let end = 0;
  for (let opening; (opening = nextOpening(whole, end)) !== null;) {
    const [found, block] = opening;
    const close = closeOf(whole, opening.index + found.length, found, block);
    if (close < 0) break;
    const liquid = whole.slice(opening.index, close);
    read += withLf(whole.slice(end, opening.index)) +
      (block === undefined ? withoutGoDot(liquid) : liquid);
    end = close;
  }
  return { file, text: read + withLf(whole.slice(end)), line: 1, column: 1 };
}

function nextOpening(text: string, from: number): RegExpExecArray | null {
  OPENING.lastIndex = from;
  return OPENING.exec(text);
}

/** Where a construct ends; -1 if it does not, which the parser will report. */
function closeOf(text: string, from: number, opening: string, block: string | undefined): number {
  if (block === undefined) {
    const at = text.indexOf(opening === "{{" ? "}}" : "%}", from);
    return at < 0 ? -1 : at + 2;
  }
  const ending = new RegExp(`\\{%-?\\s*end${block}\\s*-?%\\}`, "g");
  ending.lastIndex = from;
  return ending.exec(text) === null ? -1 : ending.lastIndex;
}

function withLf(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** Returns the place in its file of a row and column of `source` (both from 1). */
export function placeIn(source: TemplateSource, row: number, column: number): SourcePlace {
  return {
    file: source.file,
    line: source.line + row - 1,
    column: row === 1 ? source.column + column - 1 : column,
  };
}

/** Returns the place in its file of the character at an offset of `source`. */
export function placeAt(source: TemplateSource, offset: number): SourcePlace {
  const before = source.text.slice(0, offset).split("\n");
  return placeIn(source, before.length, before.at(-1)!.length + 1);
}

/**
 * Splits a template into its headers and body.
 *
 * @throws {InputError} If a line before the first blank one is not a header line.
 */
export function readTemplate(input: TextFile): Template {
  const { file, text } = sourceOf(input);
  const lines = text.split("\n");
  const headers: TemplateHeader[] = [];
  let index = 0;
  for (; index < lines.length && lines[index]!.trim() !== ""; index++) {
    const first = index;
    while (/^[ \t]+\S/.test(lines[index + 1] ?? "")) index++;
    headers.push(readHeader(file, lines.slice(first, index + 1), first + 1));
  }
  const body = lines.slice(index + 1).join("\n");
  return {
    format: formatOf(file),
    headers,
    body: { file, text: body, line: index + 2, column: 1 },
  };
}

function readHeader(file: string, lines: readonly string[], line: number): TemplateHeader {
  const text = lines.join("\n");
  // RFC 5322, 2.2: a field name is printable ASCII without colon.
  const match = /^([!-9;-~]+)[ \t]*:[ \t]*/.exec(text);
  if (match === null || match[1]!.startsWith("{")) {
    throw new InputError(
      `Expected a header line before the first blank line: found '${lines[0]}'`,
      {
        place: { file, line, column: 1 },
        hint:
          "A template begins with header lines such as 'Subject: Hello', then a blank line, then the body.",
      },
    );
  }
  const [prefix, name] = match;
  return {
    name: name!,
    value: { file, text: text.slice(prefix.length), line, column: prefix.length + 1 },
    place: { file, line, column: 1 },
  };
}

/** The Go program wrote `{{.Name}}`. The dot becomes a space, so that columns in messages stay correct. */
function withoutGoDot(output: string): string {
  return output.replace(/^(\{\{-?[ \t]*)\.(?=[\p{L}_])/u, "$1 ");
}
