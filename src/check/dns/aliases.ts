import type { DnsRecord, RecordType } from "./message.ts";

/** What an answer says to a question, and of what name in the end. */
export interface ResolvedName {
  /** The last name of the chain of aliases that begins with the one asked for. */
  readonly name: string;
  /** Aliases on the way. */
  readonly aliases: number;
  /** The records of that name. */
  readonly records: readonly DnsRecord[];
}

/**
 * Goes from the name that was asked for along its aliases (RFC 1034, 3.6.2). Records of names that are not on the way do not
 * count, whatever a server adds: they answer nothing that was asked.
 *
 * @param most Aliases that are followed.
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
