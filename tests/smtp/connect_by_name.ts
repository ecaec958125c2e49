import { connectRelay } from "../../src/smtp/session/connect_relay.ts";
import { names } from "./fake_dns.ts";
import { FOREVER, relayAt } from "./fixtures.ts";
import type { ByName, Connected } from "./named.ts";

// A separate program: `named.ts` starts it with an import map that has `fake_dns.ts` for node:dns.

async function connect({ port, resolved, dns, refusing = [] }: ByName): Promise<Connected> {
  const { connect, resolveDns } = Deno;
  const tried: string[] = [];
  names.resolved = resolved;
  Object.assign(Deno, {
    connect: (options: Deno.ConnectOptions & { hostname: string }) => {
      tried.push(options.hostname);
      if (!refusing.includes(options.hostname)) return connect(options);
      return Promise.reject(new Deno.errors.ConnectionRefused("refused"));
    },
    resolveDns: () => Promise.reject(dns === "none" ? new Deno.errors.NotFound() : new Error()),
  });
  try {
    const relay = relayAt(port, { host: "mx.test" });
    const result = await connectRelay(relay, { signal: FOREVER });
    if (result.kind === "session") {
      result.connection[Symbol.dispose]();
      return { tried, end: "session", address: undefined };
    }
    const { attempt, address } = result;
    const end = "cause" in attempt ? attempt.cause : attempt.kind;
    return { tried, end, address };
  } finally {
    Object.assign(Deno, { connect, resolveDns });
  }
}

const cases: ByName[] = JSON.parse(await new Response(Deno.stdin.readable).text());
const came: Connected[] = [];
for (const one of cases) came.push(await connect(one));
// deno-lint-ignore no-console -- its result, for the process that started it
console.log(JSON.stringify(came));
