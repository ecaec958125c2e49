import { type Image, type Link, readReferences } from "../../compose/html/references.ts";

/** What mail programs treat in their own way in an HTML part. */
export interface HtmlFacts {
  readonly images: readonly Image[];
  readonly links: readonly Link[];
  /** Names of elements that mail programs remove: `script`, `iframe`... */
  readonly removed: readonly string[];
}

/** Elements that every mail program removes or does not show. */
const REMOVED = new Set(["script", "iframe", "object", "embed", "applet", "frame", "frameset"]);
/** Not run but read: Gmail's markup for its Promotions tab and the like. */
const DATA = "application/ld+json";

/** Reads images, links and what will be removed. */
export function htmlFacts(html: string): HtmlFacts {
  const removed = new Set<string>();
  const { links, resources } = readReferences(html, (name, { type }) => {
    if (REMOVED.has(name) && type !== DATA) removed.add(name);
  });
  const images = resources.filter((resource) => resource.kind === "image");
  return { images, links, removed: [...removed] };
}
