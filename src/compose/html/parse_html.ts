import { type Handler, Parser } from "htmlparser2";

/** Elements within each other that are read where nobody asks for less: newsletters have some fifty, and an author may forget ends. */
export const MOST_NESTED = 10_000;

/**
 * Has a handler told of what an HTML text holds, up to where elements are nested deeper than `most`: the parser takes time by the
 * square of the depth, and the text may come from a cell. Which end tags count, and which elements end by themselves, is known to
 * the parser alone.
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
