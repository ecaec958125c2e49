import { InputError } from "../../../model/input_error.ts";
import { type Folder, NOT_SENT } from "../../files/folder.ts";
import { Edits } from "../document/edits.ts";
import { cssUrls } from "../css/css_urls.ts";
import type { FoundTag, HtmlDocument } from "../document/document.ts";
import { htmlError } from "../document/html_error.ts";
import { type ImageSources, isFileName } from "./image_sources.ts";
import type { StartTag } from "../document/start_tag.ts";
import type { StyleSource } from "../css/style_sheet.ts";
import { CSS_FILES, type Replacement } from "./targets.ts";

/** A `<link rel="stylesheet">` with a file of the template's folder. */
export interface LinkedSheet {
  readonly tag: FoundTag;
  readonly css: string;
  readonly edits: Edits;
  readonly replaced: readonly Replacement[];
}

/** The sheets of the template's folder that a document links. @throws {InputError} for one that does not exist. */
export function linkedSheets(
  document: HtmlDocument,
  folder: Folder,
  sources: ImageSources,
): LinkedSheet[] {
  return document.tags.flatMap((tag) => {
    const href = hrefOf(tag);
    if (href === undefined) return [];
    const found = folder.openToSend(href, "template");
    if (typeof found === "string") {
      const at = tag.attributes.find(({ name }) => name === "href")!.valueRange!.begin;
      throw htmlError(document.assembly, at, `Style sheet ${NOT_SENT[found]}: '${href}'`);
    }
    using file = found;
    // A browser would take it for the end of the element, or of a comment around it.
    const ended = sheetText(file.read(), href).replaceAll("</", "<\\/");
    const css = tag.isHidden ? ended.replaceAll("-->", "   ") : ended;
    if (/\{[{%]/.test(css)) throw liquidIn(href);
    const replaced = replacementsIn(css, href, tag, document, sources);
    const edits = new Edits();
    for (const { begin, end, text } of replaced) edits.replace(begin, end, text);
    return [{ tag, css, edits, replaced }];
  });
}

function liquidIn(href: string): InputError {
  return new InputError(
    "Liquid is not supported in a style sheet file: found '{{' or '{%'",
    {
      place: { file: href },
      hint: "Put the rules with variables into a <style> of the template.",
    },
  );
}

/** The images of a sheet; their paths are relative to it. */
function replacementsIn(
  css: string,
  href: string,
  tag: FoundTag,
  { assembly }: HtmlDocument,
  sources: ImageSources,
): Replacement[] {
  const folder = href.slice(0, href.lastIndexOf("/") + 1);
  return cssUrls(css).flatMap(({ begin, end, text: name, kind }) => {
    const url = sources.urlOf({ name, range: tag, folder, isForeign: CSS_FILES[kind] }, assembly);
    return url === undefined ? [] : [{ begin, end, text: url }];
  });
}

function sheetText(bytes: Uint8Array, href: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch (cause) {
    throw new InputError("The style sheet is not UTF-8", {
      place: { file: href },
      hint: "Save it as UTF-8.",
      cause,
    });
  }
}

/** The file that a tag links as a style sheet. */
function hrefOf({ name, attributes }: FoundTag): string | undefined {
  if (name !== "link") return undefined;
  const valueOf = (wanted: string) => attributes.find((one) => one.name === wanted)?.value.trim();
  const kinds = valueOf("rel")?.toLowerCase().split(/\s+/) ?? [];
  const isSheet = kinds.includes("stylesheet") && !kinds.includes("alternate");
  const href = valueOf("href");
  return isSheet && href !== undefined && isFileName(href) ? href : undefined;
}

/** A sheet as the inliner reads it. */
export function linkedSource(
  { tag, css, edits, replaced }: LinkedSheet,
  document: HtmlDocument,
): StyleSource {
  const scope = document.scopes.at(tag.begin);
  return {
    css,
    isForScreens: isForScreens(tag),
    isHidden: tag.isHidden,
    scopeAt: () => scope,
    replaced,
    insert: tag.isHidden ? undefined : (place, text) => edits.insert(place, text),
  };
}

/** Replaces each link with its sheet, images embedded: a mail has no folder to read it from. */
export function writeLinkedSheets(
  sheets: readonly LinkedSheet[],
  { assembly }: HtmlDocument,
): void {
  for (const { tag, css, edits } of sheets) {
    const kept = tag.attributes.filter(({ name }) =>
      !["rel", "href", "type", "charset"].includes(name)
    )
      .map(({ begin, end }) => ` ${assembly.text.slice(begin, end)}`);
    assembly.replace(tag.begin, tag.end, `<style${kept.join("")}>\n${edits.apply(css)}\n</style>`);
  }
}

/** Returns whether the sheet is for screens, by its tag's `media` (Media Queries 4, 2.3). */
export function isForScreens({ attributes }: StartTag): boolean {
  const media = attributes.find(({ name }) => name === "media");
  if (media === undefined) return true;
  if (media.isConditional) return false;
  const queries = media.value.toLowerCase().split(",").map((query) => query.trim());
  // `only` hides the sheet from programs that do not support media queries.
  return queries.some((query) => ["", "all", "screen"].includes(query));
}
