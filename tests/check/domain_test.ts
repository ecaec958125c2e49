import assert from "node:assert/strict";
import { checkDomain } from "../../src/check/domain/domain.ts";
import type { Senders } from "../../src/check/domain/senders.ts";
import type { Finding } from "../../src/check/finding.ts";
import type { Zone } from "../support/dns_server.ts";
import { CASES } from "./domain_cases.ts";
import { dnsOf } from "./fake_dns.ts";
import { GOOD, SENDERS } from "./good_domain.ts";

async function findings(zone: Zone, senders: Partial<Senders> = {}): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const add = (finding: Finding) => void found.push(finding);
  await checkDomain(dnsOf({ ...GOOD, ...zone }), { ...SENDERS, ...senders }, add);
  return found;
}

const outline = (found: readonly Finding[]) =>
  found.map(({ level, check }) => `${level} ${check}`).sort();

for (const { because, zone = {}, senders = {}, expected } of CASES) {
  Deno.test(`checkDomain() finds ${expected.join(", ") || "nothing"} if ${because}`, async () => {
    const found = await findings(zone, senders);
    assert.deepEqual(outline(found), expected.toSorted(), JSON.stringify(found, null, 1));
    for (const { why, fix, what } of found) {
      assert(/RFC \d+|guidelines/.test(why), `a source: ${why}`);
      assert(what !== "" && fix !== "");
    }
  });
}

Deno.test("checkDomain() warns of a mailbox provider's address, unless the relay is theirs", async () => {
  const zone: Zone = {
    "gmail.com": { MX: ["5 mx.acme.test"], TXT: ["v=spf1 redirect=_spf.relay.test"] },
    "_dmarc.gmail.com": { TXT: ["v=DMARC1; p=quarantine"] },
    "smtp.gmail.com": { A: ["198.51.100.8"] },
  };
  const senders = { from: "a@gmail.com", envelope: "a@gmail.com", dkim: undefined, recipients: 50 };
  assert.deepEqual(outline(await findings(zone, senders)), [
    "note dkim.unsigned",
    "warning from.mailbox-provider",
  ]);
  const own = { ...senders, relays: ["smtp.gmail.com"] };
  assert.deepEqual(outline(await findings(zone, own)), ["note dkim.unsigned"]);
});

Deno.test("checkDomain() lists the selectors that were found, and no others", async () => {
  const selectors = async (zone: Zone) =>
    (await checkDomain(dnsOf({ ...GOOD, ...zone }), SENDERS, () => {})).dkim;
  const [name, record] = ["s1._domainkey.acme.test", GOOD["s1._domainkey.acme.test"]!.TXT![0]!];
  assert.deepEqual(await selectors({}), ["s1", "s2"]);
  assert.deepEqual(await selectors({ [name]: { TXT: [`${record}; t=y`] } }), ["s1", "s2"]);
  assert.deepEqual(await selectors({ [name]: { fails: 2 } }), ["s2"]);
  assert.deepEqual(await selectors({ [name]: {} }), ["s2"]);
});

Deno.test("checkDomain() also reports what is right", async () => {
  const facts = await checkDomain(dnsOf(GOOD), SENDERS, () => {});
  assert.deepEqual(facts, {
    domain: "acme.test",
    spf: {
      domain: "acme.test",
      record: "v=spf1 include:_spf.relay.test -all",
      lookups: 1,
      relays: [{ address: "198.51.100.7", result: "pass" }],
    },
    dkim: ["s1", "s2"],
    dmarc: { domain: "acme.test", policy: "reject" },
  });
});
