import { decodeWords, type Email } from "postal-mime";
import type { OthersShown } from "../../compose/headers/addresses/others_shown.ts";
import type { Finding, Where } from "../finding.ts";

/** An encoded word (RFC 2047, 2). */
const ENCODED_WORD = /=\?[^?\s]+\?[bq]\?[^?\s]*\?=/i;

/** Examines whom a mail names, and what in its header and files will not look as its author expects. */
export function* addressFindings(
  mail: Email,
  shown: readonly OthersShown[],
  where: Where,
): Generator<Finding> {
  for (const header of shown) if (!header.copied) yield othersFinding(header);
  yield* encodedWordFindings(mail, where);
  for (const { filename, mimeType } of mail.attachments) {
    if (!/\.eml$/i.test(filename ?? "") || mimeType === "message/rfc822") continue;
    yield {
      level: "note",
      check: "content.mail-as-file",
      what: `'${filename}' is attached as a file, not as a mail that is shown inline`,
      why:
        "RFC 2046, 5.2.1: an attached mail must not be encoded, and this one cannot be sent as it is: it has a long line, NUL, a CR without LF, or no ASCII header at its start",
      fix:
        "Nothing, if recipients can save and open it; otherwise export it again from a mail program",
      where,
    };
  }
}

function othersFinding({ header, text, place, showsRecipient }: OthersShown): Finding {
  const why = "A mail goes to its row's address and nowhere else, whatever its header says";
  const fix = "Give each person who should get the mail a row of the list";
  const kind = header.toLowerCase();
  if (header === "To" && !showsRecipient) {
    return {
      level: "note",
      check: "to.other",
      what: `Recipients see 'To: ${text}', not their own address`,
      why: `${why}; being named in To is not enough`,
      fix: "Omit To, unless that is intended",
      where: place,
    };
  }
  return {
    level: "warning",
    check: `${kind}.no-copy`,
    what: header === "Bcc"
      ? `'Bcc: ${text}' is omitted: nobody named there gets a copy unless they are in the list too`
      : `'${header}: ${text}' is shown in every mail; ${
        showsRecipient ? "besides the recipient, nobody" : "nobody"
      } named there gets a copy unless they are in the list too`,
    why,
    fix: header === "Bcc" ? fix : `${fix}; for replies, use Reply-To`,
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
      what: `${header} is an encoded word already, and will be shown literally: '${text}'`,
      why:
        "Template and list are UTF-8, and are encoded when the mail is made (RFC 2047): mail programs decode that once",
      fix: `Write it as it should be read: '${decodeWords(text!)}'`,
      where,
    };
  }
}
