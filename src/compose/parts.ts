import { InputError } from "../report/input_error.ts";
import type { Folder } from "./folder.ts";
import { documentAround, htmlToText, isDocument, textTemplateOf } from "./html.ts";
import { Engine } from "./liquid.ts";
import { markdownToHtml } from "./markdown.ts";
import type { Part } from "./message.ts";
import { compile, type Compiled, type Dialect, escapeHtml, fill } from "./slots.ts";
import { formatOf, type Source, sourceOf, type TextFile } from "./template.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A body compiled, and what it is. */
export interface CompiledPart {
  readonly type: Part["type"];
  readonly compiled: Compiled;
}

/** Liquid for headers and plain text, for HTML, and for the text made from HTML: they differ in what an include is. */
export interface Dialects {
  readonly text: Dialect;
  readonly html: Dialect;
  readonly textOfHtml: Dialect;
}

/** The dialects of a template in `folder`. */
export function dialectsOf(folder: Folder, vocabulary: Vocabulary): Dialects {
  const asWritten = new Engine(folder, "none", (source) => source.text);
  const html = new Engine(folder, "html", htmlOf);
  const textOfHtml = new Engine(folder, "none", (source) => {
    const text = textTemplateOf({ ...source, text: htmlOf(source) });
    if (text === undefined) throw new Error(`'${source.file}' has no text form`);
    return text;
  });
  const escape = (value: string): string => value;
  return {
    text: { engine: asWritten, reader: asWritten, vocabulary, escape },
    html: { engine: html, reader: asWritten, vocabulary, escape: escapeHtml },
    textOfHtml: { engine: textOfHtml, reader: asWritten, vocabulary, escape },
  };
}

function htmlOf(source: Source): string {
  return formatOf(source.file) === "markdown" ? markdownToHtml(source) : source.text;
}

/** The only part of a plain text template. */
export function plainBody(
  body: Source,
  text: TextFile | undefined,
  { text: dialect }: Dialects,
): CompiledPart[] {
  if (text !== undefined) {
    throw new InputError("A plain text template has no second text part", {
      place: { file: text.file },
      hint: "The text part belongs to a Markdown or HTML template (.md, .html)",
    });
  }
  return [{ type: "text/plain", compiled: compile(body, dialect) }];
}

/** The text part and the HTML part of a Markdown or HTML template, in the order of RFC 2046, 5.1.4. */
export function alternatives(
  body: Source,
  text: TextFile | undefined,
  language: string | undefined,
  dialects: Dialects,
): CompiledPart[] {
  // Markdown is read once names and syntax are known to be right.
  const written = compile(body, dialects.html, () => htmlOf(body));
  const isWhole = isDocument(sampleOf(written));
  const html = isWhole ? htmlOf(body) : documentAround(htmlOf(body), language);
  const compiled = isWhole ? written : compile(body, dialects.html, () => html);
  return [
    {
      type: "text/plain",
      compiled: text === undefined
        ? textOf(body, html, compiled, dialects)
        : compile(sourceOf(text), dialects.text),
    },
    { type: "text/html", compiled },
  ];
}

/** What an empty row gives: an include or a layout shows in it. Empty where that cannot be rendered. */
function sampleOf(compiled: Compiled): string {
  try {
    return fill(compiled, { fields: [] });
  } catch {
    return "";
  }
}

/** The text made from HTML: from the template, or where that cannot be, from each rendered mail. */
function textOf(
  body: Source,
  html: string,
  compiled: Compiled,
  { textOfHtml }: Dialects,
): Compiled {
  const text = textTemplateOf({ ...body, text: html });
  if (text !== undefined && canBeRead({ ...body, text }, textOfHtml.engine)) {
    return compile(body, textOfHtml, () => text);
  }
  return {
    ...compiled,
    pieces: [(rendering) => htmlToText(fill(compiled, rendering))],
    dialect: textOfHtml,
  };
}

/** All that the template includes can be read too. Names and syntax are known to be right: an include may lack a text form. */
function canBeRead(source: Source, engine: Engine): boolean {
  try {
    engine.analyze(engine.parse(source), true);
    return true;
  } catch {
    return false;
  }
}
