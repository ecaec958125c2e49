import assert from "node:assert/strict";
import { parseIp } from "../../src/check/domain/ip.ts";
import { auditSpf } from "../../src/check/domain/spf/spf_audit.ts";
import { evaluateSpf } from "../../src/check/domain/spf/spf_evaluate.ts";
import { dnsOf } from "./fake_dns.ts";

const spf = (rest: string) => ({ TXT: [`v=spf1 ${rest}`] });

/** RFC 7208, appendix A. */
const RFC = dnsOf({
  "example.com": {
    A: ["192.0.2.10", "192.0.2.11"],
    MX: ["10 mail-a.example.com", "20 mail-b.example.com"],
  },
  "amy.example.com": { A: ["192.0.2.65"] },
  "mail-a.example.com": { A: ["192.0.2.129"] },
  "mail-b.example.com": { A: ["192.0.2.130"] },
  "example.org": { MX: ["10 mail-c.example.org"] },
  "mail-c.example.org": { A: ["192.0.2.140"] },
});

const EXAMPLES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["+all", ["192.0.2.1", "2001:db8::1"], []],
  ["a -all", ["192.0.2.10", "192.0.2.11"], ["192.0.2.65"]],
  ["a:example.org -all", [], ["192.0.2.10", "192.0.2.140"]],
  ["mx -all", ["192.0.2.129", "192.0.2.130"], ["192.0.2.10"]],
  ["mx:example.org -all", ["192.0.2.140"], ["192.0.2.129"]],
  ["mx mx:example.org -all", ["192.0.2.129", "192.0.2.140"], ["192.0.2.141"]],
  ["mx/30 mx:example.org/30 -all", ["192.0.2.131", "192.0.2.143"], ["192.0.2.132", "192.0.2.144"]],
  ["ip4:192.0.2.128/28 -all", ["192.0.2.129", "192.0.2.143"], ["192.0.2.65", "192.0.2.144"]],
  ["ip6:2001:db8::/32 -all", ["2001:db8:5::1"], ["2001:db9::1", "192.0.2.1"]],
];

for (const [terms, allowed, refused] of EXAMPLES) {
  Deno.test(`evaluateSpf() gives the results of RFC 7208's example 'v=spf1 ${terms}'`, async () => {
    const dns = RFC.with({ "example.com": { ...RFC.zone["example.com"], ...spf(terms) } });
    for (const address of allowed) {
      assert.equal(await evaluateSpf(dns, parseIp(address)!, "a@example.com"), "pass", address);
    }
    for (const address of refused) {
      assert.equal(await evaluateSpf(dns, parseIp(address)!, "a@example.com"), "fail", address);
    }
  });
}

const IP = parseIp("192.0.2.1")!;
const ZONE = {
  "none.test": { TXT: ["hello"] },
  "two.test": { TXT: ["v=spf1 -all", "v=spf1 ~all"] },
  "soft.test": spf("~all"),
  "open.test": spf(""),
  "via.test": spf("include:good.test ?all"),
  "good.test": spf("ip4:192.0.2.0/24 -all"),
  "moved.test": spf("redirect=good.test"),
  "astray.test": spf("redirect=none.test"),
  "dangling.test": spf("include:none.test -all"),
  "typo.test": spf("ipv4:192.0.2.1 -all"),
  "ptr.test": spf("ptr -all"),
  "fails.test": { fails: 2 },
  "onfails.test": spf("include:fails.test -all"),
  "exists.test": spf("exists:%{ir}.%{v}.list.test -all"),
  "1.2.0.192.in-addr.list.test": { A: ["127.0.0.2"] },
  "loop.test": spf("include:loop2.test -all"),
  "loop2.test": spf("include:loop.test -all"),
  "many.test": spf(
    `${Array.from({ length: 11 }, (_, at) => `include:i${at}.test`).join(" ")} -all`,
  ),
  "early.test": spf(
    `ip4:192.0.2.1 ${Array.from({ length: 11 }, (_, at) => `include:i${at}.test`).join(" ")} -all`,
  ),
  ...Object.fromEntries(
    Array.from({ length: 11 }, (_, at) => [`i${at}.test`, spf("ip4:198.51.100.1")]),
  ),
  "ten.test": spf(
    `${Array.from({ length: 10 }, (_, at) => `include:i${at}.test`).join(" ")} ip4:192.0.2.1 -all`,
  ),
  "v6.test": { AAAA: ["2001:db8::1"] },
  "mapped.test": spf("ip6:::ffff:192.0.2.0/120 -all"),
  "exists6.test": spf("exists:v6.test -all"),
  "macro.test": { A: ["192.0.2.1"], TXT: ["v=spf1 a:%{d} -all"] },
  "origin.test": spf("redirect=%{o}.good.test"),
  "origin.test.good.test": spf("ip4:192.0.2.1 -all"),
  "helo.test": spf("exists:%{h} -all"),
  "expert.test": spf("ip4:192.0.2.1 exp=e.test exp=e.test -all"),
  "zeros.test": spf("ip4:192.0.2.1 ip4:192.0.2.0/032 -all"),
  "behind.test": spf("-all ip4:192.0.2.1"),
  "beside.test": spf("redirect=good.test ~all"),
  "voids.test": spf("a:v1.test a:v2.test a:v3.test ip4:192.0.2.1 -all"),
};

