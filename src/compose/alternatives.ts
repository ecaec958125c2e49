import type { SourcePlace } from "../model/input_error.ts";
import { escapeHtml } from "../text/escape_html.ts";
import type { Folder } from "./files/folder.ts";
import { headerText } from "./headers/header_text.ts";
import type { Headers } from "./headers/headers.ts";
import type { WrittenHtml } from "./html/document/assembly.ts";
import { type FinishedHtml, finishHtml } from "./html/finisher.ts";
import { PREHEADER } from "./html/preheader.ts";
import { htmlToText } from "./text_part/html_to_text.ts";
import { documentAround } from "./html/fragment.ts";
import { textTemplateOf } from "./text_part/text_template.ts";
import { Engine, includePath, inputErrorOf } from "./template/liquid.ts";
import type { InlineImages } from "./files/inline_images.ts";
import { firstTag, markdownToHtml } from "./markdown/once.ts";
import { Pages } from "./markdown/pages.ts";
import { TEXT_OF_HTML } from "./text_part/text_of_html.ts";
import { asItIs, type CompiledPart, type TextDialect } from "./template/plain.ts";
import { compile, type Compiled, fill, type SlotDialect } from "./template/slots.ts";
import { formatOf, sourceOf, type TemplateSource, type TextFile } from "./template/template.ts";
import type { RowScope } from "./template/template_variables.ts";

/** Liquid for headers and plain text, for HTML, and for the text made from HTML: they read includes differently. */
interface Dialects {
  readonly text: TextDialect;
  readonly html: SlotDialect;
  readonly textOfHtml: SlotDialect;
}

/** The dialects of a Markdown or HTML template; `finished` gives the HTML of a file that it includes. */
function dialectsOf(
  { folder, text, headers: { preheader } }: AlternativesInput,
  finished: (file: string) => string | undefined,
): Dialects {
  const { variables, reader } = text;
  const html = new Engine(folder, "html", (source) => finished(source.file) ?? htmlOf(source));
  const textOfHtml = new Engine(folder, TEXT_OF_HTML, (source) => {
    const text = textTemplateOf({ ...source, text: htmlOf(source) });
    if (text === undefined) throw new Error(`'${source.file}' has no text form`);
    return text;
  });
  const extras = new Map<string, (row: RowScope) => string>();
  if (preheader !== undefined) {
    extras.set(PREHEADER, (row) => escapeHtml(headerText(fill(preheader, row))));
  }
  return {
    text,
    html: { engine: html, reader, variables, escape: escapeHtml, extras },
    textOfHtml: { engine: textOfHtml, reader, variables, escape: asItIs },
  };
}

/** The first place where Liquid decides about Markdown. */
function firstTagInMarkdown(files: readonly TemplateSource[]): SourcePlace | undefined {
  for (const file of files) {
    const tag = formatOf(file.file) === "markdown" ? firstTag(file) : undefined;
    if (tag !== undefined) return tag;
  }
  return undefined;
}

/** The HTML of an author's file. */
function htmlOf(source: TemplateSource): string {
  return formatOf(source.file) === "markdown" ? markdownToHtml(source) : source.text;
}

/** What the parts of a mail depend on besides the body. */
interface AlternativesInput {
  readonly headers: Pick<Headers, "language" | "preheader">;
  readonly folder: Folder;
  readonly text: TextDialect;
  readonly images: InlineImages;
}

/**
 * The text part and the HTML part of a Markdown or HTML template, in the order of RFC 2046, 5.1.4.
 *
 * @throws {InputError}
 */
export function alternatives(
  body: TemplateSource,
  text: TextFile | undefined,
  input: AlternativesInput,
): CompiledPart[] {
  // HTML and Markdown are read once names and syntax are known to be right.
  compile(body, input.text);
  const includes = [...input.text.included.values()];
  const textPart = text === undefined ? undefined : compile(sourceOf(text), input.text);
  const deciding = firstTagInMarkdown([body, ...includes]);
  return deciding === undefined
    ? compiledOnce(body, includes, textPart, input)
    : compiledPerMail(body, includes, textPart, deciding, input);
}

/** The parts of a template whose HTML is the same for every row except for its values. */
function compiledOnce(
  body: TemplateSource,
  includes: readonly TemplateSource[],
  textPart: Compiled | undefined,
  input: AlternativesInput,
): CompiledPart[] {
  const page = finish(
    body,
    htmlOf(body),
    new Map(includes.map((source) => [source.file, { html: htmlOf(source), written: source }])),
    input,
  );
  const dialects = dialectsOf(input, (file) => page.files.get(file));
  const html = page.files.get(body.file)!;
  const compiled = compile(body, dialects.html, () => html);
  if (includes.length > 0) readIncludes(html, body, dialects.html.engine);
  return [
    { type: "text/plain", compiled: textPart ?? textPartOf(body, page.html, compiled, dialects) },
    { type: "text/html", compiled },
  ];
}

/** The parts of a template whose Markdown can only be read once Liquid has decided about it. */
function compiledPerMail(
  body: TemplateSource,
  includes: readonly TemplateSource[],
  textPart: Compiled | undefined,
  deciding: SourcePlace,
  input: AlternativesInput,
): CompiledPart[] {
  const pages = new Pages({
    body,
    includes,
    folder: input.folder,
    html: dialectsOf(input, () => undefined).html,
    finish: (html) => finish(body, html, new Map(), input).files.get(body.file)!,
  });
  pages.tryAll();
  return [
    { type: "text/plain", compiled: textPart ?? pages.text() },
    { type: "text/html", compiled: pages.html(), convertedPerMail: deciding },
  ];
}

function finish(
  written: TemplateSource,
  html: string,
  included: ReadonlyMap<string, WrittenHtml>,
  { folder, images, headers: { language, preheader } }: AlternativesInput,
): FinishedHtml {
  return finishHtml({ html, written }, included, {
    folder,
    images,
    hasPreheader: preheader !== undefined,
    locate: (name, from) => includePath(folder, name, from),
    documentAround: (html) => documentAround(html, language),
  });
}

/** Reads all included files now, so that errors in them are known before the first mail. */
function readIncludes(html: string, body: TemplateSource, engine: Engine): void {
  try {
    engine.analyze(engine.parse({ ...body, text: html }), true);
  } catch (error) {
    throw inputErrorOf(error, body);
  }
}

/** The text made from HTML: from the template, or if that is impossible, from each rendered mail. */
function textPartOf(
  body: TemplateSource,
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
    pieces: [({ row }) => htmlToText(fill(compiled, row))],
    dialect: textOfHtml,
  };
}

/** Returns whether everything the template includes can be read. Names and syntax are known to be right, but an include may lack a text form. */
function canBeRead(source: TemplateSource, engine: Engine): boolean {
  try {
    engine.analyze(engine.parse(source), true);
    return true;
  } catch {
    return false;
  }
}
