/**
 * What precedes the mail in its frame: the inherited policy again, for itself. Further policies in meta elements, such as the
 * mail's, can only make it stricter.
 */
const HEAD = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" ` +
  `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">` +
  `<meta http-equiv="x-dns-prefetch-control" content="off">`;

/** Elements that load or frame something, or say where relative links lead. Mail programs remove them as well. */
const REMOVED_TAGS =
  /<(?:base|link|iframe|frame|frameset|object|embed|portal|fencedframe)(?=[\s\/>])/gi;

/** Start tags of links, except those that are clearly only anchors. */
const LINK = /<(a|area)(?=[\s\/>])(?! (?:name|id)="[\w.-]*">)/gi;

/**
 * A mail's HTML as a document for a frame that allows nothing (`sandbox=""`).
 *
 * Sandbox and policy stop scripts, forms and everything that is loaded. They do not stop Chromium from connecting early: for
 * `<link rel=preconnect>`, for a frame, or to the target of a link under the pointer. So such elements are replaced by meaningless
 * ones, and links lead to "#" in a window that the sandbox does not open: of two attributes with one name, the first counts (WHATWG
 * HTML, 13.2.5.33), and they still look like links.
 */
export function frameDocument(html: string): string {
  const doctype = /^\s*<!doctype[^>]*>/i.exec(html)?.[0] ?? "";
  const rest = html.slice(doctype.length)
    .replace(REMOVED_TAGS, '<meta http-equiv="none"')
    .replace(LINK, '<$1 href="#" target="_blank" ping=""');
  return doctype + HEAD + rest;
}
