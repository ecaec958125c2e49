/** An attribute of a start tag, as written. */
export interface Attribute {
  readonly name: string;
  /** Without quotes, entities as they are; undefined where there is no "=". */
  readonly value: string | undefined;
}

/** A start tag of an HTML text. */
export interface StartTag {
  /** In lower case. */
  readonly name: string;
  readonly attributes: readonly Attribute[];
  /** As it stands in the text. */
  readonly text: string;
}

const START_TAG = /<([a-z][^\s\/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const ATTRIBUTE = /([^\s"'<>\/=]+)(?:(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+))?/g;

/**
 * Replaces start tags of an HTML text, and leaves every other character as its author wrote it.
 *
 * What stands in a comment is read, too: there are mail programs that show it (`<!--[if mso]>`).
 *
 * @param replace The tag's new text; undefined leaves it.
 */
export function replaceTags(html: string, replace: (tag: StartTag) => string | undefined): string {
  return html.replace(START_TAG, (text, name: string, rest: string) => {
    const attributes = Array.from(rest.matchAll(ATTRIBUTE), ([, name, , value]) => ({
      name: name!,
      value: value?.replace(/^(["'])([^]*)\1$/, "$2"),
    }));
    return replace({ name: name.toLowerCase(), attributes, text }) ?? text;
  });
}

/**
 * Replaces values of attributes within a start tag; a value that had no quotes gets them.
 *
 * @param replace The new value; undefined leaves the attribute as it is.
 */
export function replaceValues(
  tag: StartTag,
  replace: (attribute: Attribute & { readonly value: string }) => string | undefined,
): string {
  return tag.text.replace(
    /^<[^\s\/>]+|[^]+/g,
    (part, at) =>
      at === 0
        ? part
        : part.replace(ATTRIBUTE, (text: string, name: string, equals?: string, value?: string) => {
          if (equals === undefined || value === undefined) return text;
          const quote = /^["']/.exec(value)?.[0];
          const inner = quote === undefined ? value : value.slice(1, -1);
          const replaced = replace({ name, value: inner });
          if (replaced === undefined) return text;
          return `${name}${equals}${quote ?? '"'}${replaced}${quote ?? '"'}`;
        }),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** An attribute's value without the entities that a Markdown reader or an author writes in a path. */
export function unescapeHtml(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi,
    (entity, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[name] ?? entity;
      const code = decimal === undefined ? parseInt(hex, 16) : Number(decimal);
      return code <= 0x10FFFF ? String.fromCodePoint(code) : entity;
    },
  );
}
