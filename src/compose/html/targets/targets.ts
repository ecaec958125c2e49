import { decodeHTMLAttribute } from "entities/decode";
import type { Assembly } from "../document/assembly.ts";
import { MASK } from "../document/constructs.ts";
import { cssUrls } from "../css/css_urls.ts";
import type { FoundTag, HtmlDocument, StyleText } from "../document/document.ts";
import type { ImageSources } from "./image_sources.ts";
import { srcsetUrls } from "./srcset.ts";
import type { Attribute, Range } from "../document/start_tag.ts";
import { guardAll, guardTarget, guardUrl } from "./target_guard.ts";

/** Attributes whose value is a URL. */
const TARGETS = new Set([
  ...["href", "src", "action", "formaction", "background", "poster", "data", "cite", "longdesc"],
  ...["lowsrc", "dynsrc", "ping", "codebase", "classid", "manifest", "profile", "usemap"],
]);
/** What an animation of SVG sets may be a target. */
const ANIMATED = ["to", "from", "by", "values"];
const ANIMATIONS = ["set", "animate", "animatetransform", "animatemotion"];

/** Elements whose source is an image; `undefined` means any. */
const IMAGES: Readonly<Record<string, readonly string[] | undefined>> = {
  src: ["img", "v:fill", "v:image", "v:imagedata", "image"],
  background: undefined,
  poster: ["video"],
  lowsrc: ["img"],
  dynsrc: ["img"],
  href: ["image", "feimage"],
};
/** Elements that show another kind of file. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  src: ["video", "audio", "source", "track", "embed", "iframe", "frame", "bgsound", "script"],
  data: ["object"],
};

/** A range of CSS, and the URL of an embedded file that replaces it. */
export interface Replacement extends Range {
  readonly text: string;
}

/**
 * Finishes each link and image of a document: files of the template's folder become parts of the mail, and values cannot become
 * links that run something. Unquoted values get quotes.
 */
export class Targets {
  readonly #document: HtmlDocument;
  readonly #sources: ImageSources;

  constructor(document: HtmlDocument, sources: ImageSources) {
    this.#document = document;
    this.#sources = sources;
  }

  /** In attributes. @throws {InputError} for a file that cannot be shown. */
  finishAttributes(): void {
    const { assembly, text, tags } = this.#document;
    for (const tag of tags) {
      for (const attribute of tag.attributes) {
        const { valueRange: range, quote } = attribute;
        if (range === undefined) continue;
        const isShown = this.#finishValue(tag, attribute, range);
        if (quote !== "" || !(isShown || text.slice(range.begin, range.end).includes(MASK))) {
          continue;
        }
        assembly.insert(range.begin, '"', "before");
        assembly.insert(range.end, '"', "after");
      }
    }
  }

