import { recordFor } from "../../src/check/domain/dkim_record.ts";
import type { Zone } from "../support/dns_server.ts";
import { type DomainCase, SMALL, spf, SPF_CASES, UNSIGNED } from "./spf_cases.ts";
import { ed25519, GOOD, other, rsa } from "./good_domain.ts";

const dkim = (...records: string[]): Zone => ({ "s1._domainkey.acme.test": { TXT: records } });
const dmarc = (...records: string[]): Zone => ({ "_dmarc.acme.test": { TXT: records } });
const good = (name: string) => GOOD[name]!.TXT![0]!;

/** What is changed in `GOOD` and `SENDERS`, and the findings that result. */
export const CASES: readonly DomainCase[] = [
  { because: "all is as it should be", expected: [] },
  {
    because: "DMARC is at the organization's domain",
    senders: { from: "a@news.acme.test", envelope: "a@acme.test" },
    zone: { "news.acme.test": { MX: ["1 mx.acme.test"] } },
    expected: [],
  },
  { because: "SPF ends in ~all", zone: spf("v=spf1 ip4:198.51.100.7 ~all"), expected: [] },
  {
    because: "the relay's address is not known to others",
    senders: { relays: ["127.0.0.1", "localhost", "10.0.0.1"] },
    expected: [],
  },
  {
    because: "replies go elsewhere, and can arrive",
    senders: { replyTo: "ann@office.test" },
    zone: { "office.test": { MX: ["1 mx.acme.test"] } },
    expected: [],
  },
  {
    because: "only one DKIM key is used",
    senders: { dkim: { domain: "acme.test", keys: [ed25519] } },
    expected: [],
  },
  {
    because: "the key record has no version and is folded",
    zone: dkim(`p=${/p=(.*)/.exec(recordFor(rsa))![1]!.replace(/.{60}/g, "$& ")}`),
    expected: [],
  },
  {
    because: "the key is for mail and SHA-256 among others",
    zone: dkim(`${recordFor(rsa)}; s=email; h=sha1:sha256; t=s; n=note`),
    expected: [],
  },

  ...SPF_CASES,

  { because: "nothing is signed here", senders: UNSIGNED, expected: ["note dkim.unsigned"] },
  {
    because: "neither SPF nor signature",
    zone: spf(),
    senders: { ...UNSIGNED, ...SMALL },
    expected: ["note dkim.unsigned", "warning spf.missing"],
  },
  {
    because: "the key is not published",
    zone: { "s2._domainkey.acme.test": {} },
    expected: ["error dkim.missing"],
  },
  {
    because: "another key is published",
    zone: dkim(recordFor(other)),
    expected: ["error dkim.key"],
  },
  {
    because: "a key of another type is published",
    zone: dkim(recordFor(ed25519)),
    expected: ["error dkim.key"],
  },
  { because: "the key is revoked", zone: dkim("v=DKIM1; p="), expected: ["error dkim.key"] },
  {
    because: "two keys share a selector",
    zone: dkim(recordFor(rsa), recordFor(other)),
    expected: ["error dkim.key"],
  },
  {
    because: "the key is cut off",
    zone: dkim(recordFor(rsa).slice(0, 255)),
    expected: ["error dkim.key"],
  },
  {
    because: "the key's tags are in capitals",
    zone: dkim(recordFor(rsa).replace("p=", "P=")),
    expected: ["error dkim.key"],
  },
  {
    because: "the key is in quotes",
    zone: dkim(`"${recordFor(rsa)}"`),
    expected: ["error dkim.key"],
  },
  { because: "the text is no key", zone: dkim("hello"), expected: ["error dkim.key"] },
  {
    because: "the key is for SHA-1",
    zone: dkim(`${recordFor(rsa)}; h=sha1`),
    expected: ["error dkim.key"],
  },
  {
    because: "the key is not for mail",
    zone: dkim(`${recordFor(rsa)}; s=tlsrpt`),
    expected: ["error dkim.key"],
  },
  {
    because: "the domain tests DKIM",
    zone: dkim(`${recordFor(rsa)}; t=y:s`),
    expected: ["warning dkim.testing"],
  },
  {
    because: "the key cannot be looked up",
    zone: { "s1._domainkey.acme.test": { fails: 2 } },
    expected: ["warning dkim.unknown"],
  },

  {
    because: "there is no DMARC, and many recipients",
    zone: { "_dmarc.acme.test": {} },
    expected: ["warning dmarc.missing"],
  },
  {
    because: "there is no DMARC, and few recipients",
    zone: { "_dmarc.acme.test": {} },
    senders: SMALL,
    expected: ["note dmarc.missing"],
  },
  {
    because: "there are two DMARC records",
    zone: dmarc("v=DMARC1; p=none", "v=DMARC1; p=reject"),
    expected: ["warning dmarc.broken"],
  },
  {
    because: "DMARC has its version in small letters",
    zone: dmarc("v=dmarc1; p=none"),
    expected: ["warning dmarc.broken"],
  },
  {
    because: "DMARC has an undefined policy",
    zone: dmarc("v=DMARC1; p=nothing"),
    expected: ["warning dmarc.broken"],
  },
  {
    because: "DMARC has tags without a value",
    zone: dmarc("v=DMARC1; p=reject; rua=; sp"),
    expected: ["warning dmarc.tag", "warning dmarc.tag"],
  },
  {
    because: "DMARC has a policy without a value",
    zone: dmarc("v=DMARC1; p=; rua=mailto:d@acme.test"),
    expected: ["warning dmarc.broken"],
  },
  {
    because: "DMARC is in quotes",
    zone: dmarc('"v=DMARC1; p=none"'),
    expected: ["warning dmarc.broken"],
  },
  {
    because: "DMARC cannot be looked up",
    zone: { "_dmarc.acme.test": { fails: 2 } },
    expected: ["warning dmarc.unknown"],
  },
  {
    because: "two records at From's domain leave the decision to the one above",
    zone: {
      "news.acme.test": { MX: ["1 mx.acme.test"] },
      "_dmarc.news.acme.test": { TXT: ["v=DMARC1; p=none", "v=DMARC1; p=none"] },
    },
    senders: { from: "a@news.acme.test" },
    expected: ["warning dmarc.broken"],
  },
  {
    because: "another organization signs",
    senders: { dkim: { domain: "relay.test", keys: [rsa] } },
    zone: { "s1._domainkey.relay.test": GOOD["s1._domainkey.acme.test"]! },
    expected: ["warning dmarc.dkim-alignment"],
  },
  {
    because: "a subdomain signs, and only the very same domain counts",
    senders: { dkim: { domain: "mail.acme.test", keys: [rsa] } },
    zone: {
      ...dmarc("v=DMARC1; p=none; adkim=s"),
      "s1._domainkey.mail.acme.test": { TXT: [good("s1._domainkey.acme.test")] },
    },
    expected: ["warning dmarc.dkim-alignment"],
  },
  {
    because: "a subdomain signs, and the organization counts",
    senders: { dkim: { domain: "mail.acme.test", keys: [rsa] } },
    zone: { "s1._domainkey.mail.acme.test": { TXT: [good("s1._domainkey.acme.test")] } },
    expected: [],
  },
  {
    because: "bounces go to another organization, and the signature counts",
    senders: { envelope: "b@bounce.test" },
    zone: { "bounce.test": { MX: ["1 mx.acme.test"], TXT: ["v=spf1 ip4:198.51.100.7 -all"] } },
    expected: ["note dmarc.spf-alignment"],
  },
  {
    because: "bounces go to another organization, and nothing is signed",
    senders: { ...UNSIGNED, envelope: "b@bounce.test" },
    zone: { "bounce.test": { MX: ["1 mx.acme.test"], TXT: ["v=spf1 ip4:198.51.100.7 -all"] } },
    expected: ["note dkim.unsigned", "warning dmarc.spf-alignment"],
  },

  {
    because: "From does not exist",
    senders: { from: "a@gone.test", envelope: "a@acme.test", dkim: undefined },
    expected: ["error domain.unreachable", "note dkim.unsigned", "warning dmarc.missing"],
  },
  {
    because: "the domain accepts no mail",
    zone: { "acme.test": { ...GOOD["acme.test"], MX: ["0 ."] } },
    expected: ["warning domain.takes-no-mail"],
  },
  {
    because: "the domain has no MX but an address",
    zone: { "acme.test": { A: ["192.0.2.1"], TXT: GOOD["acme.test"]!.TXT! } },
    expected: ["note domain.no-mx"],
  },
  {
    because: "the domain has neither",
    zone: { "acme.test": { TXT: GOOD["acme.test"]!.TXT! } },
    expected: ["warning domain.unreachable"],
  },
  {
    because: "the MX has no address",
    zone: { "mx.acme.test": {} },
    expected: ["warning domain.unreachable"],
  },
  {
    because: "replies cannot arrive",
    senders: { replyTo: "a@gone.test" },
    expected: ["error domain.unreachable"],
  },
];
