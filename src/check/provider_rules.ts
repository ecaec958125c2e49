/** Recipients of one campaign above which the rules for bulk senders apply: Gmail and Microsoft count mails a day. */
export const BULK = 5_000;
/** The same in words. */
export const BULK_TEXT = "over 5,000 mails a day";

// Rules of the large mailbox providers, as findings cite them.
export const GMAIL = "Gmail's sender guidelines (support.google.com/mail/answer/81126)";
export const YAHOO = "Yahoo's sender requirements (senders.yahooinc.com/best-practices)";
export const MICROSOFT = "Microsoft's rules for bulk senders (since May 2025, 550 5.7.515)";

/** Mailbox providers that publish a DMARC policy for their users' addresses, and the names of their own relays. */
const MAILBOX_PROVIDERS: readonly { readonly domains: RegExp; readonly relays: RegExp }[] = [
  { domains: /^(?:gmail|googlemail)\.com$/, relays: /(?:^|\.)(?:gmail|google|googlemail)\.com$/ },
  {
    domains: /^(?:yahoo\.[a-z.]+|ymail\.com|aol\.com)$/,
    relays: /(?:^|\.)(?:yahoo|aol)\.[a-z.]+$/,
  },
  {
    domains: /^(?:outlook|hotmail|live|msn)\.[a-z.]+$/,
    relays: /(?:^|\.)(?:outlook|hotmail|office365|live)\.com$/,
  },
  { domains: /^(?:icloud|me|mac)\.com$/, relays: /(?:^|\.)me\.com$/ },
  { domains: /^gmx\.[a-z.]+$/, relays: /(?:^|\.)gmx\.[a-z.]+$/ },
  { domains: /^web\.de$/, relays: /(?:^|\.)web\.de$/ },
  { domains: /^(?:mail|bk|inbox|list)\.ru$/, relays: /(?:^|\.)mail\.ru$/ },
  { domains: /^(?:yandex\.[a-z.]+|ya\.ru)$/, relays: /(?:^|\.)yandex\.[a-z.]+$/ },
  {
    domains: /^(?:proton|protonmail)\.(?:me|com|ch)$/,
    relays: /(?:^|\.)(?:proton|protonmail)\.[a-z]+$/,
  },
];

/** Returns the relays that are not the domain's own, where it belongs to a mailbox provider; otherwise none. */
export function foreignRelays(domain: string, relays: readonly string[]): readonly string[] {
  const provider = MAILBOX_PROVIDERS.find(({ domains }) => domains.test(domain));
  if (provider === undefined) return [];
  return relays.filter((host) => !provider.relays.test(host.toLowerCase()));
}
