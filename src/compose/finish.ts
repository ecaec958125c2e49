import { InputError } from "../report/input_error.ts";
import { type Folder, NOT_SENT } from "./folder.ts";
import { replaceTags, replaceValues, type StartTag, unescapeHtml } from "./html_tags.ts";
import type { InlineImages } from "./inline_images.ts";
import { StyleInliner, stylesOf } from "./inline_styles.ts";
import { Protected } from "./protect.ts";
import { guardTarget, isTarget } from "./target_guard.ts";
import { placeIn, type Source } from "./template.ts";

/** Liquid's name for the text that mail programs show beside the subject. */
export const PREHEADER = "__preheader";
/**
 * Hidden in every way that some mail program needs; followed by characters without width, so that the programs do not show
 * the body's first words after it; on a line of their own, which is the same in every mail.
 */
const HIDDEN_TEXT = `<div class="preheader" style="display:none;max-height:0;overflow:hidden;` +
  `mso-hide:all">{{ ${PREHEADER} | raw }}\n${"&#847;&zwnj;&nbsp;".repeat(30)}</div>`;

const BODY = /<body\b(?:[^>"']|"[^"]*"|'[^']*')*>/i;
/** A scheme, a host, a part of this page, or nothing. */
const NOT_A_FILE = /^(?:[a-z][a-z0-9+.-]*:|\/\/|#|$)/i;

/** HTML as its author wrote it, and where: for Markdown, `written` is what the HTML was made from. */
export interface WrittenHtml {
  readonly html: string;
  readonly written: Source;
}

/**
 * What becomes of the HTML of a template and of the files it includes before it is compiled, once a campaign: styles
 * inlined, images made parts of the mail, values kept from becoming links that run something, the preheader put in.
 */
export class HtmlFinisher {
  readonly #folder: Folder;
  readonly #images: InlineImages;
  readonly #hasPreheader: boolean;
  #hasBody = true;
  #inliner: StyleInliner | undefined;
  /** Styles of all files, where there are several. */
  #shared = "";

  constructor(folder: Folder, images: InlineImages, hasPreheader: boolean) {
    this.#folder = folder;
    this.#images = images;
    this.#hasPreheader = hasPreheader;
  }

  /** Gets ready for these files, which is to know their styles. @throws {InputError} for a style sheet that is not there. */
  async prepare(files: readonly WrittenHtml[]): Promise<void> {
    this.#hasBody = files.some(({ html }) => BODY.test(html));
    const styles = files.map((file) => stylesOf(this.#withStyleSheets(file)));
    if (styles.every((css) => css === "")) return;
    this.#inliner = await StyleInliner.load();
    this.#shared = files.length > 1 ? styles.join("\n") : "";
  }

  /** @throws {InputError} for an image or style sheet that is not there. */
  finish(file: WrittenHtml): string {
    const html = this.#withStyleSheets(file);
    const taken = new Protected({ ...file.written, text: html });
    const styled = this.#inliner?.inline(taken.text, taken.words, this.#shared) ?? taken.text;
    const linked = replaceTags(
      styled,
      (tag) =>
        replaceValues(tag, ({ name, value }) => {
          const attribute = name.replace(taken.words, "").toLowerCase();
          // A value without quotes gets them, so that what Liquid puts there stays within it.
          if (!isTarget(attribute)) {
            return value.search(taken.words) < 0 ? undefined : value;
          }
          const target = tag.name === "img" && attribute === "src"
            ? this.#imageUrl(value, taken, file.written)
            : value;
          return guardTarget(target, taken) ?? refuseOpenTags(value, taken, file.written);
        }),
    );
    return taken.restore(this.#hasPreheader ? this.#withPreheader(linked) : linked);
  }

  #imageUrl(value: string, taken: Protected, written: Source): string {
    const source = unescapeHtml(value).trim();
    const liquid = source.search(taken.words);
    if (/^file:/i.test(source)) {
      const rule = "An image is a file of the template's folder or an http(s) URL";
      throw faultAt([source], written, `${rule}: found '${source}'`);
    }
    if (liquid === 0 || NOT_A_FILE.test(source)) return value;
    if (liquid > 0) {
      const shown = taken.restore(source);
      throw faultAt(
        [shown],
        written,
        `An image's file cannot depend on the row: found '${shown}'`,
        "Put the images on a web server, with the variable in their URL",
      );
    }
    const asWritten = this.#images.place(source);
    if ("url" in asWritten) return asWritten.url;
    // Markdown writes a path as part of a URL.
    const path = decoded(source);
    const placed = this.#images.place(path);
    if ("url" in placed) return placed.url;
    throw faultAt([source, path], written, placed.fault);
  }

  #withPreheader(html: string): string {
    const before = this.#hasBody ? BODY : /<\/head\s*>|<html\b[^>]*>(?![^]*<\/head)/i;
    return html.replace(before, (tag) => `${tag}\n${HIDDEN_TEXT}`);
  }

  /** `<link rel="stylesheet">` with a file of the template's folder as `<style>`. */
  #withStyleSheets({ html, written }: WrittenHtml): string {
    if (!/<link\b/i.test(html)) return html;
    return replaceTags(html, (tag) => {
      const href = attributeOf(tag, "href");
      if (tag.name !== "link" || attributeOf(tag, "rel")?.toLowerCase() !== "stylesheet") return;
      if (href === undefined || NOT_A_FILE.test(href) || href.includes("{{")) return;
      const found = this.#folder.openToSend(href, "template");
      if (typeof found === "string") {
        throw faultAt([href], written, `Style sheet ${NOT_SENT[found]}: '${href}'`);
      }
      using file = found;
      return `<style>\n${new TextDecoder().decode(file.read())}\n</style>`;
    });
  }
}

function attributeOf(tag: StartTag, name: string): string | undefined {
  return tag.attributes.find((attribute) => attribute.name.toLowerCase() === name)?.value;
}

function refuseOpenTags(value: string, taken: Protected, written: Source): never {
  const shown = taken.restore(value);
  throw faultAt(
    [shown],
    written,
    `A tag begins or ends outside the target it decides about: found '${shown}'`,
    "Put all of {% if %} to {% endif %} within the quotes of the attribute, or around the attribute",
  );
}

/** A path without percent encoding. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** An error at the first of `texts` that the author's file holds. */
function faultAt(
  texts: readonly string[],
  written: Source,
  message: string,
  hint?: string,
): InputError {
  const at = texts.map((text) => written.text.indexOf(text)).find((index) => index >= 0) ?? 0;
  const before = written.text.slice(0, at).split("\n");
  return new InputError(message, {
    place: placeIn(written, before.length, before.at(-1)!.length + 1),
    ...(hint === undefined ? {} : { hint }),
  });
}
