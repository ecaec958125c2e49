// Whom a report in prose is about. An address counts where the text presents it as a recipient: on a line of its own, or after
// words that introduce one. The first address in a text can be anybody's, most often the sender's.

/** A recipient that a text names, and what it says about them. */
export interface NamedRecipient {
  /** In lower case. */
  readonly address: string;
  readonly words: string;
}

/** An address in a text; whose it is, the ledger decides. */
export const ADDRESS =
  /[^\s<>()[\]:;,"'`|=*]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?(?![a-z0-9-]|\.[a-z0-9])/i;

const ADDRESSES = new RegExp(ADDRESS.source, "gi");

/** A line that begins with an address, in a list or not: `* <ann@x.test>: reason`, `"ann@x.test":`, `ann@x.test [User unknown]`. */
const ADDRESS_LINE = new RegExp(
  `^[ \\t>*]{0,12}(?:(?:recipient address|recipient) ?: ?)?["']?` +
    `(?:<(${ADDRESS.source})>|(${ADDRESS.source}))["']?[ \\t]*` +
    `(?:(?:[:;([.]|<[^>]{0,320}>| on |invalid\\b|error\\b).*)?$`,
  "i",
);
/** Sendmail's: `554 5.1.1 <ann@x.test>... User unknown`. */
const REPLY_LINE = new RegExp(
  `^[> <]{0,8}[45]\\d\\d (?:[45]\\.\\d\\.\\d{1,3} )?<(${ADDRESS.source})>\\.\\.\\.`,
  "i",
);

/** Words that introduce the recipient if none has a line of its own. */
const LEADS: readonly RegExp[] = [
  "\\brcpt to ?: ?",
  "\\b(?:rejected|refused|failed|invalid|unknown) (?:recipient|addressee)(?: address)?[ :]{0,3}",
  "\\b(?:unknown|invalid|no such|inactive) (?:local |final delivery )?(?:user|user ?id|mailbox|account|address)[ :]{0,3}",
  "\\b(?:allowed size|mailbox full|undeliverable to)[ :]{0,3}",
  "\\b(?:recipient|addressee)(?: address| is)?[ :]{1,3}",
  "\\b(?:deliver|delivered|delivering|delivery|sent|send|message|mail)\\b[^\\n]{0,50}\\b(?:to|for)\\b(?: the address| recipient| address)?[ :]{1,3}",
  "^[45]\\d\\d[ -][^\\n<@]{0,80}",
].map((lead) => new RegExp(`${lead}(?:<(${ADDRESS.source})>|["']?(${ADDRESS.source}))`, "im"));

/** Words before or after an address that refer the reader to it: a colleague, support, a new address. */
const REFERS =
  /\b(?:please|kindly) (?:send|mail|e-?mail|write|contact|use|forward|direct|resend)\b|\b(?:contact(?:ed)?|kontakt\w*|instead|wenden|redirect(?:ed)?|questions?|assistance|help|support|new (?:e-?mail )?address|moved to|reach(?:ed)? (?:me|us|him|her|them))\b|^\s*(?:re)?send\b/i;
const REFERS_BACK = /^["'>)\s]{0,4}(?:instead|from now on)\b/i;
/** How many characters before an address belong to its sentence at most. */
const SENTENCE = 200;
/** Mailboxes of those who run a server (RFC 2142, 5): they are named as contacts. */
const OF_THE_SERVER = /^(?:postmaster|mailer-daemon|hostmaster|abuse)@/;

/** How many lines below an address are read as its reason. */
const MAX_LINES = 12;
const MAX_RECIPIENTS = 20;
/** How many characters of a line are read. */
const LONGEST_LINE = 2_000;

/**
 * The recipients that have a line of their own, else those in `listed`, else the one that the text introduces.
 *
 * @param listed Those that a header field names.
 * @param isOurs Whether an address is a sender of ours, or one that reports go to; a report is never about it.
 */
export function namedRecipients(
  body: string,
  listed: readonly string[],
  isOurs: (address: string) => boolean,
): readonly NamedRecipient[] {
  const lines = body.split("\n").map((line) => line.slice(0, LONGEST_LINE));
  const found = ownLines(lines, (address) => isOurs(address) && !listed.includes(address));
  for (const address of listed) {
    if (!found.has(address)) found.set(address, lines);
  }
  if (found.size === 0) {
    const address = introduced(lines.join("\n"), isOurs);
    if (address !== undefined) found.set(address, lines);
  }
  return [...found].map(([address, words]) => ({
    address,
    words: words.join("\n").replace(/^[>:;."'\s]+/, ""),
  }));
}

/** Each address that has a line, with the lines below it up to the next one; those above it where there are none below. */
function ownLines(
  lines: readonly string[],
  isOurs: (address: string) => boolean,
): Map<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let present: string[] | undefined;
  for (const [at, line] of lines.entries()) {
    const reply = REPLY_LINE.exec(line);
    const match = reply ?? ADDRESS_LINE.exec(line);
    const address = (match?.[1] ?? match?.[2])?.toLowerCase();
    const isMeant = address !== undefined && !isOurs(address) &&
      (reply !== null ||
        !isReferredTo(lines.slice(Math.max(0, at - 3), at).join("\n"), line, address));
    if (isMeant && found.size < MAX_RECIPIENTS) {
      // The reason can repeat the address.
      const before = found.get(address);
      present = before ?? (reply === null ? above(lines, at) : []);
      present.push(
        reply === null ? line.slice(line.toLowerCase().indexOf(address) + address.length) : line,
      );
      found.set(address, present);
      // A reply is all that is said about a recipient without another line: the next line is about somebody else.
      if (reply !== null && before === undefined) present = undefined;
    } else if (present !== undefined && present.length < MAX_LINES) present.push(line);
  }
  return found;
}

/** The lines right above an address at the end of a text. */
function above(lines: readonly string[], at: number): string[] {
  const below = lines.slice(at, at + MAX_LINES).join(" ").replace(ADDRESS, "");
  if (/[\p{L}\d]/u.test(below)) return [];
  const start = lines.lastIndexOf("", at);
  return lines.slice(Math.max(start + 1, at - MAX_LINES), at);
}

function introduced(text: string, isOurs: (address: string) => boolean): string | undefined {
  for (const lead of LEADS) {
    const match = lead.exec(text);
    const address = (match?.[1] ?? match?.[2])?.toLowerCase();
    if (match === null || address === undefined || isOurs(address)) continue;
    const rest = text.slice(match.index, match.index + match[0].length + SENTENCE);
    if (!isReferredTo(text.slice(0, match.index), rest, address)) return address;
  }
  return undefined;
}

/** Returns whether an address is named as one to write to, not as one that was not reached. */
function isReferredTo(before: string, from: string, address: string): boolean {
  if (OF_THE_SERVER.test(address)) return true;
  const at = from.toLowerCase().indexOf(address);
  const text = before.slice(-SENTENCE) + (before === "" ? "" : "\n") + from.slice(0, at);
  const sentence = text.trim().split(/[.!?;](?:\s+|$)/).at(-1)!;
  return REFERS.test(sentence.replaceAll(ADDRESSES, "")) ||
    REFERS_BACK.test(from.slice(at + address.length));
}

/** The addresses in a field, in lower case. */
export function addressesIn(text: string): readonly string[] {
  return text.split(",").slice(0, MAX_RECIPIENTS)
    .map((part) => ADDRESS.exec(part.slice(0, LONGEST_LINE))?.[0].toLowerCase())
    .filter((address) => address !== undefined);
}
