import assert from "node:assert/strict";
import { isAligned, organizationOf, policyFor, walkDmarc } from "../../src/check/domain/dmarc.ts";
import { isDmarc, parseDmarc } from "../../src/check/domain/dmarc_record.ts";
import { dnsOf } from "./fake_dns.ts";

const dns = dnsOf({
  "_dmarc.acme.test": { TXT: ["v=DMARC1; p=reject; sp=quarantine"] },
  "_dmarc.apart.acme.test": { TXT: ["v=DMARC1; p=none; psd=n"] },
  "_dmarc.bank": { TXT: ["v=DMARC1; p=reject; psd=y"] },
  "_dmarc.g.h.i.j.mail.example": { TXT: ["v=DMARC1;p=none"] },
});

const organization = async (domain: string) => organizationOf(await walkDmarc(dns, domain));

Deno.test("organizationOf() follows RFC 9989, 4.10.2", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["acme.test", "acme.test"],
    ["a.b.acme.test", "acme.test"],
    ["x.apart.acme.test", "apart.acme.test"],
    ["www.giant.bank", "giant.bank"],
    ["giant.bank", "giant.bank"],
    ["alone.example", "alone.example"],
    ["x.alone.example", "x.alone.example"],
  ];
  for (const [domain, expected] of cases) {
    assert.equal(await organization(domain), expected, domain);
  }
});

Deno.test("walkDmarc() asks at most eight times (RFC 9989, 4.10)", async () => {
  const asked: string[] = [];
  const txt = (name: string) => {
    asked.push(name);
    return dns.txt(name);
  };
  const walk = await walkDmarc({ ...dns, txt }, "a.b.c.d.e.f.g.h.i.j.mail.example");
  assert.deepEqual(asked.slice(0, 2), [
    "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example",
    "_dmarc.f.g.h.i.j.mail.example",
  ]);
  assert.equal(asked.at(-1), "_dmarc.example");
  assert.equal(asked.length, 8);
  assert.equal(organizationOf(walk), "g.h.i.j.mail.example");
});

Deno.test("policyFor() uses sp= for what is below the record's domain", async () => {
  assert.equal(policyFor(await walkDmarc(dns, "acme.test"))?.policy, "reject");
  assert.equal(policyFor(await walkDmarc(dns, "news.acme.test"))?.policy, "quarantine");
  assert.equal(policyFor(await walkDmarc(dns, "giant.bank"))?.policy, "reject");
  assert.equal(policyFor(await walkDmarc(dns, "alone.example")), undefined);
});

Deno.test("isAligned() requires the same organization, or the very same domain", async () => {
  const [a, b, apart] = await Promise.all(
    ["a.acme.test", "b.acme.test", "apart.acme.test"].map((domain) => walkDmarc(dns, domain)),
  );
  assert.equal(isAligned(a!, b!, "relaxed"), true);
  assert.equal(isAligned(a!, b!, "strict"), false);
  assert.equal(isAligned(a!, a!, "strict"), true);
  assert.equal(isAligned(a!, apart!, "relaxed"), false);
});

Deno.test("parseDmarc() skips broken tags, and reports each (RFC 9989, 4.7)", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["v=DMARC1; p=none", []],
    ["v=DMARC1;p=none;;rua=mailto:a@b.test , https://c.test;future=1;", []],
    ["v=DMARC1; p=reject; rua=", ["rua= has no value"]],
    ["v=DMARC1; p=reject; rua", ["'rua' is not a tag with a value"]],
    ["v=DMARC1; p=reject; p=none", ["p= appears more than once"]],
    ["v=DMARC1; p=reject; adkim=strict", ["adkim=strict is not one of r, s"]],
    ["v=DMARC1; p=reject; sp=off", ["sp=off is not one of none, quarantine, reject"]],
    ["v=DMARC1; p=reject; rua=mailto:a@b.test,c@b.test", [
      "rua=mailto:a@b.test,c@b.test is not a list of mailto: addresses: 'c@b.test'",
    ]],
    ["v=DMARC1; p=", []],
  ];
  for (const [text, expected] of cases) {
    assert.equal(isDmarc(text), true, text);
    assert.deepEqual(parseDmarc("b.test", text).faults, expected, text);
  }
  const record = parseDmarc("b.test", "v=DMARC1; rua; P=Reject; aspf=s; adkim=; sp=x");
  assert.deepEqual(
    [record.policy, record.subdomains, record.spfAlignment, record.dkimAlignment],
    ["reject", undefined, "strict", "relaxed"],
  );
  assert.equal(parseDmarc("b.test", "v=DMARC1; p=").policy, undefined);
});

Deno.test("walkDmarc() says why a text that was meant as a record is none", async () => {
  const faults = async (text: string) =>
    (await walkDmarc(dnsOf({ "_dmarc.a.test": { TXT: [text] } }), "a.test")).faults.join();
  assert.match(await faults('"v=DMARC1; p=none"'), /it is in quotes$/);
  assert.match(await faults(" v=DMARC1; p=none"), /it begins with an invisible character$/);
  assert.match(await faults("v=dmarc1; p=none"), /v=DMARC1, in exactly this case$/);
  assert.match(await faults("v=DMARC1 p=none"), /is followed by ' ', not by a semicolon$/);
  assert.equal(await faults("hello"), "");
});
