/**
 * What a frame gets before the mail: the policy that it inherits once more, for itself. A meta element with a policy can only make
 * it stricter, whatever the mail says in others.
 */
const HEAD = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" ` +
  `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">` +
  `<meta http-equiv="x-dns-prefetch-control" content="off">`;

/** Elements that load or frame something, or say where relative links lead. Mail programs take them out as well. */
const TAKEN_OUT =
  /<(?:base|link|iframe|frame|frameset|object|embed|portal|fencedframe)(?=[\s\/>])/gi;

/** Start tags of links; one that is plainly a place to link to is none. */
const LINK = /<(a|area)(?=[\s\/>])(?! (?:name|id)="[\w.-]*">)/gi;

/**
 * A mail's HTML as a document for a frame that allows nothing (`sandbox=""`).
 *
 * Sandbox and policy stop scripts, forms and whatever is loaded. They do not stop Chromium from connecting ahead, as for
 * `<link rel=preconnect>`, for a frame, or to where a link leads that the pointer is on. So such elements become ones that mean
 * nothing, and links lead to "#" in a window that the sandbox does not let open: of two attributes of one name the first one
 * counts (WHATWG HTML, 13.2.5.33), and they still look like links.
 */
export function frameDocument(html: string): string {
  const doctype = /^\s*<!doctype[^>]*>/i.exec(html)?.[0] ?? "";
  const rest = html.slice(doctype.length)
    .replace(TAKEN_OUT, '<meta http-equiv="none"')
    .replace(LINK, '<$1 href="#" target="_blank" ping=""');
  return doctype + HEAD + rest;
}
