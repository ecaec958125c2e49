import type { TemplateHeader } from "../template/template.ts";
import { InputError } from "../../model/input_error.ts";
import type { UnsubscribeHeaders } from "../unsubscribe/unsubscribe_headers.ts";

/** Headers of addresses. Cc and Reply-To are only shown: a mail goes to its row's address and nowhere else. */
export const ADDRESSES = [
  ...["from", "sender", "reply-to", "to", "cc"],
  // RFC 8098, 2.1, and its predecessor; RFC 2076, 3.5; where mailing lists want replies to go.
  ...["disposition-notification-to", "return-receipt-to", "errors-to"],
  ...["mail-reply-to", "mail-followup-to"],
];

/** Headers that name whom a mail goes to in a mail program. */
export const NAMING = ["to", "cc", "bcc"];

/** Lines of a template that are not headers of the mail, or are written differently. */
export const APART = [...ADDRESSES, "subject", "bcc", "attachment", "preheader"];

/** Headers that RFC 5322, 3.6 allows once. */
const ONCE = [
  ...APART,
  "in-reply-to",
  "references",
  "content-language",
  "feedback-id",
  // RFC 2369, 3; RFC 2919, 3; RFC 8058, 3.1.
  ...["id", "unsubscribe", "unsubscribe-post", "help", "subscribe", "post", "owner", "archive"]
    .map((name) => `list-${name}`),
]
  .filter((name) => name !== "attachment");

/** Headers that only this program, or a server on the way, may write. */
const OURS =
  /^(date|message-id|mime-version|content-.*|dkim-signature|arc-.*|return-path|received|resent-.*)$/;

/** Settings that replace headers of the template. */
export interface HeaderReplacements {
  readonly from: string | undefined;
  readonly replyTo: string | undefined;
  readonly listId: string | undefined;
  readonly feedbackId: string | undefined;
  readonly unsubscribe: UnsubscribeHeaders | undefined;
}

/** Returns whether a header has one of these names, which are in lower case. */
export function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name.toLowerCase());
}

/** The headers of a template with those that settings replace. */
export function withReplacements(
  headers: readonly TemplateHeader[],
  replaced: HeaderReplacements,
): TemplateHeader[] {
  const options = [
    ["From", replaced.from, "--from"],
    ["Reply-To", replaced.replyTo, "--reply-to"],
    ["List-Id", replaced.listId, "--list-id"],
    ["Feedback-ID", replaced.feedbackId, "--feedback-id"],
  ] as const;
  const ours = replaced.unsubscribe === undefined
    ? []
    : ["list-unsubscribe", "list-unsubscribe-post"];
  let result = headers.filter(({ name }) => !isOneOf(ours, name));
  for (const [name, text, file] of options) {
    if (text === undefined) continue;
    result = result.filter((header) => !isOneOf([name.toLowerCase()], header.name));
    result.push({ name, value: { file, text, line: 1, column: 1 }, place: { file } });
  }
  return result;
}

/** What to do instead of setting a header that the program writes. */
function oursHint(name: string, text: string): string | undefined {
  switch (name) {
    case "content-type": {
      const [, type = ""] = /^text\/(markdown|html|plain)/i.exec(text) ?? [];
      const extension = { markdown: ".md", html: ".html", plain: ".txt" }[type.toLowerCase()];
      return "Leave it out: the name of the file says what the body is. " +
        (extension === undefined
          ? "A template is Markdown (.md), HTML (.html) or plain text (.txt)."
          : `Rename it to end in ${extension}, such as email${extension}, and name it with --template.`);
    }
    case "content-transfer-encoding":
    case "mime-version":
      return "Leave it out: the program writes it.";
    case "date":
      return "Leave it out: it is the time at which the mail is sent.";
    case "message-id":
      return "Leave it out: it is made from campaign and recipient, and the same for a second try.";
    default:
      return undefined;
  }
}

/** @throws {InputError} For a header that a template cannot set, or not twice. */
export function allowedHeaders(headers: readonly TemplateHeader[]): readonly TemplateHeader[] {
  const seen = new Set<string>();
  for (const { name, value: { text }, place } of headers) {
    const key = name.toLowerCase();
    if (OURS.test(key) && key !== "content-language") {
      throw new InputError(`A template cannot set the header '${name}'`, {
        place,
        hint: oursHint(key, text),
      });
    }
    if (seen.has(key) && ONCE.includes(key)) {
      throw new InputError(`The header '${name}' may appear only once`, { place });
    }
    seen.add(key);
  }
  return headers;
}
