import type { Stage } from "../smtp/attempt.ts";
import type { Reply } from "../smtp/reply.ts";

/** What a refusing reply is about. */
export type Meaning =
  /** This recipient: failed. */
  | { readonly kind: "recipient" }
  /** The message, or something that may be us: failed, unless everybody gets it. */
  | { readonly kind: "message" }
  /** This recipient, but not for good: another try, counted. */
  | { readonly kind: "later" }
  /** We are too many or too fast: another try, not counted. */
  | { readonly kind: "slow-down"; readonly of: "connections" | "rate" }
  /** This session, whoever the recipient is: another try on a new one, not counted. */
  | { readonly kind: "session" }
  /** Us: nobody else needs to hear it. */
  | { readonly kind: "refuses-us"; readonly hint: string };

interface Rule {
  readonly because: string;
  /** Stages it holds in; undefined: all. */
  readonly stages?: readonly Stage[];
  readonly codes?: readonly number[];
  /** First digit of the code. */
  readonly class?: 4 | 5;
  /** Enhanced codes, without their first digit: "7.26" stands for 5.7.26 and 4.7.26. */
  readonly enhanced?: RegExp;
  readonly means: Meaning;
}

const AUTH_HINT =
  "check the user and SMTP_PASSWORD, and that the account may send through this relay";
const POLICY_HINT =
  "check SPF, DKIM and DMARC of the From domain and the reputation of the sending address, then run again to go on";
const SENDER_HINT = "check that the relay lets this account send as the From address";
const RELAYING_HINT =
  "check that this machine or account may send through the relay (user, password, allowed networks)";
const HOST_HINT =
  "the relay takes no mail from this machine: check its address, name and access list";
const HELO_HINT = "set a name the relay accepts with ?name=HOST in the SMTP URL";
const SECURITY_HINT = "the relay wants TLS or a login: look at the SMTP URL (smtps://, user@)";

const BEFORE_MAIL: readonly Stage[] = ["connect", "greeting", "ehlo", "starttls", "auth"];

