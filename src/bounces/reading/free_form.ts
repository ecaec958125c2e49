import { readDeliveryStatus, type RecipientStatus } from "./delivery_status.ts";
import { fieldsOf, headOf, isReturned, type ParsedMessage } from "./parsed_message.ts";
import { addressesIn, namedRecipients } from "./named_recipients.ts";
import { isOurAddress } from "../matching/our_addresses.ts";
import { diagnose, type Diagnosis } from "./status.ts";

// Reports in prose. Only what a program always writes is recognised, and only where it writes it: a person who quotes a report
// does not make one.

/** Where the returned mail begins, in the words of many programs. */
const RETURNED =
  /^[-_*= ]{2,}(?:start of |begin(?:ning)? of |this is (?:a|the) (?:copy|body)|below this line|(?:body of )?(?:the )?(?:original|returned|unsent|forwarded|undelivered)(?: message)?\b|message (?:header|text|body)|(?:enclosed|included) (?:is|are))|^(?:original message (?:follows|headers?)|(?:here|included) is (?:a|the) copy|below is a copy of|reporting-mta:|return-path:|received: ?(?:from|by)\b|original message:)/im;
/** How the reports of mail servers begin. */
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
  // Notes
  /^failure reasons/i,
  // Notices about one mail
  /^(?:we had trouble delivering your message|message could not be delivered|unknown user: |your mail sent on|we'?re sorry\b)/i,
];
/** Lines of punctuation before the first word. */
const RULERS = /^[-=_*#\s]+/;

/** The mail is not lost: the server continues trying. */
const DELAYED =
  /has not yet been delivered|attempts will continue|will (?:continue to|keep) (?:try|be (?:attempted|retried))|still being (?:retried|attempted)|no action is required on your part|this is (?:just )?a warning|do not need to resend|could not (?:yet )?be delivered for \d+ hours/i;

/** How many characters of a text, and of a subject, are searched. */
const LONGEST_OPENING = 1_000;
const LONGEST_SUBJECT = 1_000;

/** Addresses that mail servers write from. */
const DAEMON =
  /^\s*<>\s*$|\b(?:mailer[-_. ]?daemon|post[-_]?master|mail[-_. ]?delivery|maildelivery|mail delivery (?:sub)?system|mdaemon)\b/i;
const SUBJECT =
  /undeliver(?:able|ed)|deliver(?:y|ed)?\b.{0,40}\b(?:fail|problem|error)|fail(?:ed|ure)\b.{0,40}\b(?:notice|deliver|notification|mail)|returned (?:mail|to sender)|delivery status notification|error sending your (?:mail|message)|non[- ]?(?:delivery|remis)|mail (?:system )?error|unzustellbar|not delivered|could not be delivered/i;

/** What a report in prose says; undefined where it is not a report by a mail server. */
export function readFreeForm(
  message: ParsedMessage,
): readonly RecipientStatus[] | "delayed" | undefined {
  const text = message.text.trim();
  const listed = message.headers("x-failed-recipients").flatMap((value) => addressesIn(value));
  // Anybody can begin a mail with a server's words, so two of three marks are required. A null return path is not one of them:
  // absence notes have it as well.
  const marks = [
    hasOpening(text),
    DAEMON.test(message.header("from")),
    SUBJECT.test(message.subject.slice(0, LONGEST_SUBJECT)),
  ];
  if (listed.length === 0 && marks.filter((mark) => mark).length < 2) return undefined;
  const body = ownText(text);
  if (DELAYED.test(body)) return "delayed";
  // Some put the machine-readable part into the text, or use wrong delimiters.
  const fields = readDeliveryStatus(text);
  if (fields.length > 0) return withReasons(fields, text);
  const isOurs = isOurAddress(message);
  const named = namedRecipients(body, listed, isOurs);
  if (named.length === 0) return readReturnedMail(message, text, isOurs);
  return named.map(({ address, words }) => ({
    addresses: [address],
    action: "failed",
    // A text about one recipient can give the reason elsewhere.
    diagnosis: named.length === 1 ? diagnoseWithin(body, words) : diagnose("", words),
  }));
}

/** Judges by some words of a text first, then by the whole of it. */
function diagnoseWithin(text: string, words: string): Diagnosis {
  const { diagnostic } = diagnose("", words);
  const whole = diagnose("", words.length >= text.trim().length ? words : `${words}\n${text}`);
  return { ...whole, diagnostic: diagnostic === "" ? whole.diagnostic : diagnostic };
}

/**
 * Reads a report that names nobody in its text. What it returns may be another server's report, wrapped by a gateway;
 * otherwise it is our mail, and the report is about its addressee.
 */
function readReturnedMail(
  message: ParsedMessage,
  text: string,
  isOurs: (address: string) => boolean,
): readonly RecipientStatus[] | undefined {
  const body = ownText(text);
  const parts = message.parts.filter(({ type }) => isReturned(type)).map((part) => part.text);
  const rest = text.slice(body.length).replace(/^[^\n]*\n\s*/, "");
  for (const mail of [...parts, rest]) {
    const fields = fieldsOf(headOf(mail));
    if (DAEMON.test(fields.get("from") ?? "")) {
      const statuses = readDeliveryStatus(mail);
      if (statuses.length > 0) return withReasons(statuses, mail);
    }
    const to = addressesIn(fields.get("to") ?? "");
    if (to.length === 1 && !fields.has("cc") && !isOurs(to[0]!)) {
      return [{ addresses: to, action: "failed", diagnosis: diagnose("", body) }];
    }
  }
  return undefined;
}

/** Where the machine-readable part gives only a Status, which is somebody's interpretation, the prose can give the reason. */
export function withReasons(
  statuses: readonly RecipientStatus[],
  text: string,
): readonly RecipientStatus[] {
  const isOpen = ({ diagnosis }: RecipientStatus) => diagnosis.diagnostic === "";
  if (!statuses.some(isOpen)) return statuses;
  const addresses = new Set(
    statuses.flatMap((one) => one.addresses.map((address) => address.toLowerCase())),
  );
  const named = namedRecipients(ownText(text), [], (address) => !addresses.has(address));
  return statuses.map((one) => {
    const written = one.addresses.map((address) => address.toLowerCase());
    const words = named.find(({ address }) => written.includes(address))?.words;
    if (!isOpen(one) || words === undefined) return one;
    return { ...one, diagnosis: diagnose(one.diagnosis.status ?? "", words) };
  });
}

/** The text without the returned mail. */
function ownText(text: string): string {
  const end = text.search(RETURNED);
  return end < 1 ? text : text.slice(0, end);
}

function hasOpening(text: string): boolean {
  const start = text.slice(0, LONGEST_OPENING).replace(RULERS, "");
  return OPENINGS.some((opening) => opening.test(start));
}
