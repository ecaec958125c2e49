import type { RecipientStatus } from "./delivery_status.ts";
import type { Letter } from "./letter.ts";
import { diagnose } from "./status.ts";

// Reports that are text for people. What is read is what the program that wrote it always writes, at the place where it
// writes it: a person who quotes a report does not make one.

/** Letters of an address in a text; who it is decides the ledger. */
const ADDRESS = /[^\s<>()[\]:;,"'`|]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?/i;
const ADDRESS_LINE = new RegExp(
  `^[ \\t>]{0,8}(?:<(${ADDRESS.source})>|(${ADDRESS.source}))[ \\t]*(?:(?:[:;(]| on ).*)?$`,
  "i",
);
/** Where the mail that came back begins, in the words of many. */
const RETURNED =
  /^[-_*= ]{2,}(?:start of |begin(?:ning)? of |this is (?:a|the) (?:copy|body)|below this line|(?:body of )?(?:the )?(?:original|returned|unsent|forwarded|undelivered)(?: message)?\b|message (?:header|text|body)|(?:enclosed|included) (?:is|are))|^(?:original message (?:follows|headers?)|(?:here|included) is (?:a|the) copy|reporting-mta:|return-path:)/im;
/** Lines of reasons that are read below an address. */
const MOST_LINES = 12;
const MOST_RECIPIENTS = 20;

/** How the texts of mail servers begin. */
const OPENINGS: readonly RegExp[] = [
  // qmail
  /^hi\. this is (?:the|deliver|an?)\b/i,
  // Exim
  /^this message was created automatically by (?:the )?mail delivery (?:software|system)/i,
  /^a message that you (?:have )?sent (?:could not be|had not|contained)/i,
  // Sendmail
  /^the original message was received at /i,
  // Postfix
  /^this is the (?:postfix program|mail system|.{1,40} mail system) at host /i,
  // Exchange
  /^(?:your message\b|delivery has failed to these recipients|the following recipients? can(?:no|')t be reached|.{0,80}wasn't delivered to)/i,
  // Yahoo
  /^(?:message from |sorry, we were unable to deliver your message)/i,
  // IIS, GMX, MailEnable and others
  /^this is an automatically generated delivery status notification/i,
  /^(?:your|the) (?:e-?)?mail (?:message )?(?:to|for) the following recipients? could not be delivered/i,
  /^(?:unable to deliver|could not deliver|delivery to the following|the following (?:addresses|recipients?) (?:had|has|have|failed))/i,
  /^failed recipients? ?:/i,
];

/** A mail that waits; it is not lost, and the server goes on. */
const WAITS =
  /has not yet been delivered|attempts will continue|will (?:continue to|keep) (?:try|be (?:attempted|retried))|still being (?:retried|attempted)|no action is required on your part|this is (?:just )?a warning|do not need to resend|could not (?:yet )?be delivered for \d+ hours/i;

/** Who speaks for a mail server. */
const DAEMON =
  /\b(?:mailer[-_. ]?daemon|postmaster|mail[-_. ]?delivery|maildelivery|mail delivery (?:sub)?system|mdaemon)\b/i;
const SUBJECT =
  /undeliver(?:able|ed)|deliver(?:y|ed)?\b.{0,40}\b(?:fail|problem|error)|fail(?:ed|ure)\b.{0,40}\b(?:notice|deliver|notification|mail)|returned (?:mail|to sender)|non[- ]?(?:delivery|remis)|mail (?:system )?error|unzustellbar|not delivered|could not be delivered/i;

/** What a text for people says; undefined where it is no report of a mail server. */
export function readFreeForm(letter: Letter): readonly RecipientStatus[] | "delayed" | undefined {
  const text = letter.text.trim();
  const named = letter.headers("x-failed-recipients").flatMap((value) => addressesIn(value));
  const isForm = OPENINGS.some((opening) => opening.test(text));
  // Anybody can begin a mail with a server's words, so two signs of three are asked for. That nobody is to answer it
  // (a null return path) is none: absence notes have it, too.
  const signs = [isForm, DAEMON.test(letter.header("from")), SUBJECT.test(letter.subject)];
  if (named.length === 0 && signs.filter((sign) => sign).length < 2) return undefined;
  const end = text.search(RETURNED);
  const body = end < 1 ? text : text.slice(0, end);
  if (WAITS.test(body)) return "delayed";
  const recipients = recipientsOf(body, named);
  return recipients.length === 0 ? undefined : recipients;
}

/** Each address that stands at the beginning of a line, with the lines below it up to the next one. */
function recipientsOf(body: string, named: readonly string[]): readonly RecipientStatus[] {
  const words = new Map<string, string[]>();
  let present: string[] | undefined;
  for (const line of body.split("\n")) {
    const match = ADDRESS_LINE.exec(line);
    if (match !== null && words.size < MOST_RECIPIENTS) {
      const address = (match[1] ?? match[2]!).toLowerCase();
      // The reason may name the address once more.
      present = words.get(address) ?? [];
      present.push(line.slice(line.toLowerCase().indexOf(address) + address.length));
      words.set(address, present);
    } else if (present !== undefined && present.length < MOST_LINES) present.push(line);
  }
  // A text that gives no address a line of its own is about the first one it names.
  const first = words.size === 0 && named.length === 0 ? ADDRESS.exec(body) : null;
  const anywhere = first === null ? named : [first[0]];
  for (const address of anywhere) {
    if (!words.has(address.toLowerCase())) words.set(address.toLowerCase(), body.split("\n"));
  }
  return [...words].map(([address, lines]) => ({
    addresses: [address],
    action: "failed",
    diagnosis: diagnose("", lines.join("\n").replace(/^[>:;\s]+/, "")),
  }));
}

function addressesIn(text: string): readonly string[] {
  return text.split(",").slice(0, MOST_RECIPIENTS)
    .map((part) => ADDRESS.exec(part)?.[0])
    .filter((address) => address !== undefined);
}
