import { decodeWords, type Email } from "postal-mime";
import type { OthersShown } from "../../compose/headers/others_shown.ts";
import type { Finding, Where } from "../finding.ts";

/** An encoded word (RFC 2047, 2). */
const ENCODED_WORD = /=\?[^?\s]+\?[bq]\?[^?\s]*\?=/i;

/** Looks at whom a mail names, and at what of its header and files does not look as its author may think. */
export function* addressFindings(
  mail: Email,
  shown: readonly OthersShown[],
  where: Where,
): Generator<Finding> {
  for (const header of shown) yield shownFinding(header);
  yield* encodedWordFindings(mail, where);
  for (const { filename, mimeType } of mail.attachments) {
    if (!/\.eml$/i.test(filename ?? "") || mimeType === "message/rfc822") continue;
    yield {
      level: "note",
      check: "content.mail-as-file",
      what: `'${filename}' is attached as a file, not as a mail that is shown in place`,
      why:
        "RFC 2046, 5.2.1: a mail cannot be encoded, and this one cannot travel as it is: it has a long line, NUL, a CR without LF, or no header in ASCII that begins it",
      fix: "nothing, where it may be saved and opened; else export it again from a mail program",
      where,
    };
  }
}

function shownFinding({ header, text, place, showsRecipient }: OthersShown): Finding {
  const why = "a mail goes to its row's address and nowhere else, whatever its header says";
  const fix = "put who is to get the mail into the list, as rows of their own";
  const kind = header.toLowerCase();
  if (header === "To" && !showsRecipient) {
    return {
      level: "note",
      check: "to.other",
      what: `Recipients see 'To: ${text}', not their own address`,
      why: `${why}; who is in To gets no mail by it`,
      fix: "omit To, unless that is meant",
      where: place,
    };
  }
  return {
    level: "warning",
    check: `${kind}.no-copy`,
    what: header === "Bcc"
      ? `'Bcc: ${text}' is left out: nobody named there gets a copy unless the list has them, too`
      : `'${header}: ${text}' is shown in every mail; ${
        showsRecipient ? "besides the recipient, nobody" : "nobody"
      } named there gets a copy unless the list has them, too`,
    why,
    fix: header === "Bcc" ? fix : `${fix}; for answers there is Reply-To`,
    where: place,
  };
}

function* encodedWordFindings(mail: Email, where: Where): Generator<Finding> {
  const names = [...(mail.to ?? []), ...(mail.cc ?? []), ...(mail.replyTo ?? [])];
  const texts: [header: string, text: string | undefined][] = [
    ["Subject", mail.subject],
    ["The name in From", mail.from?.name],
    ...names.map(({ name }): [string, string] => ["A name in To, Cc or Reply-To", name ?? ""]),
  ];
  for (const [header, text] of texts) {
    if (!ENCODED_WORD.test(text ?? "")) continue;
    yield {
      level: "warning",
      check: "header.encoded-word",
      what:
        `${header} is an encoded word already, and is shown as these very characters: '${text}'`,
      why:
        "template and list are UTF-8, and what they hold is encoded on its way (RFC 2047): readers undo that once",
      fix: `write it as it is to be read: '${decodeWords(text!)}'`,
      where,
    };
  }
}
