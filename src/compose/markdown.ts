import { Marked } from "marked";
import { Protected } from "./protect.ts";
import type { Source } from "./template.ts";

const marked = new Marked({ gfm: true, async: false });

/** Markdown (CommonMark with GitHub's tables and links) as HTML; its Liquid stays as it is, and so must be escaped later. */
export function markdownToHtml(source: Source): string {
  const markdown = new Protected(source);
  const html = marked.parse(markdown.withTagLinesAsComments(), { async: false });
  return markdown.restore(html);
}
