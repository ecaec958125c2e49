import { type Handler, Parser } from "htmlparser2";

/** Default limit of nested elements. Newsletters have about fifty, and an author may forget end tags. */
export const MOST_NESTED = 10_000;

/**
 * Parses an HTML text into events, up to where elements are nested deeper than `most`: the parser takes time quadratic in the
 * depth, and the text may come from a cell. Only the parser knows which end tags count, and which elements end without one.
 *
 * @returns whether all of it was read
 */
export function parseHtml(
  html: string,
  handler: Partial<Handler>,
  most: number = MOST_NESTED,
): boolean {
  let depth = 0;
  let isWhole = true;
  const parser = new Parser({
    ...handler,
    onopentagname(name) {
      handler.onopentagname?.(name);
      if (++depth <= most) return;
      isWhole = false;
      parser.pause();
    },
    onclosetag(name, isImplied) {
      depth--;
      handler.onclosetag?.(name, isImplied);
    },
  });
  parser.write(html);
  parser.end();
  return isWhole;
}
