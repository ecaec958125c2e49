import type { Senders } from "../../src/check/domain/senders.ts";
import type { Zone } from "../support/dns_server.ts";
import { GOOD } from "./good_domain.ts";

/** What is changed in `GOOD` and `SENDERS`, and the findings that result. */
export interface DomainCase {
  readonly because: string;
  readonly zone?: Zone;
  readonly senders?: Partial<Senders>;
  readonly expected: readonly string[];
}

/** The record of acme.test with another SPF. */
export const spf = (...records: string[]): Zone => ({
  "acme.test": { ...GOOD["acme.test"], TXT: records },
});
const includes = Array.from({ length: 11 }, (_, at) => `include:i${at}.test`).join(" ");
const many: Zone = Object.fromEntries(
  Array.from({ length: 11 }, (_, at) => [`i${at}.test`, { TXT: ["v=spf1 ip4:198.51.100.7 -all"] }]),
);

export const UNSIGNED = { dkim: undefined };
export const SMALL = { recipients: 100 };

/** Cases of SPF. */
export const SPF_CASES: readonly DomainCase[] = [
  {
    because: "there is no SPF, and many recipients",
    zone: spf("nothing"),
    expected: ["warning spf.missing"],
  },
  {
    because: "there is no SPF, but a signature, and few recipients",
    zone: spf(),
    senders: SMALL,
    expected: ["note spf.missing"],
  },
  {
    because: "there are two SPF records",
    zone: spf("v=spf1 -all", "v=spf1 ~all"),
    expected: ["warning spf.several"],
  },
  {
    because: "SPF has an invalid term",
    zone: spf("v=spf1 ipv4:198.51.100.7 -all"),
    expected: ["warning spf.broken"],
  },
  {
    because: "SPF includes a missing record",
    zone: spf("v=spf1 ip4:198.51.100.7 include:gone.test -all"),
    expected: ["warning spf.broken"],
  },
  {
    because: "SPF needs 11 lookups, and the relay is not matched before",
    zone: { ...spf(`v=spf1 ${includes} -all`), ...many },
    expected: ["warning spf.lookups"],
  },
  {
    because: "SPF looks up names that do not exist",
    zone: spf("v=spf1 ip4:198.51.100.7 a:x.test a:y.test mx:z.test -all"),
    expected: ["warning spf.void-lookups"],
  },
  {
    because: "SPF is in quotes",
    zone: spf('"v=spf1 ip4:198.51.100.7 -all"'),
    expected: ["warning spf.broken"],
  },
  {
    because: "SPF is padded",
    zone: spf(" v=spf1 ip4:198.51.100.7 -all"),
    expected: ["warning spf.broken"],
  },
  {
    because: "SPF has terms after all",
    zone: spf("v=spf1 ip4:198.51.100.7 -all include:gone.test"),
    expected: ["warning spf.ignored"],
  },
  {
    because: "SPF allows all of IPv4",
    zone: spf("v=spf1 ip4:0.0.0.0/0 -all"),
    expected: ["warning spf.open"],
  },
  {
    because: "SPF includes a record that allows everybody",
    zone: { ...spf("v=spf1 include:open.test -all"), "open.test": { TXT: ["v=spf1 +all"] } },
    expected: ["warning spf.open"],
  },
  {
    because: "SPF names domains by macros",
    zone: spf("v=spf1 a:%{d} exists:%{h} ip4:198.51.100.7 -all"),
    expected: [],
  },
  { because: "SPF allows everybody", zone: spf("v=spf1 +all"), expected: ["warning spf.open"] },
  {
    because: "SPF does not end in all",
    zone: spf("v=spf1 ip4:198.51.100.7"),
    expected: ["note spf.neutral"],
  },
  {
    because: "SPF uses ptr",
    zone: spf("v=spf1 ip4:198.51.100.7 ptr -all"),
    expected: ["note spf.ptr"],
  },
  {
    because: "SPF does not allow a provider's address",
    zone: spf("v=spf1 ip4:192.0.2.1 -all"),
    expected: ["note spf.relay"],
  },
  {
    because: "SPF does not allow our own relay's address",
    zone: spf("v=spf1 ip4:192.0.2.1 -all"),
    senders: { relays: ["mx.acme.test", "203.0.113.9"] },
    expected: ["warning spf.relay", "warning spf.relay"],
  },
  {
    because: "an include cannot be looked up",
    zone: { ...spf("v=spf1 ip4:198.51.100.7 include:ill.test -all"), "ill.test": { fails: 2 } },
    expected: ["warning spf.unknown"],
  },
];
