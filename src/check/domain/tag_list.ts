/**
 * Reads `tag=value; tag=value`, the form of DKIM's key records (RFC 6376, 3.2: names are case-sensitive). Values are trimmed.
 *
 * @returns undefined where it is not such a list, or a tag appears twice.
 */
export function parseTags(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  const parts = text.split(";").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  for (const part of parts) {
    const found = /^([a-z][a-z0-9_]*)\s*=\s*([^]*)$/i.exec(part);
    if (found === null) return undefined;
    const name = found[1]!;
    if (tags.has(name)) return undefined;
    tags.set(name, found[2]!.trim());
  }
  return tags;
}
