import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Newsletters by many authors, from public collections, beside the checkout. `README.md` there gives their sources. */
const COLLECTION = join(dirname(fileURLToPath(import.meta.url)), "../../../shared/newsletters");

/** A newsletter as its author wrote it. */
export interface Newsletter {
  readonly name: string;
  readonly html: string;
}

/** All newsletters of the collection; none if it is not beside the checkout. */
export function newsletters(): readonly Newsletter[] {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(COLLECTION)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return entries.filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name).sort()
    .map((name) => ({
      name,
      html: Deno.readTextFileSync(join(COLLECTION, name, "newsletter.html")),
    }));
}
