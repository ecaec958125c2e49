import { LATER_HINT } from "./reply_rules.ts";
import type { Reply } from "../../model/reply.ts";

/** What is known about an enhanced status code, and what to do about it. docs/relays.md names the sources. */
interface KnownCode {
  /** Without its first digit. */
  readonly detail: RegExp;
  /** Applies only to 5yz: as a 4yz it is mostly greylisting, or the server's own state. */
  readonly permanent?: true;
  readonly means: string;
  readonly next: string;
}

const SENDER = "Use a From address (or envelope sender) that this account may send as";
const QUOTA = "Run again when the quota is renewed, or ask for a higher one";

/** First match wins. */
const KNOWN: readonly KnownCode[] = [
  {
    detail: /^1\.[78]$/,
    means:
      "RFC 3463, 3.2: the sender's address is not valid here; at Microsoft, the account is blocked",
    next: SENDER,
  },
  {
    detail: /^1\.90$/,
    means: "Microsoft: the account has reached its daily limit of recipients",
    next: QUOTA,
  },
  {
    detail: /^1\.0$/,
    permanent: true,
    means: "RFC 3463, 3.2: something about an address, which may be the sender's",
    next: SENDER,
  },
  {
    detail: /^2\.0$/,
    permanent: true,
    means: "Microsoft: the account may not send as the From address, or has reached a quota",
    next: `${SENDER}, or run again when the quota is renewed`,
  },
  {
    detail: /^2\.2$/,
    means:
      "RFC 3463, 3.3: a mailbox is full; at Microsoft, it may be the sender's own, or its quota",
    next: "Check the sending account's mailbox and quota",
  },
  {
    detail: /^2\.25[1-5]$/,
    means:
      "Microsoft: the sender is throttled after many errors (252: may not send as the From address)",
    next: `${SENDER}, and wait`,
  },
  {
    detail: /^4\.5$/,
    means: "RFC 3463, 3.5: congestion; at Gmail, the account has reached its daily limit",
    next: QUOTA,
  },
  {
    detail: /^(?:4\.1|7\.64)$/,
    means: "Microsoft: relay access denied, or no such recipient",
    next: "Check that this machine or account may send through the relay",
  },
  {
    detail: /^(?:4\.6|4\.14)$/,
    means: "RFC 3463, 3.5: a routing loop",
    next: "Check the relay's routes; it may be the wrong host",
  },
  {
    detail: /^5\.3$/,
    means: "RFC 3463, 3.6: too many recipients within the relay's period",
    next: QUOTA,
  },
  {
    detail: /^7\.(?:2[0-79]|30|509|515)$/,
    means: "RFC 7372 and the providers' rules: SPF, DKIM, DMARC or reverse DNS of the sender",
    next: "Check SPF, DKIM and DMARC of the From domain and the reputation of the sending address",
  },
  {
    detail: /^7\.(?:28|508)$/,
    means: "Gmail and Microsoft: too many mails from this address or network",
    next: "Send more slowly (--rate), and check the reputation of the sending address",
  },
  {
    detail: /^7\.23[23]$/,
    means: "Microsoft: the tenant has reached its daily limit of external recipients",
    next: QUOTA,
  },
  {
    detail: /^7\.(?:0|1|8|9|57|60)$/,
    permanent: true,
    means:
      "RFC 3463, 3.8: delivery is not authorized: the login, the network or the sender is not allowed, or the content is not",
    next:
      "Check that this machine or account may send through the relay (user, password, allowed networks, From address)",
  },
  {
    detail: /^7\.(?:50[1-3]|511|6\d\d|70[58]|750)$/,
    means: "Microsoft: the account, the tenant or the sending address is banned",
    next: "Check the state of the account with the provider",
  },
  {
    detail: /^(?:2\.3|3\.4)$/,
    means: "RFC 3463, 3.3 and 3.4: the message is larger than the mailbox or the relay accepts",
    next: "Make it smaller; `email-dispatcher check` shows its size",
  },
  {
    detail: /^6\.\d+$/,
    means: "RFC 3463, 3.7: the content or its encoding is refused",
    next: "Examine the message with `email-dispatcher check`",
  },
];

const UNKNOWN =
  "Check that this machine or account may send through the relay (user, password, allowed networks, From address, quota).";

/** Returns a hint for a refusal that everybody gets: what is known about its code, and the next step. */
export function hintOf({ code, enhanced }: Reply): string {
  const detail = enhanced?.slice(2) ?? "";
  const known = KNOWN.find((one) =>
    one.detail.test(detail) && (code >= 500 || one.permanent !== true)
  );
  if (known === undefined) return code < 500 ? LATER_HINT : UNKNOWN;
  return `${enhanced}: ${known.means}. ${known.next}.`;
}
