import assert from "node:assert/strict";
import { isAligned, organizationOf, policyFor, walkDmarc } from "../../src/check/domain/dmarc.ts";
import type { Zone } from "../support/dns_server.ts";
import { dnsOf } from "./fake_dns.ts";

/** A walk over the records of these domains. */
function walk(start: string, texts: Readonly<Record<string, string | readonly string[]>>) {
  const zone: Zone = Object.fromEntries(
    Object.entries(texts).map(([domain, text]) => [`_dmarc.${domain}`, { TXT: [text].flat() }]),
  );
  return walkDmarc(dnsOf(zone), start);
}

/** The names that are asked for, without `_dmarc.`. */
async function askedFor(start: string, zone: Zone = {}): Promise<string[]> {
  const dns = dnsOf(zone);
  const asked: string[] = [];
  const txt = (name: string) => {
    asked.push(name.replace(/^_dmarc\./, ""));
    return dns.txt(name);
  };
  await walkDmarc({ ...dns, txt }, start);
  return asked;
}

Deno.test("walkDmarc() omits no label of eight, and of nine the one before the last seven (RFC 9989, 4.10)", async () => {
  assert.deepEqual(await askedFor("a.b.test"), ["a.b.test", "b.test", "test"]);
  const eight = await askedFor("a.b.c.d.e.f.g.test");
  assert.deepEqual([eight.length, eight[1]], [8, "b.c.d.e.f.g.test"]);
  const nine = await askedFor("z.a.b.c.d.e.f.g.test");
  assert.deepEqual([nine.length, nine[1]], [8, "b.c.d.e.f.g.test"]);
});

Deno.test("walkDmarc() stops at a record that says whether it is a public suffix, and at no other", async () => {
  const zone = (text: string): Zone => ({ "_dmarc.b.test": { TXT: [`v=DMARC1; ${text}`] } });
  for (const text of ["p=none; psd=y", "p=none; psd=n"]) {
    assert.deepEqual(await askedFor("a.b.test", zone(text)), ["a.b.test", "b.test"], text);
  }
  for (const text of ["p=none", "p=none; psd=u"]) {
    assert.deepEqual(await askedFor("a.b.test", zone(text)), ["a.b.test", "b.test", "test"], text);
  }
});

Deno.test("walkDmarc() reports the first lookup that failed, and still makes the others", async () => {
  const dns = dnsOf({
    "_dmarc.a.b.test": { fails: 2 },
    "_dmarc.b.test": { TXT: ["other", "v=DMARC1; p=none"] },
    "_dmarc.test": { fails: 2 },
  });
  const { failed, records, faults } = await walkDmarc(dns, "a.b.test");
  assert.equal(failed, "_dmarc.a.b.test: failed");
  assert.deepEqual(records.map(({ domain }) => domain), ["b.test"]);
  assert.deepEqual(faults, []);
  assert.equal((await walkDmarc(dnsOf({}), "a.b.test")).failed, undefined);
});

Deno.test("walkDmarc() counts neither of two records, and says where they are", async () => {
  const two = ["v=DMARC1; p=none", "v=DMARC1; p=reject"];
  const { records, faults } = await walk("a.b.test", { "a.b.test": two, "b.test": two[1]! });
  assert.deepEqual(records.map(({ domain }) => domain), ["b.test"]);
  assert.deepEqual(faults.map((fault) => fault.split(" has ")[0]), ["_dmarc.a.b.test"]);
});

type Case = readonly [
  start: string,
  texts: Readonly<Record<string, string>>,
  organization: string,
  policy: string | undefined,
];

const POLICIES: readonly Case[] = [
  ["a.b.test", {}, "a.b.test", undefined],
  ["b.test", { "b.test": "p=reject; sp=none" }, "b.test", "reject b.test"],
  ["a.b.test", { "b.test": "p=reject; sp=none" }, "b.test", "none b.test"],
  ["a.b.test", { "b.test": "p=reject" }, "b.test", "reject b.test"],
  ["a.b.test", { "b.test": "p=wrong" }, "b.test", "none b.test"],
  // Its own record decides; the organization is that of the highest one.
  ["a.b.test", { "a.b.test": "p=none", "b.test": "p=reject" }, "b.test", "none a.b.test"],
  ["x.a.b.test", { "a.b.test": "p=none", "b.test": "p=reject" }, "b.test", "reject b.test"],
  // psd=n: this is the organization, whatever is above it.
  ["x.a.b.test", { "a.b.test": "p=none; psd=n" }, "a.b.test", "none a.b.test"],
  // psd=y: the organization is one label below.
  ["x.a.b.test", { "b.test": "p=none; psd=y" }, "a.b.test", "none b.test"],
  ["a.b.test", { "b.test": "p=none; sp=reject; psd=y" }, "a.b.test", "reject b.test"],
  [
    "x.a.b.test",
    { "x.a.b.test": "p=reject", test: "p=none; psd=y" },
    "b.test",
    "reject x.a.b.test",
  ],
  // The public suffix itself: it has no organization above.
  ["b.test", { "b.test": "p=quarantine; psd=y" }, "b.test", "quarantine b.test"],
];

Deno.test("organizationOf() and policyFor() follow RFC 9989, 4.10.1 and 4.10.2", async () => {
  for (const [start, texts, organization, policy] of POLICIES) {
    const found = await walk(
      start,
      Object.fromEntries(
        Object.entries(texts).map(([domain, tags]) => [domain, `v=DMARC1; ${tags}`]),
      ),
    );
    const what = `${start} ${JSON.stringify(texts)}`;
    assert.equal(organizationOf(found), organization, what);
    const decided = policyFor(found);
    assert.equal(decided && `${decided.policy} ${decided.record.domain}`, policy, what);
  }
});

Deno.test("isAligned() without any record accepts only the very same domain", async () => {
  const [one, same, below] = await Promise.all(
    ["b.test", "b.test", "a.b.test"].map((start) => walk(start, {})),
  );
  for (const alignment of ["strict", "relaxed"] as const) {
    assert.equal(isAligned(one!, same!, alignment), true);
    assert.equal(isAligned(one!, below!, alignment), false);
  }
});
