import { join } from "node:path";
import type { Suppressed } from "../../src/suppression/suppression.ts";
import { inFolder } from "../support/folder.ts";

export const AT = Date.UTC(2026, 10, 24, 12);

/** The entry of somebody who unsubscribed. */
export function left(key: string, more: Partial<Suppressed> = {}): Suppressed {
  return { key, at: AT, campaign: "spring", source: "one-click", reason: undefined, ...more };
}

/** Calls `action` with the path of a list that does not exist yet, in a folder of its own. */
export async function inList(action: (path: string) => void | Promise<void>): Promise<void> {
  await inFolder({}, async (folder) => await action(join(folder, "suppressed.db")));
}
