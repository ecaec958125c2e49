import assert from "node:assert/strict";
import { parseIp } from "../../src/check/domain/ip.ts";
import { auditSpf } from "../../src/check/domain/spf/spf_audit.ts";
import { evaluateSpf, type SpfResult } from "../../src/check/domain/spf/spf_evaluate.ts";
import type { Zone } from "../support/dns_server.ts";
import { dnsOf } from "./fake_dns.ts";

const OURS = "192.0.2.1";
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
const spf = (terms: string) => ({ TXT: [`v=spf1 ${terms}`] });

/** Hosts that each have an address; the last one's is ours. */
function mxZone(hosts: number): Zone {
  return {
    "mx.test": { MX: numbers(hosts).map((at) => `${at} h${at}.test`) },
    ...Object.fromEntries(
      numbers(hosts).map((at) => [
        `h${at}.test`,
        { A: [at === hosts - 1 ? OURS : "198.51.100.9"] },
      ]),
    ),
  };
}

const ZONE: Zone = {
  "ours.test": { A: [OURS], ...spf(`ip4:${OURS} -all`) },
  "theirs.test": { A: ["198.51.100.9"], MX: ["10 theirs.test"], ...spf("ip4:198.51.100.9 -all") },
  "neutral.test": spf("?all"),
  "soft.test": spf("~all"),
  "broken.test": spf("ipv4:192.0.2.1"),
  "ill.test": { fails: 2 },
  "astray.test": spf("redirect=gone.test"),
  "endless.test": spf("ip4:198.51.100.9"),
  "ill-mx.test": { MX: ["10 ill.test"] },
  "empty-mx.test": { MX: numbers(5).map((at) => `${at} gone${at}.test`) },
  "null-mx.test": { MX: ["0 ."] },
  "ann.list.test": { A: ["127.0.0.2"] },
  "both.test": { A: ["192.0.2.129"], AAAA: ["2001:db8::ff"] },
  "three.test": spf("a:theirs.test a:theirs.test a:theirs.test ?all"),
  "six.test": spf("include:three.test a:theirs.test a:theirs.test ?all"),
};

async function resultOf(terms: string, zone: Zone = {}, ip = OURS): Promise<SpfResult> {
  const dns = dnsOf({ ...ZONE, ...zone, "a.test": spf(terms) });
  return await evaluateSpf(dns, parseIp(ip)!, "ann@a.test");
}

Deno.test("evaluateSpf() accepts ten hosts of an mx, and returns permerror for eleven (RFC 7208, 4.6.4)", async () => {
  assert.equal(await resultOf("mx:mx.test -all", mxZone(10)), "pass");
  assert.equal(await resultOf("mx:mx.test -all", mxZone(11)), "permerror");
  const eleven = { ...mxZone(11), "h0.test": { A: [OURS] } };
  assert.equal(await resultOf("mx:mx.test -all", eleven), "permerror", "even if the first matches");
});

Deno.test("auditSpf() reports eleven hosts of an mx, and not ten", async () => {
  const faults = async (hosts: number) =>
    (await auditSpf(dnsOf({ ...mxZone(hosts), "a.test": spf("mx:mx.test -all") }), "a.test"))
      .faults;
  assert.deepEqual(await faults(10), []);
  assert.deepEqual(await faults(11), ["mx of mx.test names 11 hosts"]);
});

const nine = "a:theirs.test ".repeat(9);
const LOOKUPS: readonly (readonly [terms: string, SpfResult])[] = [
  [`${nine} a:ours.test -all`, "pass"],
  [`${nine} a:theirs.test a:ours.test -all`, "permerror"],
  [`${nine} mx:theirs.test a:ours.test -all`, "permerror"],
  [`${nine} exists:none.test a:ours.test -all`, "permerror"],
  [`${nine} include:theirs.test a:ours.test -all`, "permerror"],
  [`${nine} redirect=ours.test`, "pass"],
  [`${nine} a:theirs.test redirect=ours.test`, "permerror"],
  [`${nine} include:ours.test -all`, "pass"],
  // Seven for six.test: the include, and six in it.
  ["include:six.test a:theirs.test a:theirs.test a:theirs.test a:ours.test -all", "permerror"],
  ["include:six.test a:theirs.test a:theirs.test a:ours.test -all", "pass"],
  ["include:six.test a:theirs.test a:theirs.test -all", "fail"],
  [`${"ip4:198.51.100.9 ".repeat(20)} ip4:${OURS} -all`, "pass"],
];

