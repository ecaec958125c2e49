import assert from "node:assert/strict";
import fc from "fast-check";
import { spf } from "mailauth/lib/spf/index.js";
import { parseIp } from "../../src/check/domain/ip.ts";
import { evaluateSpf } from "../../src/check/domain/spf/spf_evaluate.ts";
import type { Zone } from "../support/dns_server.ts";
import { dnsOf } from "./fake_dns.ts";

// For any records that include and redirect to one another, an independent implementation gives the same result.

const DOMAINS = ["a.test", "b.test", "c.test", "d.test"];
const HOSTS: Zone = {
  "h1.test": { A: ["192.0.2.1"] },
  "h2.test": { A: ["192.0.2.77"], AAAA: ["2001:db8::7"] },
  "h6.test": { AAAA: ["2001:db8::7"] },
  "1.2.0.192.in-addr.x.test": { A: ["127.0.0.1"] },
  "m.test": { MX: ["10 h1.test", "20 h2.test"] },
};
const PLAIN = [
  ...["a", "mx", "all", "a:h2.test/25", "mx:m.test//64", "exists:%{i}.x.test"],
  ...["ip4:192.0.2.0/26", "ip4:192.0.2.77", "ip6:2001:db8::/32"],
  ...[
    "a:%{d}",
    "include:%{d1r}.test",
    "exists:%{ir}.%{v}.x.test",
    "exists:h2.test",
    "exists:h6.test",
  ],
];

const qualifier = fc.constantFrom("", "+", "-", "~", "?");
const name = fc.constantFrom(...DOMAINS, ...Object.keys(HOSTS), "gone.test");
const mechanism = fc.oneof(
  fc.tuple(qualifier, fc.constantFrom("include:", "a:", "mx:"), name),
  fc.tuple(qualifier, fc.constantFrom(...PLAIN)),
).map((parts) => parts.join(""));
const record = fc.tuple(fc.array(mechanism, { maxLength: 4 }), fc.option(name)).map(
  ([terms, target]) => ["v=spf1", ...terms, ...(target ? [`redirect=${target}`] : [])].join(" "),
);
const zone = fc.array(record, { minLength: 4, maxLength: 4 }).map((records): Zone => ({
  ...HOSTS,
  ...Object.fromEntries(DOMAINS.map((domain, at) => [domain, { TXT: [records[at]!] }])),
}));

Deno.test("evaluateSpf() gives the same result as mailauth, whatever the records", async () => {
  await fc.assert(
    fc.asyncProperty(
      zone,
      fc.constantFrom("192.0.2.1", "192.0.2.77", "2001:db8::7", "203.0.113.1"),
      async (zone, ip) => {
        const ours = await evaluateSpf(dnsOf(zone), parseIp(ip)!, "ann@a.test");
        assert.equal(ours, await theirs(zone, ip));
      },
    ),
    { numRuns: 300 },
  );
});

async function theirs(zone: Zone, ip: string): Promise<string> {
  const sender = "ann@a.test";
  const { status } = await spf({
    ip,
    sender,
    helo: "a.test",
    mta: "mx.test",
    resolver: resolverOf(zone),
  });
  return status.result;
}

/** As `node:dns` answers. */
function resolverOf(zone: Zone) {
  // deno-lint-ignore require-await
  return async (name: string, type: string): Promise<string[] | string[][]> => {
    const records = zone[name.toLowerCase()];
    const found = records?.[type as "A" | "AAAA" | "MX" | "TXT"] ?? [];
    if (found.length === 0) {
      const code = records === undefined ? "ENOTFOUND" : "ENODATA";
      throw Object.assign(new Error(code), { code });
    }
    if (type === "TXT") return found.map((text) => [text]);
    if (type !== "MX") return [...found];
    const exchanges = found.map((text) => {
      const [priority, exchange] = text.split(" ");
      return { priority: Number(priority), exchange };
    });
    // mailauth accepts these, although its types do not say so.
    return exchanges as unknown as string[];
  };
}
