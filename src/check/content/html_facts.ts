import { cssUrls } from "../../compose/html/css/css_urls.ts";
import { srcsetUrls } from "../../compose/html/targets/srcset.ts";
import { parseHtml } from "../../compose/html/parse_html.ts";

/** What an HTML part holds that mail programs treat in their own way. */
export interface HtmlFacts {
  readonly images: readonly Image[];
  readonly links: readonly Link[];
  /** Names of elements that mail programs take out: `script`, `iframe`... */
  readonly removed: readonly string[];
}

export interface Image {
  readonly source: string;
  /** undefined: there is no such attribute; "" says that the image is for decoration. */
  readonly alt: string | undefined;
}

export interface Link {
  readonly target: string;
  /** What is shown of it, the alternative texts of images included. */
  readonly text: string;
}

/** Elements that every mail program takes out, or shows nothing of. */
const REMOVED = new Set(["script", "iframe", "object", "embed", "applet", "frame", "frameset"]);
/** Not run but read: Gmail's markup for its Promotions tab and the like. */
const DATA = "application/ld+json";

/** Reads images, links and what will be taken out, as a browser would parse it. */
export function htmlFacts(html: string): HtmlFacts {
  const images: Image[] = [];
  const links: Link[] = [];
  const removed = new Set<string>();
  let isStyle = false;
  let css = "";
  let open: { target: string; text: string } | undefined;
  const close = () => {
    if (open !== undefined) links.push({ ...open, text: open.text.trim() });
    open = undefined;
  };
  parseHtml(html, {
    onopentag(name, attributes) {
      if (REMOVED.has(name) && attributes["type"] !== DATA) removed.add(name);
      if (name === "style") isStyle = true;
      if (name === "img") {
        images.push({ source: attributes["src"] ?? "", alt: attributes["alt"] });
        if (open !== undefined) open.text += attributes["alt"] ?? " ";
      }
      for (const source of otherImages(name, attributes)) images.push({ source, alt: "" });
      if (name === "a" || name === "area") {
        close();
        // An anchor without href is a place to link to.
        if (attributes["href"] !== undefined) {
          open = { target: attributes["href"].trim(), text: attributes["alt"] ?? "" };
        }
        if (name === "area") close();
      }
    },
    ontext(text) {
      if (isStyle) css += text;
      if (open !== undefined) open.text += text;
    },
    onclosetag(name) {
      if (name === "a") close();
      if (name !== "style") return;
      for (const source of imagesOf(css)) images.push({ source, alt: "" });
      [isStyle, css] = [false, ""];
    },
  });
  close();
  return { images, links, removed: [...removed] };
}

/** Images that an element shows by other attributes than an `<img>`'s `src`. They have no text of their own. */
function otherImages(name: string, attributes: Readonly<Record<string, string>>): string[] {
  const { srcset = "", background, poster, style = "", src, type = "" } = attributes;
  const isButton = name === "input" && type.trim().toLowerCase() === "image";
  return [
    ...srcsetUrls(srcset).map(({ begin, end }) => srcset.slice(begin, end)),
    ...[background, name === "video" ? poster : undefined, isButton ? src : undefined]
      .filter((source) => source !== undefined),
    ...imagesOf(style),
  ];
}

function imagesOf(css: string): string[] {
  return cssUrls(css).filter(({ kind, text }) => kind === "image" && !text.startsWith("#"))
    .map(({ text }) => text);
}
