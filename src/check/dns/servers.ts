import type { Server } from "./transport.ts";

const DNS_PORT = 53;
/** As many as the system's own resolver uses (resolv.conf(5), MAXNS). */
const MAX_SERVERS = 3;

/** The DNS servers of this machine: those in `/etc/resolv.conf`, or else those that the runtime knows. May be empty. */
export async function systemServers(): Promise<readonly Server[]> {
  let text: string;
  try {
    text = await Deno.readTextFile("/etc/resolv.conf");
  } catch {
    const { getServers } = await import("node:dns");
    return distinct(getServers());
  }
  return serversOf(text);
}

/** The `nameserver` lines of a resolv.conf. */
export function serversOf(text: string): readonly Server[] {
  return distinct(
    Array.from(
      text.matchAll(/^[ \t]*nameserver[ \t]+([0-9a-f.:]+(?:%\S+)?)/gim),
      ([, host]) => host!,
    ),
  );
}

function distinct(hosts: readonly string[]): Server[] {
  return [...new Set(hosts)].slice(0, MAX_SERVERS)
    .map((hostname) => ({ hostname, port: DNS_PORT }));
}