Deno.test("evaluateSpf() allows ten terms that cause lookups, in all records together (RFC 7208, 4.6.4)", async () => {
  for (const [terms, expected] of LOOKUPS) {
    assert.equal(await resultOf(terms), expected, terms);
  }
});

Deno.test("evaluateSpf() accepts two void lookups, and returns permerror for three (RFC 7208, 4.6.4)", async () => {
  const vain = ["a:gone.test", "mx:gone.test", "exists:gone.test"];
  for (const first of vain) {
    for (const second of vain) {
      assert.equal(await resultOf(`${first} ${second} a:ours.test -all`), "pass", first + second);
      for (const third of vain) {
        const terms = `${first} ${second} ${third} a:ours.test -all`;
        assert.equal(await resultOf(terms), "permerror", terms);
      }
    }
  }
  assert.equal(await resultOf("mx:empty-mx.test a:ours.test -all"), "pass", "hosts are no terms");
});

const INCLUDED: readonly (readonly [terms: string, SpfResult])[] = [
  ["include:ours.test -all", "pass"],
  ["-include:ours.test +all", "fail"],
  ["~include:ours.test +all", "softfail"],
  ["?include:ours.test +all", "neutral"],
  ["include:theirs.test ~all", "softfail"],
  ["include:neutral.test -all", "fail"],
  ["include:soft.test -all", "fail"],
  ["include:broken.test +all", "permerror"],
  ["include:ill.test +all", "temperror"],
  ["include:gone.test +all", "permerror"],
  ["include:astray.test +all", "permerror"],
  ["include:endless.test -all", "fail"],
  ["redirect=endless.test", "neutral"],
  ["redirect=soft.test", "softfail"],
  ["redirect=broken.test", "permerror"],
  ["redirect=ill.test", "temperror"],
  ["redirect=gone.test", "permerror"],
];

Deno.test("evaluateSpf() treats an included record's result as in RFC 7208, 5.2, and a redirect's as in 6.1", async () => {
  for (const [terms, expected] of INCLUDED) {
    assert.equal(await resultOf(terms), expected, terms);
  }
});

Deno.test("evaluateSpf() returns temperror if any lookup fails", async () => {
  for (const term of ["a:ill.test", "mx:ill.test", "mx:ill-mx.test", "exists:ill.test"]) {
    assert.equal(await resultOf(`${term} +all`), "temperror", term);
  }
});

Deno.test("evaluateSpf() compares with the prefix of the address's own version", async () => {
  const cases: readonly (readonly [terms: string, ip: string, SpfResult])[] = [
    ["a:both.test/25//128 -all", "192.0.2.200", "pass"],
    ["a:both.test/26//0 -all", "192.0.2.200", "fail"],
    ["a:both.test/0//120 -all", "2001:db8::1", "pass"],
    ["a:both.test/0//121 -all", "2001:db8::1", "fail"],
    ["a:both.test -all", "192.0.2.128", "fail"],
    ["mx:null-mx.test -all", OURS, "fail"],
  ];
  for (const [terms, ip, expected] of cases) {
    assert.equal(await resultOf(terms, {}, ip), expected, terms);
  }
});

Deno.test("evaluateSpf() knows the sender's local part, and reads the record of the sender's domain", async () => {
  assert.equal(await resultOf("exists:%{l}.list.test -all"), "pass");
  const dns = dnsOf({ "a.test": spf("exists:%{l}.list.test -all"), ...ZONE });
  assert.equal(await evaluateSpf(dns, parseIp(OURS)!, "bob@a.test"), "fail");
});

Deno.test("evaluateSpf() passes on what the DNS client throws, such as a cancellation", async () => {
  const dns = { ...dnsOf(ZONE), txt: () => Promise.reject(new Error("cancelled")) };
  await assert.rejects(evaluateSpf(dns, parseIp(OURS)!, "ann@a.test"), /^Error: cancelled$/);
});