const RESULTS: readonly (readonly [string, string])[] = [
  ["none.test", "none"],
  ["gone.test", "none"],
  ["two.test", "permerror"],
  ["soft.test", "softfail"],
  ["open.test", "neutral"],
  ["via.test", "pass"],
  ["moved.test", "pass"],
  ["astray.test", "permerror"],
  ["dangling.test", "permerror"],
  ["typo.test", "permerror"],
  ["ptr.test", "unknown"],
  ["fails.test", "temperror"],
  ["onfails.test", "temperror"],
  ["exists.test", "pass"],
  ["loop.test", "permerror"],
  ["many.test", "permerror"],
  ["early.test", "pass"],
  ["ten.test", "pass"],
  ["voids.test", "permerror"],
  ["mapped.test", "fail"],
  ["exists6.test", "fail"],
  ["macro.test", "pass"],
  ["origin.test", "pass"],
  ["helo.test", "unknown"],
  ["expert.test", "permerror"],
  ["zeros.test", "permerror"],
  ["behind.test", "fail"],
  ["beside.test", "softfail"],
];

Deno.test("evaluateSpf() gives the results of RFC 7208, 2.6", async () => {
  for (const [domain, expected] of RESULTS) {
    assert.equal(await evaluateSpf(dnsOf(ZONE), IP, `a@${domain}`), expected, domain);
  }
});

Deno.test("evaluateSpf() looks up an A record for exists, whatever the address of the connection (5.7)", async () => {
  const dns = dnsOf({
    ...ZONE,
    "list.test": { A: ["127.0.0.2"] },
    "a.test": spf("exists:list.test"),
  });
  const ip = parseIp("2001:db8::1")!;
  assert.equal(await evaluateSpf(dns, ip, "a@a.test"), "pass");
  assert.equal(await evaluateSpf(dns, ip, "a@exists6.test"), "fail");
});

Deno.test("auditSpf() expands macros of the domain, and no others", async () => {
  const audit = async (terms: string) =>
    await auditSpf(dnsOf({ ...ZONE, "m.test": spf(terms) }), "m.test");
  assert.deepEqual((await audit("a:gone.%{d} -all")).voids, ["gone.m.test"]);
  assert.deepEqual((await audit("redirect=%{o}")).faults, [
    "records refer to each other in a circle: m.test > m.test",
  ]);
  assert.deepEqual((await audit("exists:%{i}.%{d} include:%{l}.x.test -all")).faults, []);
  assert.deepEqual((await audit("exists:v6.test -all")).voids, ["v6.test"]);
});

Deno.test("auditSpf() finds what lets everybody pass, wherever it is", async () => {
  const zone = {
    "open.test": spf("+all"),
    "half.test": spf("ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"),
  };
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["+all", ["o.test +all everybody"]],
    ["all", ["o.test all everybody"]],
    ["ip4:0.0.0.0/0 -all", ["o.test ip4:0.0.0.0/0 everybody"]],
    ["ip6:::/0 -all", ["o.test ip6:::/0 everybody"]],
    ["a/0 mx//0 -all", ["o.test a/0 everybody", "o.test mx//0 everybody"]],
    ["ip4:10.0.0.0/7 -all", ["o.test ip4:10.0.0.0/7 large"]],
    ["include:open.test -all", ["open.test +all everybody"]],
    ["redirect=open.test", ["open.test +all everybody"]],
    ["include:half.test -all", [
      "half.test ip4:0.0.0.0/1 large",
      "half.test ip4:128.0.0.0/1 large",
    ]],
    ["ip4:10.0.0.0/8 ip6:2001::/16 -ip4:0.0.0.0/0 ?include:open.test ~all", []],
    ["-all ip4:0.0.0.0/0", []],
  ];
  for (const [terms, expected] of cases) {
    const { open } = await auditSpf(dnsOf({ ...zone, "o.test": spf(terms) }), "o.test");
    assert.deepEqual(
      open.map(({ domain, term, everybody }) =>
        `${domain} ${term} ${everybody ? "everybody" : "large"}`
      ),
      expected,
      terms,
    );
  }
});

Deno.test("auditSpf() counts the lookups of the whole chain, and finds what is broken in it", async () => {
  const audit = (domain: string) => auditSpf(dnsOf(ZONE), domain);
  assert.equal((await audit("many.test")).lookups, 11);
  assert.equal((await audit("ten.test")).lookups, 10);
  assert.deepEqual((await audit("voids.test")).voids, ["v1.test", "v2.test", "v3.test"]);
  assert.deepEqual((await audit("typo.test")).faults, [
    "typo.test: 'ipv4:192.0.2.1' is not a mechanism",
  ]);
  assert.deepEqual((await audit("dangling.test")).faults, [
    "dangling.test refers to none.test, which has no SPF record",
  ]);
  assert.deepEqual((await audit("loop.test")).faults, [
    "records refer to each other in a circle: loop.test > loop2.test > loop.test",
  ]);
  assert.deepEqual((await audit("onfails.test")).unknown, ["fails.test: failed"]);
  assert.deepEqual((await audit("ptr.test")).withPtr, ["ptr.test"]);
  assert.equal((await audit("two.test")).records.length, 2);
  assert.equal((await audit("fails.test")).failed, "failed");
});

Deno.test("auditSpf() takes the end of a redirect's record for the end, but not that of an included one", async () => {
  assert.equal((await auditSpf(dnsOf(ZONE), "moved.test")).end, "-");
  assert.equal((await auditSpf(dnsOf(ZONE), "via.test")).end, "?");
  assert.equal((await auditSpf(dnsOf(ZONE), "open.test")).end, undefined);
});
