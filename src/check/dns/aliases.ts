import type { DnsRecord, RecordType } from "./message.ts";

/** The records that answer a question, and the name they belong to. */
export interface ResolvedName {
  /** The end of the chain of aliases that begins with the name asked for. */
  readonly name: string;
  /** How many aliases led there. */
  readonly aliases: number;
  /** The records of that name. */
  readonly records: readonly DnsRecord[];
}

/**
 * Follows the aliases of the name that was asked for (RFC 1034, 3.6.2). Records of other names are ignored, whatever a server adds:
 * nobody asked for them.
 *
 * @param most The most aliases to follow.
 */
export function resolveAliases(
  answers: readonly DnsRecord[],
  asked: string,
  type: RecordType,
  most: number,
): ResolvedName {
  const targets = new Map<string, string>();
  for (const record of answers) {
    const isFirst = record.type === "CNAME" && !targets.has(record.name);
    if (isFirst) targets.set(record.name, record.data);
  }
  let name = asked.toLowerCase().replace(/\.$/, "");
  let aliases = 0;
  for (let next; aliases < most && (next = targets.get(name)) !== undefined; aliases++) name = next;
  return {
    name,
    aliases,
    records: answers.filter((record) => record.type === type && record.name === name),
  };
}
