import { Marked, type Token, type TokenizerObject } from "marked";

/** Words in a Markdown text that replace values. */
export interface ValueWords {
  /** The pattern of such a word; its only group is the number. */
  readonly pattern: string;
  /** The word for the same value in angle brackets: `<{{ Email }}>`. */
  autolink(number: number): string;
}

/**
 * Markdown (CommonMark with GitHub's tables and links) as HTML. Words stay unchanged wherever they are: none begins a tag.
 *
 * @param inline The text is part of a line, and makes no paragraph.
 */
export type Converter = (markdown: string, inline?: boolean) => string;

/** A converter of texts with these words. */
export function converterWith(words: ValueWords): Converter {
  const marked = new Marked({
    gfm: true,
    async: false,
    tokenizer: tokenizerWith(words),
    renderer: {
      image({ tokens }) {
        // An image's description goes into an attribute, which cannot contain a link.
        for (const token of tokens ?? []) withoutAutolinks(token);
        return false;
      },
    },
  });
  return (markdown, inline = false) =>
    inline
      ? marked.parseInline(markdown, { async: false })
      : marked.parse(markdown, { async: false });
}

/** Keeps `<` before a word from beginning a tag; a word alone in angle brackets is shown, as an address there is. */
function tokenizerWith({ pattern, autolink }: ValueWords): TokenizerObject {
  const tagOfWord = new RegExp(`^ {0,3}</?${pattern}`);
  const wordAlone = new RegExp(`^<${pattern}>`);
  return {
    html(text) {
      return tagOfWord.test(text) ? undefined : false;
    },
    tag(text) {
      if (!tagOfWord.test(text)) return false;
      const { inLink, inRawBlock } = this.lexer.state;
      const [raw, number] = wordAlone.exec(text) ?? [];
      const shown = raw === undefined || inLink
        ? { raw: "<", text: "&lt;" }
        : { raw, text: autolink(Number(number)) };
      return { type: "html", inLink, inRawBlock, block: false, ...shown };
    },
  };
}

function withoutAutolinks(token: Token): void {
  if (token.type === "html") token.text = token.raw;
  if ("tokens" in token) token.tokens?.forEach(withoutAutolinks);
}
