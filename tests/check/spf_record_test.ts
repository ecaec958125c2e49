import assert from "node:assert/strict";
import { parseIp } from "../../src/check/domain/ip.ts";
import { expand } from "../../src/check/domain/spf/spf_macro.ts";
import { parseSpf, spfFlaw } from "../../src/check/domain/spf/spf_record.ts";

Deno.test("parseSpf() reports terms without effect", () => {
  const ignored = (text: string) => parseSpf(`v=spf1 ${text}`).ignored;
  assert.deepEqual(ignored("a mx -all"), []);
  assert.deepEqual(ignored("-all a include:b.test"), [
    "a follows all",
    "include:b.test follows all",
  ]);
  assert.deepEqual(ignored("redirect=b.test -all"), ["redirect=b.test has no effect beside all"]);
  assert.deepEqual(ignored("include=b.test -all"), [
    "include=b.test is an unknown modifier: write include:b.test",
  ]);
  // Errors count anywhere in a record (RFC 7208, 4.6).
  assert.equal(parseSpf("v=spf1 -all ipv4:192.0.2.1").faults.length, 1);
});

Deno.test("spfFlaw() says why a text that was meant as SPF is none", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['"v=spf1 -all"', /in quotes$/],
    ["\u201cv=spf1 -all\u201d", /in quotes$/],
    [" v=spf1 -all", /it begins with an invisible character$/],
    ["\ufeffv=spf1 -all", /it begins with an invisible character$/],
    ["v=spf1; -all", /v=spf1 is followed by ';', not by a space$/],
    ["v=spf1\t-all", /v=spf1 is followed by '\t', not by a space$/],
    ["v = spf1 -all", /must begin with v=spf1$/],
  ];
  for (const [text, expected] of cases) assert.match(spfFlaw(text) ?? "", expected, text);
  for (const text of ["v=spf1", "V=SPF1 -all", "spf2.0/pra", "hello", ""]) {
    assert.equal(spfFlaw(text), undefined, text);
  }
});

Deno.test("parseSpf() names each term that breaks the grammar", () => {
  const faults = (text: string) => parseSpf(`v=spf1 ${text}`).faults;
  assert.deepEqual(
    faults("a a:b.test/24 a/24//64 mx ip4:1.2.3.4/8 ip6:::1/0 exists:%{i}.x.test ptr"),
    [],
  );
  assert.deepEqual(faults("a:%{d} redirect=%{o} exists:%{h} include:%{d2}.%{lr-/}.x.test."), []);
  assert.deepEqual(faults("ip6:::ffff:192.0.2.0/120 a/0//0 ptr:%{p}.x.test exists:%%%_%-%{S}"), []);
  assert.deepEqual(faults("unknown=x exp=y.test redirect=_spf.x.test"), []);
  for (
    const term of [
      "include:",
      "include",
      "ip4:host.test",
      "ip4:1.2.3.4/33",
      "ip4:::1",
      "ip6:1.2.3.4",
      "a:nolabel",
      "a/33",
      "all:x.test",
      "redirect=",
      "spf",
      "1.2.3.4",
      "ip4:1.2.3.4/032",
      "ip4:1.2.3.04",
      "ip6:fe80::1%eth0",
      "a/024",
      "a//0128",
      "a//129",
      "a:x.test/",
      "ptr/24",
      "include:x.test/24",
      "include:x.123",
      "a:x.-test",
      "exists:%{d0}",
      "exists:%{c}",
      "exists:%{x}.y.test",
      "exists:%{d.y.test",
      "exists:%x.y.test",
      "exists:50%.y.test",
      "unknown=%x",
      "exp=",
      "redirect=nolabel",
    ]
  ) assert.equal(faults(term).length, 1, term);
});

Deno.test("expand() expands the macro examples of RFC 7208", () => {
  const context = {
    ip: parseIp("192.0.2.3")!,
    sender: "strong-bad@email.example.com",
    domain: "email.example.com",
  };
  const cases: readonly (readonly [string, string])[] = [
    ["%{s}.x", "strong-bad@email.example.com.x"],
    ["%{o}", "email.example.com"],
    ["%{d4}.%{d3}", "email.example.com.email.example.com"],
    ["%{d2}", "example.com"],
    ["%{d1}.x", "com.x"],
    ["%{dr}", "com.example.email"],
    ["%{d2r}", "example.email"],
    ["%{l-}.x", "strong.bad.x"],
    ["%{lr-}.x", "bad.strong.x"],
    ["%{l1r-}.x", "strong.x"],
    ["%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"],
    ["%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"],
  ];
  for (const [spec, expected] of cases) assert.equal(expand(spec, context), expected, spec);
  assert.equal(expand("%{p}.x.test", context), undefined);
  assert.equal(expand("%{h}", context), undefined);
  assert.equal(expand("%{L}.x", { ...context, sender: "a+b!c@x.test" }), "a%2bb%21c.x");
  const unknown = { ...context, ip: undefined, sender: "@email.example.com" };
  assert.equal(expand("%{o}.%{d1}", unknown), "email.example.com.com");
  for (const spec of ["%{l}.x", "%{s}.x", "%{i}.x", "%{v}.x"]) {
    assert.equal(expand(spec, unknown), undefined, spec);
  }
  // RFC 7208, 7.3: labels on the left are left out until 253 octets are enough.
  const long = expand(`%{d}${".abcdefghi".repeat(30)}.test`, context)!;
  assert(long.length <= 253 && long.length > 243);
  assert.match(long, /^abcdefghi\..*\.test$/);
  const ipv6 = { ...context, ip: parseIp("2001:db8::cb01")! };
  assert.equal(
    expand("%{ir}.%{v}._spf.%{d2}", ipv6),
    "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com",
  );
});
