/** For good: nobody gets mail there. For now: the next mail may arrive. */
export type Verdict = "hard" | "soft";

/** What a report says of one failure. */
export interface Diagnosis {
  readonly verdict: Verdict;
  /** The enhanced status code (RFC 3463) that decided, or the best there is; undefined where none was given. */
  readonly status: string | undefined;
  /** The reply code of the SMTP server that refused (RFC 5321, 4.2), where it is told. */
  readonly code: number | undefined;
  /** The server's words. */
  readonly diagnostic: string;
}

/**
 * Enhanced status codes that say, each by its own definition, that the mailbox or its domain takes no mail: the address is
 * at fault. All others speak of the mail, its sender, the system or the way there, or of a time: they are soft.
 */
const OF_THE_ADDRESS: ReadonlyMap<string, string> = new Map([
  ["5.1.1", "bad destination mailbox address (RFC 3463, 3.2)"],
  ["5.1.2", "bad destination system address: no such domain (RFC 3463, 3.2)"],
  ["5.1.3", "bad destination mailbox address syntax (RFC 3463, 3.2)"],
  ["5.1.6", "destination mailbox has moved, no forwarding address (RFC 3463, 3.2)"],
  ["5.1.10", "recipient address has null MX (RFC 7505, 4.2); Exchange: recipient not found"],
  ["5.2.1", "mailbox disabled, not accepting messages (RFC 3463, 3.3)"],
  ["5.4.4", "unable to route: no such host or domain (RFC 3463, 3.5)"],
  ["5.4.310", "DNS domain does not exist (Exchange Online)"],
  ["5.7.17", "mailbox owner has changed (RFC 7293, 14)"],
  ["5.7.18", "domain owner has changed (RFC 7293, 14)"],
]);

/** Words of servers, looked at only where no code decides. What is about us or about room comes first. */
const SOFT_WORDS =
  /\b(?:spam|blacklist(?:ed)?|black list|block(?:ed|list|listed)|reputation|polic(?:y|ies)|dnsbl|rbl|spamhaus|dmarc|dkim|spf|greylist(?:ed|ing)?|quota|mailbox (?:is )?full|full mailbox|insufficient|exceed(?:s|ed)?|too (?:large|big|many)|over ?(?:the )?(?:limit|storage)|virus|content (?:reject\w*|filter\w*)|relaying|relay (?:access )?denied|not allowed|authenticat(?:ed|ion)|try (?:again|later)|tempora(?:ry|rily)|timed? ?out|loop|too many hops)\b/i;

const HARD_WORDS = new RegExp(
  [
    "user (?:is )?unknown",
    "unknown (?:user|addressee|local|recipient|mailbox|address|or illegal alias)",
    "(?:recipient|addressee|account) (?:address |name )?(?:is )?(?:unknown|not recogni[sz]ed)",
    "no such (?:user|mailbox|recipient|address|account|person|domain|host|local)",
    "(?:user|mailbox|recipient|account|address|domain|host)\\b.{0,80}\\b(?:does ?n[o']t|did not) exist",
    "does ?n[o']t have an? .{0,60}\\baccount",
    "(?:user|mailbox|recipient|account|address)\\b.{0,80}\\bnot? ?(?:be )?found",
    "(?:host|domain)(?: or domain)?(?: name)?\\b.{0,60}\\bnot found",
    "unroute?able (?:mail )?(?:address|domain)",
    "no mailbox here",
    "not a valid (?:mailbox|user|recipient|address)",
    "invalid (?:.{0,20})?(?:recipient|mailbox|user ?id|user|address)",
    "not listed in",
    "mailbox (?:is )?(?:unavailable|disabled|inactive|deactivated)",
    "(?:account|user|mailbox|address)\\b.{0,60}\\b(?:disabled|inactive|deactivated|deleted|terminated|closed|suspended|no longer)",
    "recipient (?:address )?(?:not|rejected: (?:user|recipient|address)|no longer)",
    "not (?:our|a) (?:customer|known user)",
    "no (?:valid )?(?:recipients?|account) (?:by|with|of) (?:that|this) name",
    "couldn't find any host named",
    "unknown address error",
  ].join("|"),
  "i",
);

/** Class, subject and detail (RFC 3463, 2), and not a part of an IP address or a version ("Exim 4.94.2"). */
const ENHANCED = /(?<![\d.])[45]\.[0-7]\.\d{1,3}(?![\d.]*\d)/g;
const REPLY = /(?<![\d.])[45]\d\d(?=[\s-]|$)/;
/** Words looked at; a server's reply has 512 octets at most (RFC 5321, 4.5.3.1.5). */
const MOST_WORDS = 1_000;

/**
 * Judges a failure: by the enhanced code of the report; where that says nothing of its own ("5.0.0") or is missing, by the
 * one in the server's words; where there is none either, by those words. What nobody can tell is soft.
 *
 * @param status The Status field of RFC 3464, 2.3.4, or "".
 * @param words Diagnostic-Code or what stands for it.
 */
export function diagnose(status: string, words: string): Diagnosis {
  const said = words.replaceAll(/\s+/g, " ").trim().slice(0, MOST_WORDS);
  const codes = `${status} ${said}`.match(ENHANCED) ?? [];
  const telling = codes.find((code) => !isUndefined(code));
  const reply = REPLY.exec(said)?.[0];
  return {
    verdict: telling === undefined
      ? verdictOfWords(codes[0] ?? reply ?? "", said)
      : verdictOfCode(telling, reply),
    status: telling ?? codes[0],
    code: reply === undefined ? undefined : Number(reply),
    diagnostic: said,
  };
}

function verdictOfCode(status: string, reply: string | undefined): Verdict {
  if (OF_THE_ADDRESS.has(status)) return "hard";
  // Exchange Online's edge for unknown recipients; RFC 3463 has x.4.1 for a host that does not answer, which is no 550.
  return status === "5.4.1" && reply === "550" ? "hard" : "soft";
}

function verdictOfWords(code: string, words: string): Verdict {
  if (code.startsWith("4") || SOFT_WORDS.test(words)) return "soft";
  return HARD_WORDS.test(words) ? "hard" : "soft";
}

/** "Other or undefined status" of its subject (RFC 3463, 3): what cannot be told by it is told by the words. */
function isUndefined(code: string): boolean {
  return code.endsWith(".0");
}
