import { cssUrls } from "./css/css_urls.ts";
import { parseHtml } from "./parse_html.ts";
import { srcsetUrls } from "./targets/srcset.ts";

/** The links of an HTML text and the resources that a browser would load for it, each in text order. */
export interface HtmlReferences {
  readonly links: readonly Link[];
  readonly resources: readonly Resource[];
}

export interface Link {
  readonly target: string;
  /** The text shown for it, on one line, including the alternative texts of images. */
  readonly text: string;
}

export type Resource = Image | { readonly kind: "other"; readonly source: string };

export interface Image {
  readonly kind: "image";
  readonly source: string;
  /** undefined: there is no such attribute; "": the image is decoration. */
  readonly alt: string | undefined;
}

type Attributes = Readonly<Record<string, string>>;

/**
 * Reads links and resources as a browser would parse them.
 *
 * @param onElement Called for each element as well.
 */
export function readReferences(
  html: string,
  onElement: (name: string, attributes: Attributes) => void = () => {},
): HtmlReferences {
  const links = new LinkReader();
  const resources: Resource[] = [];
  let css: string | undefined;
  parseHtml(html, {
    onopentag(name, attributes) {
      onElement(name, attributes);
      links.open(name, attributes);
      resources.push(...resourcesOf(name, attributes));
      if (name === "style") css = "";
    },
    ontext(text) {
      if (css !== undefined) css += text;
      links.text(text);
    },
    onclosetag(name) {
      links.close(name);
      if (name !== "style" || css === undefined) return;
      resources.push(...cssResources(css));
      css = undefined;
    },
  });
  return { links: links.end(), resources };
}

/** Collects links with the text between their tags. */
class LinkReader {
  readonly #links: Link[] = [];
  #current: { readonly target: string; text: string } | undefined;

  open(name: string, { href, alt }: Attributes): void {
    if (isLink(name)) {
      this.end();
      // An anchor without href is a place to link to.
      if (href !== undefined) this.#current = { target: href.trim(), text: "" };
    }
    if (name === "img" || alt !== undefined) this.text(alt ?? " ");
  }

  text(text: string): void {
    if (this.#current !== undefined) this.#current.text += text;
  }

  close(name: string): void {
    if (isLink(name)) this.end();
  }

  /** Returns all links; one that is still open ends here. */
  end(): readonly Link[] {
    if (this.#current !== undefined) {
      const { target, text } = this.#current;
      this.#links.push({ target, text: text.replace(/\s+/g, " ").trim() });
    }
    this.#current = undefined;
    return this.#links;
  }
}

function isLink(name: string): boolean {
  return name === "a" || name === "area";
}

/** Yields what a browser loads for the attributes of an element. Only an `<img>` has an alternative text. */
function* resourcesOf(name: string, attributes: Attributes): Generator<Resource> {
  const { src, alt, srcset = "", background, poster, style = "", href, type = "" } = attributes;
  const isButton = name === "input" && type.trim().toLowerCase() === "image";
  if (name === "img") yield { kind: "image", source: src ?? "", alt };
  else if (src !== undefined) yield isButton ? decoration(src) : { kind: "other", source: src };
  for (const { begin, end } of srcsetUrls(srcset)) yield decoration(srcset.slice(begin, end));
  if (background !== undefined) yield decoration(background);
  if (name === "video" && poster !== undefined) yield decoration(poster);
  yield* cssResources(style);
  if (name === "link" && href !== undefined) yield { kind: "other", source: href };
}

function* cssResources(css: string): Generator<Resource> {
  for (const { kind, text } of cssUrls(css)) {
    // A fragment is in the document itself.
    if (text.startsWith("#")) continue;
    yield kind === "image" ? decoration(text) : { kind: "other", source: text };
  }
}

function decoration(source: string): Image {
  return { kind: "image", source, alt: "" };
}
