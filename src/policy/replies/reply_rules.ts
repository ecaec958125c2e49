import type { Stage } from "../../model/attempt.ts";
import type { ReplyMeaning } from "./reply_meaning.ts";

interface Rule {
  readonly because: string;
  /** Stages to which it applies; undefined for all. */
  readonly stages?: readonly Stage[];
  readonly codes?: readonly number[];
  /** First digit of the code. */
  readonly class?: 4 | 5;
  /** Enhanced codes without their first digit: "7.26" matches 5.7.26 and 4.7.26. */
  readonly enhanced?: RegExp;
  readonly means: ReplyMeaning;
}

const AUTH_HINT =
  "Check the user and SMTP_PASSWORD, and that the account may send through this relay.";
const POLICY_HINT =
  "Check SPF, DKIM and DMARC of the From domain and the reputation of the sending address, then run again to continue.";
const SENDER_HINT = "Check that the relay lets this account send as the From address.";
const HOST_HINT =
  "The relay accepts no mail from this machine. Check its address, name and access list.";
const HELO_HINT = "Set a name that the relay accepts with ?name=HOST in the SMTP URL.";
const SECURITY_HINT = "The relay requires TLS or a login. Check the SMTP URL (smtps://, user@).";

/** For a 4yz without a known code. */
export const LATER_HINT = "The relay says that this is temporary. Run again later.";

const BEFORE_MAIL: readonly Stage[] = ["connect", "greeting", "ehlo", "starttls", "auth"];

