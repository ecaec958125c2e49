import type juice from "juice";
import { replaceTags, type StartTag } from "./html_tags.ts";
import { freeWord } from "./protect.ts";

/** Attributes that juice writes: the style itself, and what some mail programs read in its place. */
const WRITTEN = ["style", "width", "height", "align", "valign", "bgcolor", "background"];
const STYLE = /<style\b[^>]*>([^]*?)<\/style\s*>/gi;

/** Styles of an HTML text put into the `style` attributes of its elements, for mail programs that read nothing else. */
export class StyleInliner {
  readonly #juice: typeof juice;

  /** Takes a while to load, and so is loaded where there are styles only. */
  static async load(): Promise<StyleInliner> {
    // This entry has no way to fetch anything.
    return new StyleInliner((await import("juice/client")).default);
  }

  private constructor(inline: typeof juice) {
    this.#juice = inline;
  }

  /**
   * @param html Its Liquid taken out (see `Protected`), so that `words` finds what stands for it.
   * @param others Styles that stand elsewhere and count here too.
   *
   * Rules that are in attributes now leave `<style>`, and media queries and the like stay; but all stay where a rule may be
   * meant for what stands elsewhere, or for an element whose class, id or attributes are known only when a mail is made.
   */
  inline(html: string, words: RegExp, others: string): string {
    const staysWhole = others !== "" || isOpen(html, words);
    const marker = `data-${freeWord(html)}`;
    let count = 0;
    const marked = replaceTags(
      html,
      ({ text }) => text.replace(/^<[^\s\/>]+/, `$& ${marker}="${count++}"`),
    );
    const juiced = this.#juice(withEmbedded(marked, words), {
      extraCss: others,
      insertPreservedExtraCss: false,
      removeStyleTags: !staysWhole,
    });
    const styled = new Map<string, StartTag>();
    replaceTags(juiced, (tag) => {
      const number = valueOf(tag, marker);
      if (number !== undefined) styled.set(number, tag);
      return undefined;
    });
    // Juice writes the whole text anew, and mends what Liquid leaves open: only what it has found out is taken over.
    const withStyles = replaceTags(marked, (tag) => {
      const after = styled.get(valueOf(tag, marker) ?? "");
      return after === undefined ? undefined : withAttributes(tag, after, words);
    });
    const left = staysWhole ? withStyles : withLeftStyles(withStyles, juiced, marker);
    return left.replaceAll(new RegExp(` ${marker}="\\d+"`, "g"), "");
  }
}

/** The CSS in the `<style>` elements of an HTML text, but for that which depends on the recipient. */
export function stylesOf(html: string): string {
  return Array.from(html.matchAll(STYLE), ([, css]) => css!)
    .filter((css) => !/\{\{|\{%/.test(css)).join("\n");
}

/** Liquid decides about what rules find elements by. */
function isOpen(html: string, words: RegExp): boolean {
  let found = false;
  replaceTags(html, ({ attributes }) => {
    found ||= attributes.some(({ name, value = "" }) =>
      name.search(words) >= 0 || (/^(?:class|id)$/i.test(name) && value.search(words) >= 0)
    );
    return undefined;
  });
  return found;
}

/** Styles that hold Liquid are kept out of it: their rules are known only when a mail is made. */
function withEmbedded(html: string, words: RegExp): string {
  return html.replace(
    STYLE,
    (style, css: string) =>
      css.search(words) < 0 ? style : style.replace(/^<style/i, "$& data-embed"),
  );
}

function valueOf(tag: StartTag, name: string): string | undefined {
  return tag.attributes.find((attribute) => attribute.name.toLowerCase() === name)?.value;
}

/** `tag` with the attributes of `after` that juice may have written. */
function withAttributes(tag: StartTag, after: StartTag, words: RegExp): string {
  let text = tag.text;
  for (const name of WRITTEN) {
    const [before, value] = [valueOf(tag, name), valueOf(after, name)];
    if (value === undefined || value === before) continue;
    // Liquid in a style stays in its order, or the style stays as it was.
    if (String((before ?? "").match(words)) !== String(value.match(words))) continue;
    const attribute = ` ${name}="${value}"`;
    text = before === undefined
      ? text.replace(/^<[^\s\/>]+/, (start) => start + attribute)
      : text.replace(
        new RegExp(`\\s${name}\\s*=\\s*(?:"[^"]*"|'[^']*'|[^\\s"'>]+)`, "i"),
        () => attribute,
      );
  }
  return text;
}

/** Each `<style>` as juice has left it, or gone. */
function withLeftStyles(html: string, juiced: string, marker: string): string {
  const numbered = new RegExp(`^<style\\b[^>]*? ${marker}="(\\d+)"`, "i");
  const numberOf = (style: string): string | undefined => numbered.exec(style)?.[1];
  const left = new Map(
    Array.from(juiced.matchAll(STYLE), ([style, css]) => [numberOf(style), css]),
  );
  return html.replace(STYLE, (style, css: string) => {
    const number = numberOf(style);
    if (number === undefined) return style;
    const rest = left.get(number);
    return rest === undefined ? "" : style.replace(css, () => rest);
  });
}