  /**
   * In a `<style>`.
   *
   * @returns what was replaced, as ranges of its content
   * @throws {InputError} for a file that cannot be shown.
   */
  finishStyle({ begin, end }: StyleText): readonly Replacement[] {
    return cssUrls(this.#document.text.slice(begin, end)).flatMap((url) => {
      const place = { ...url, begin: begin + url.begin, end: begin + url.end };
      const shown = this.#finishCssUrl(place, url.text);
      return shown === undefined ? [] : [{ begin: url.begin, end: url.end, text: shown }];
    });
  }

  /** @returns whether it now shows a file. */
  #finishValue(tag: FoundTag, attribute: Attribute, range: Range): boolean {
    const { assembly, text } = this.#document;
    const name = localName(attribute.name);
    if (name === "style") return this.#finishStyleAttribute(range);
    if (name === "srcset" || name === "imagesrcset") return this.#finishSrcset(range);
    if (isRefresh(tag, name)) {
      const at = attribute.value.toLowerCase().indexOf("url=");
      const begin = range.begin + (at < 0 ? 0 : at + "url=".length);
      guardTarget(assembly, text, { begin, end: range.end });
    }
    if (ANIMATED.includes(name) && ANIMATIONS.includes(tag.name)) guardAll(assembly, range);
    if (!TARGETS.has(name)) return false;
    const kind = kindOf(tag, name);
    const isForeign = kind === "image" ? undefined : kind;
    const shown = kind === undefined
      ? []
      : runsOf(assembly, range).map((run) =>
        this.#show(run, this.#withoutEntities(run), isForeign)
      );
    guardTarget(assembly, text, range);
    return shown.some((url) => url !== undefined);
  }

  #finishStyleAttribute(range: Range): boolean {
    const urls = cssUrls(this.#document.text.slice(range.begin, range.end)).map((url) => {
      const inner = withoutEntityQuotes(url.text);
      const begin = range.begin + url.begin + inner.skipped;
      const place = { begin, end: begin + inner.text.length, kind: url.kind };
      return this.#finishCssUrl(place, decodeHTMLAttribute(inner.text));
    });
    return urls.some((url) => url !== undefined);
  }

  #finishSrcset(range: Range): boolean {
    const { assembly, text } = this.#document;
    const urls = srcsetUrls(text.slice(range.begin, range.end)).map((url) => {
      const place = { begin: range.begin + url.begin, end: range.begin + url.end };
      guardUrl(assembly, text, place);
      return this.#show(place, this.#withoutEntities(place), undefined);
    });
    return urls.some((url) => url !== undefined);
  }

  #finishCssUrl(
    { kind, ...range }: Range & { readonly kind: keyof typeof CSS_FILES },
    name: string,
  ): string | undefined {
    guardUrl(this.#document.assembly, this.#document.text, range);
    return this.#show(range, name, CSS_FILES[kind]);
  }

  /** The URL that replaces a file name. */
  #show(range: Range, name: string, isForeign: string | undefined): string | undefined {
    const { assembly } = this.#document;
    const url = this.#sources.urlOf({ name, range, isForeign }, assembly);
    if (url !== undefined) assembly.replace(range.begin, range.end, url);
    return url;
  }

  #withoutEntities({ begin, end }: Range): string {
    return decodeHTMLAttribute(this.#document.text.slice(begin, end));
  }
}

/** The parts of a value between Liquid tags: what one branch contains. */
function runsOf(assembly: Assembly, { begin, end }: Range): Range[] {
  const runs: Range[] = [];
  let at = begin;
  for (const construct of assembly.within(begin, end)) {
    if (!construct.isTag) continue;
    runs.push({ begin: at, end: construct.begin });
    at = construct.end;
  }
  runs.push({ begin: at, end });
  return runs.filter((run) => run.begin < run.end);
}

/** What the CSS of a template refers to besides images. */
export const CSS_FILES = {
  image: undefined,
  import: "An imported style sheet",
  font: "A font",
} as const;

/** What a tag shows through an attribute: an image, something else, or nothing (for a link). */
function kindOf(
  tag: FoundTag,
  name: string,
): "image" | "A video, sound, page or script" | undefined {
  if (name in IMAGES) {
    const tags = IMAGES[name];
    if (tags === undefined || tags.includes(tag.name)) return "image";
    const type = tag.attributes.find((attribute) => attribute.name === "type")?.value;
    if (name === "src" && tag.name === "input" && type?.trim().toLowerCase() === "image") {
      return "image";
    }
  }
  return FOREIGN[name]?.includes(tag.name) ? "A video, sound, page or script" : undefined;
}

function isRefresh({ name: tag, attributes }: FoundTag, name: string): boolean {
  return tag === "meta" && name === "content" &&
    attributes.some((other) =>
      other.name === "http-equiv" && other.value.trim().toLowerCase() === "refresh"
    );
}

/** The name without a prefix such as `xlink:`. */
function localName(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

/** In an attribute, `&quot;a.png&quot;` is a string. */
function withoutEntityQuotes(text: string): { readonly text: string; readonly skipped: number } {
  const start = /^(?:&(?:quot|apos|#0*3[49]|#x0*2[27]);)?/i.exec(text)![0].length;
  const end = /(?:&(?:quot|apos|#0*3[49]|#x0*2[27]);)?$/i.exec(text)![0].length;
  return { text: text.slice(start, Math.max(start, text.length - end)), skipped: start };
}