/** First match wins. Matches by code, enhanced code and stage, never by text. */
export const RULES: readonly Rule[] = [
  {
    because:
      "421 closes the channel at any stage (RFC 5321, 3.8): too many connections, or a restart",
    codes: [421],
    means: { kind: "slow-down", of: "connections" },
  },
  {
    because:
      "RSET is never refused because of a mail (RFC 5321, 4.1.1.5): this is how Exim ends a session after too many commands",
    stages: ["rset"],
    means: { kind: "session" },
  },
  {
    because:
      "4.3.2 with any 4yz: system not accepting messages; with 432, the connection limit of Exchange Online",
    stages: ["greeting", "ehlo", "mail", "rcpt", "data", "body"],
    codes: [432],
    means: { kind: "slow-down", of: "connections" },
  },
  {
    because: "432 in AUTH: a password transition is needed (RFC 4954, 6), which no retry fixes",
    stages: ["auth"],
    codes: [432],
    means: { kind: "refuses-us", why: "login", hint: AUTH_HINT },
  },
  {
    because: "454 in AUTH or STARTTLS is temporary (RFC 4954, 6; RFC 3207, 4)",
    stages: BEFORE_MAIL,
    class: 4,
    means: { kind: "slow-down", of: "connections" },
  },
  {
    because: "login required, wrong or too weak (RFC 4954, 6)",
    codes: [530, 534, 535, 538],
    means: { kind: "refuses-us", why: "login", hint: AUTH_HINT },
  },
  {
    because: "no service for us (RFC 7504)",
    stages: ["greeting"],
    class: 5,
    means: { kind: "refuses-us", why: "refused-by-relay", hint: HOST_HINT },
  },
  {
    because: "our HELO name is refused (RFC 5321, 4.3.2)",
    stages: ["ehlo"],
    class: 5,
    means: { kind: "refuses-us", why: "refused-by-relay", hint: HELO_HINT },
  },
  {
    because: "TLS is not available",
    stages: ["starttls"],
    class: 5,
    means: { kind: "refuses-us", why: "tls", hint: SECURITY_HINT },
  },
  {
    because: "the server does not accept our login",
    stages: ["auth"],
    class: 5,
    means: { kind: "refuses-us", why: "login", hint: AUTH_HINT },
  },
  {
    because: "the server keeps asking after the login was cancelled (RFC 4954, 4)",
    stages: ["auth"],
    codes: [334],
    means: { kind: "refuses-us", why: "login", hint: AUTH_HINT },
  },
  {
    because:
      "quotas and rates of the sender by enhanced code: x.4.5 (RFC 3463, 3.5; Gmail's daily limit), Microsoft's daily recipients (5.1.90, 5.7.232, 5.7.233), throttled senders (5.2.251 to 5.2.255) and ranges (5.7.508), Gmail's rate of unsolicited mail (5.7.28)",
    class: 5,
    enhanced: /^(?:4\.5|1\.90|2\.25[1-5]|7\.(?:28|23[23]|508))$/,
    means: { kind: "limit" },
  },
  {
    because: "too many recipients (RFC 3463, 3.6): per transaction at RCPT, per period here",
    stages: ["mail", "data", "body"],
    class: 5,
    enhanced: /^5\.3$/,
    means: { kind: "limit" },
  },
  {
    because:
      "the sender's address or domain cannot be verified now (RFC 3463, 3.2: x.1.7, x.1.8): not about a recipient",
    stages: ["mail", "rcpt", "data", "body"],
    class: 4,
    enhanced: /^1\.[78]$/,
    means: { kind: "limit" },
  },
  {
    because:
      "the sender's address or domain is refused (RFC 3463, 3.2: x.1.7, x.1.8; Microsoft 5.1.8: a blocked account)",
    stages: ["rcpt", "data", "body"],
    class: 5,
    enhanced: /^1\.[78]$/,
    means: { kind: "refuses-us", why: "sender", hint: SENDER_HINT },
  },
  {
    because:
      "authentication and reputation of the sending domain and address (RFC 7372; Gmail 5.7.25 to 5.7.30, Microsoft 5.7.509, 5.7.515): the same for everybody",
    class: 5,
    enhanced: /^7\.(?:2[5-79]|30|509|515)$/,
    means: { kind: "refuses-us", why: "sender", hint: POLICY_HINT },
  },
  {
    because:
      "the message is too large or cannot be carried (RFC 1870, 6; RFC 6531, 3.5); another one may be accepted",
    stages: ["mail"],
    codes: [552],
    means: { kind: "suspicion" },
  },
  {
    because:
      "message too big or its content cannot be carried, by enhanced code (RFC 3463, 3.4, 3.7)",
    stages: ["mail"],
    class: 5,
    enhanced: /^(?:3\.4|2\.3|6\.\d+)$/,
    means: { kind: "suspicion" },
  },
  {
    because: "policy at MAIL: about the sender, which is us",
    stages: ["mail"],
    class: 5,
    enhanced: /^7\.\d+$/,
    means: { kind: "refuses-us", why: "sender", hint: POLICY_HINT },
  },
  {
    because: "any other refusal of the envelope sender: the same for everybody",
    stages: ["mail"],
    class: 5,
    means: { kind: "refuses-us", why: "sender", hint: SENDER_HINT },
  },
  {
    because: "4yz at MAIL: no recipient is known yet, so it is our pace or the server's state",
    stages: ["mail"],
    class: 4,
    means: { kind: "slow-down", of: "rate" },
  },
  {
    because:
      "too many recipients for one transaction (RFC 5321, 4.5.3.1.10): the next transaction takes it",
    stages: ["rcpt"],
    codes: [452, 552],
    enhanced: /^5\.3$/,
    means: { kind: "slow-down", of: "rate" },
  },
  {
    because: "mailbox full (4.2.2) and the like are this recipient's, although the code is 452",
    class: 4,
    enhanced: /^2\.\d+$/,
    means: { kind: "later" },
  },
  {
    because: "rate and congestion by enhanced code: 4.3.1, 4.3.2, 4.4.5, 4.5.3, Gmail's 4.7.28",
    class: 4,
    enhanced: /^(?:3\.[12]|4\.5|7\.28|5\.3)$/,
    means: { kind: "slow-down", of: "rate" },
  },
  {
    because: "452 and 454 without a known enhanced code: the server is short of some resource",
    codes: [452, 454],
    means: { kind: "slow-down", of: "rate" },
  },
  {
    because:
      "any other 4yz is about this recipient or this message: greylisting (RFC 6647), a busy mailbox, a local error",
    class: 4,
    means: { kind: "later" },
  },
  {
    because:
      "there is no such mailbox or domain, or it has moved (RFC 3463, 3.2), or it is disabled (3.3): it cannot be about us. A full mailbox (5.2.2) can: Microsoft also means the sender's own",
    stages: ["rcpt", "data", "body"],
    class: 5,
    enhanced: /^(?:1\.(?:[1-36]|10)|2\.1)$/,
    means: { kind: "recipient" },
  },
  {
    because:
      "any other 5yz may be about this recipient, this message or us: 554 5.7.1 is a suppressed recipient at one relay and a missing login at another, and so is 550 without an enhanced code",
    class: 5,
    means: { kind: "suspicion" },
  },
];
