import type { Folder } from "../files/folder.ts";
import type { InlineImages } from "../files/inline_images.ts";
import {
  Assembly,
  type FindFile,
  type HtmlFile,
  htmlFile,
  type WrittenHtml,
} from "./document/assembly.ts";
import { HtmlDocument, type StyleText } from "./document/document.ts";
import { settleBranches } from "./document/branches.ts";
import { ImageSources } from "./targets/image_sources.ts";
import { inlineStyles } from "./css/inline_styles.ts";
import {
  isForScreens,
  linkedSheets,
  linkedSource,
  writeLinkedSheets,
} from "./targets/linked_sheets.ts";
import { insertPreheader } from "./preheader.ts";
import type { StyleSource } from "./css/style_sheet.ts";
import { type Replacement, Targets } from "./targets/targets.ts";
import { checkValuePlaces } from "./document/value_places.ts";

/** What finishing HTML needs besides the files. */
export interface FinishOptions {
  readonly folder: Folder;
  readonly images: InlineImages;
  readonly hasPreheader: boolean;
  /** Where a file that is named in another is: a key of the files. */
  readonly locate: (name: string, from: string) => string | undefined;
  /** A fragment as a whole document. */
  readonly documentAround: (html: string) => string;
}

/** The files of a mail's HTML, finished, by name; and the template's own before that, as a whole document. */
export interface FinishedHtml {
  readonly files: ReadonlyMap<string, string>;
  readonly html: string;
}

/**
 * Prepares the HTML of a template and of the files it includes for compilation, once per campaign: styles are inlined, images
 * become parts of the mail, values cannot become tags, attributes or links that run something, the preheader is inserted.
 * Everything else stays as its author wrote it.
 *
 * @param body The template's own; `includes` are what it includes, by name.
 * @throws {InputError} for a value in a place where it is not allowed, and for an image or style sheet that does not exist.
 */
export function finishHtml(
  body: WrittenHtml,
  includes: ReadonlyMap<string, WrittenHtml>,
  options: FinishOptions,
): FinishedHtml {
  const others = new Map(
    [...includes].map(([name, { html, written }]) => [name, htmlFile(html, written)]),
  );
  const find: FindFile = (name, from) => others.get(options.locate(name, from.written.file) ?? "");
  let own = htmlFile(body.html, body.written);
  let document = new HtmlDocument(Assembly.of(own, find));
  if (!isWhole(document)) {
    own = htmlFile(options.documentAround(body.html), body.written);
    document = new HtmlDocument(Assembly.of(own, find));
  }
  const sources = new ImageSources(options.images);
  finishDocument(document, sources, options);
  const files: HtmlFile[] = [own, ...others.values()];
  for (const file of files) {
    // What a mail may still show: the content of another block, or what is captured and put out elsewhere.
    const rest = Assembly.ofRest(file, [document.assembly]);
    if (rest !== undefined) finishPlaces(new HtmlDocument(rest), sources);
  }
  const finished = files.map((file) => [file.written.file, file.edits.apply(file.html)] as const);
  return { files: new Map(finished), html: own.html };
}

function finishDocument(
  document: HtmlDocument,
  sources: ImageSources,
  options: FinishOptions,
): void {
  const replaced = finishPlaces(document, sources);
  const linked = linkedSheets(document, options.folder, sources);
  const sheets = [
    ...document.styles.filter((style) => isCss(style) && isRead(style, document)).map((style) => ({
      at: style.begin,
      source: styleSource(style, document, replaced.get(style) ?? []),
    })),
    ...linked.map((sheet) => ({ at: sheet.tag.begin, source: linkedSource(sheet, document) })),
  ].sort((a, b) => a.at - b.at);
  inlineStyles(document, sheets.map(({ source }) => source));
  writeLinkedSheets(linked, document);
  if (options.hasPreheader) insertPreheader(document);
}

/** Finishes values and targets; returns what was put into each `<style>`. */
function finishPlaces(
  document: HtmlDocument,
  sources: ImageSources,
): ReadonlyMap<StyleText, readonly Replacement[]> {
  settleBranches(document);
  checkValuePlaces(document);
  const targets = new Targets(document, sources);
  targets.finishAttributes();
  return new Map(document.styles.map((style) => [style, targets.finishStyle(style)]));
}

/** Returns whether it is a whole document, with or without `<html>`, and not a fragment. */
function isWhole({ parts, elements }: HtmlDocument): boolean {
  return parts.some((part) =>
    part.kind === "doctype" ||
    (part.kind === "tag" && ["html", "head", "body"].includes(part.tag.name))
  ) || elements.some(({ name, tag, parent }) =>
    name === "title" && tag !== undefined && parent?.name === "head"
  );
}

/** It is an element of the page, and not of a `<template>`. */
function isRead({ tag, isHidden }: StyleText, { elements }: HtmlDocument): boolean {
  return isHidden || elements.some((element) => element.tag?.begin === tag.begin);
}

/** Browsers read no other kind. */
function isCss({ tag }: StyleText): boolean {
  const type = tag.attributes.find(({ name }) => name === "type")?.value.trim().toLowerCase();
  return type === undefined || type === "" || type === "text/css";
}

function styleSource(
  style: StyleText,
  { assembly, text, scopes }: HtmlDocument,
  replaced: readonly Replacement[],
): StyleSource {
  const { begin, end, tag, isHidden } = style;
  const tags = assembly.within(begin, end).filter(({ isTag }) => isTag);
  let css = text.slice(begin, end);
  // Between rules, a Liquid tag counts as nothing.
  for (const one of tags) {
    const blank = " ".repeat(one.end - one.begin);
    css = css.slice(0, one.begin - begin) + blank + css.slice(one.end - begin);
  }
  return {
    css,
    isForScreens: isForScreens(tag),
    isHidden,
    replaced,
    scopeAt: (place) => scopes.at(begin + place),
    insert: isHidden
      ? undefined
      : (place, added) => assembly.insert(begin + place, added, "before"),
  };
}