/** First match wins. DESIGN: by code, enhanced code and stage, never by text. */
const RULES: readonly Rule[] = [
  {
    because: "421 closes the channel at any stage (RFC 5321, 3.8): too many of us, or a restart",
    codes: [421],
    means: { kind: "slow-down", of: "connections" },
  },
  {
    because:
      "RSET is never refused for a mail (RFC 5321, 4.1.1.5): Exim ends a session so that has given too many commands",
    stages: ["rset"],
    means: { kind: "session" },
  },
  {
    because:
      "4.3.2 with any 4yz: system not accepting now; 432 with it is the limit of connections of Exchange Online",
    stages: ["greeting", "ehlo", "mail", "rcpt", "data", "body"],
    codes: [432],
    means: { kind: "slow-down", of: "connections" },
  },
  {
    because: "432 in AUTH: a password transition is needed (RFC 4954, 6), which no retry mends",
    stages: ["auth"],
    codes: [432],
    means: { kind: "refuses-us", hint: AUTH_HINT },
  },
  {
    because: "454 in AUTH or STARTTLS is temporary (RFC 4954, 6; RFC 3207, 4)",
    stages: BEFORE_MAIL,
    class: 4,
    means: { kind: "slow-down", of: "connections" },
  },
  {
    because: "login wanted, wrong or too weak (RFC 4954, 6)",
    codes: [530, 534, 535, 538],
    means: { kind: "refuses-us", hint: AUTH_HINT },
  },
  {
    because: "no service for us (RFC 7504)",
    stages: ["greeting"],
    class: 5,
    means: { kind: "refuses-us", hint: HOST_HINT },
  },
  {
    because: "our HELO name is refused (RFC 5321, 4.3.2)",
    stages: ["ehlo"],
    class: 5,
    means: { kind: "refuses-us", hint: HELO_HINT },
  },
  {
    because: "no TLS to be had",
    stages: ["starttls"],
    class: 5,
    means: { kind: "refuses-us", hint: SECURITY_HINT },
  },
  {
    because: "the server and we do not agree on a login",
    stages: ["auth"],
    class: 5,
    means: { kind: "refuses-us", hint: AUTH_HINT },
  },
  {
    because: "a server that goes on asking when the login is cancelled (RFC 4954, 4)",
    stages: ["auth"],
    codes: [334],
    means: { kind: "refuses-us", hint: AUTH_HINT },
  },
  {
    because:
      "authentication and reputation of the sending domain and address (RFC 7372; Gmail 5.7.25 to 5.7.30, Microsoft 5.7.515): the same for everybody",
    class: 5,
    enhanced: /^7\.(?:2[5-9]|30|515)$/,
    means: { kind: "refuses-us", hint: POLICY_HINT },
  },
  {
    because:
      "the message is too large or cannot be carried (RFC 1870, 6; RFC 6531, 3.5), which another one may not be",
    stages: ["mail"],
    codes: [552],
    means: { kind: "message" },
  },
  {
    because:
      "message too big or its content cannot be carried, by enhanced code (RFC 3463, 3.4, 3.7)",
    stages: ["mail"],
    class: 5,
    enhanced: /^(?:3\.4|2\.3|6\.\d+)$/,
    means: { kind: "message" },
  },
  {
    because: "policy at MAIL: about the sender, which is us",
    stages: ["mail"],
    class: 5,
    enhanced: /^7\.\d+$/,
    means: { kind: "refuses-us", hint: POLICY_HINT },
  },
  {
    because: "any other refusal of the envelope sender: the same for everybody",
    stages: ["mail"],
    class: 5,
    means: { kind: "refuses-us", hint: SENDER_HINT },
  },
  {
    because: "4yz at MAIL: nobody has been named yet, so it is our pace or the server's state",
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
    because: "rate and congestion by enhanced code: 4.3.1, 4.3.2, 4.4.5, 4.5.3, 4.7.28 of Gmail",
    class: 4,
    enhanced: /^(?:3\.[12]|4\.5|7\.28|5\.3)$/,
    means: { kind: "slow-down", of: "rate" },
  },
  {
    because: "452 and 454 without a better word: the server is short of something",
    codes: [452, 454],
    means: { kind: "slow-down", of: "rate" },
  },
  {
    because:
      "any other 4yz names this recipient or this message: greylisting (RFC 6647), a busy mailbox, a local error",
    class: 4,
    means: { kind: "later" },
  },
  {
    because:
      "the mailbox or its domain does not exist, has moved, is full or closed (RFC 3463, 3.2, 3.3)",
    stages: ["rcpt", "data", "body"],
    class: 5,
    enhanced: /^(?:1\.\d+|2\.\d+|4\.[1-7])$/,
    means: { kind: "recipient" },
  },
  {
    because:
      "a 550, 551, 552 or 553 to RCPT without an enhanced code is about the mailbox (RFC 5321, 4.2.3)",
    stages: ["rcpt"],
    codes: [550, 551, 552, 553],
    enhanced: /^$/,
    means: { kind: "recipient" },
  },
  {
    because: "any other 5yz may be about this message or about us (554 5.7.1 Relay access denied)",
    class: 5,
    means: { kind: "message" },
  },
];

/**
 * Whether a reply that puts a recipient off may mean our pace instead, as it does where many come in a row: not where its
 * enhanced code names the address or the mailbox (RFC 3463, 3.2, 3.3).
 */
export function mayMeanPace({ stage, reply }: { stage: Stage; reply: Reply }): boolean {
  return judgeReply(stage, reply).kind === "later" && !/^4\.[12]\./.test(reply.enhanced ?? "");
}

/** Hint for a refusal that turned out to be about everybody. */
export const SUSPECT_HINT = RELAYING_HINT;

/** What a reply that is not what the stage wants means. A code unknown to us counts by its first digit (RFC 5321, 4.3.2). */
export function judgeReply(stage: Stage, reply: Reply): Meaning {
  const detail = reply.enhanced?.slice(2) ?? "";
  const firstDigit = Math.floor(reply.code / 100);
  const rule = RULES.find((rule) =>
    (rule.stages === undefined || rule.stages.includes(stage)) &&
    (rule.codes === undefined || rule.codes.includes(reply.code)) &&
    (rule.class === undefined || rule.class === firstDigit) &&
    (rule.enhanced === undefined || rule.enhanced.test(detail))
  );
  // A 2yz or 3yz where it does not belong is a protocol error, which the client reports as broken; if one gets here, it
  // settles nothing for good.
  return rule?.means ?? { kind: "later" };
}
