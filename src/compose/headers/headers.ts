import type { Recipient } from "../../model/recipient.ts";
import { isBlank } from "../../text/blank.ts";
import { InputError } from "../../model/input_error.ts";
import { Attachment, type EncodedFiles } from "../files/attachment.ts";
import { headerText } from "./header_text.ts";
import { AddressHeader } from "./addresses/address_header.ts";
import { listIdLine } from "./list_id.ts";
import { type OthersShown, othersShown } from "./addresses/others_shown.ts";
import type { UnsubscribeHeaders } from "../unsubscribe/unsubscribe_headers.ts";
import { compile, type Compiled, type Dialect, fill, type Slot } from "../template/slots.ts";
import { type CompiledHeader, type HeaderLine, textLine } from "./text_header.ts";
import type { ValueUse } from "../template/syntax/value_uses.ts";
import type { Template, TemplateHeader } from "../template/template.ts";

/** The headers of a template, compiled. */
export interface Headers {
  /** From and Subject as written. */
  readonly from: string;
  readonly subject: string;
  /** A recipient's Subject as people read it. */
  readonly subjectOf: (recipient: Recipient) => string;
  /** From's address, the envelope sender. */
  readonly sender: string;
  /** Headers that name others than the recipient, as far as is known without one. */
  readonly othersShown: (recipient: Recipient | undefined) => readonly OthersShown[];
  /** What goes into each mail, in order. */
  readonly lines: readonly HeaderLine[];
  readonly attachments: readonly Attachment[];
  /** Text that is shown beside the subject, without being a header of the mail. */
  readonly preheader: Compiled | undefined;
  /** RFC 5646 tag of the Content-Language line, if there is one. */
  readonly language: string | undefined;
  readonly required: ReadonlySet<number>;
  /** How the header lines use values. */
  readonly uses: () => readonly ValueUse[];
}

/** Headers of addresses. Cc and Reply-To only show: a mail goes to its row's address and nowhere else. */
const ADDRESSES = [
  ...["from", "sender", "reply-to", "to", "cc"],
  // RFC 8098, 2.1, and what came before it; RFC 2076, 3.5; what mailing lists ask mail programs to answer to.
  ...["disposition-notification-to", "return-receipt-to", "errors-to"],
  ...["mail-reply-to", "mail-followup-to"],
];
/** Lines of a template that are no header of the mail, or are made in their own way. */
const APART = [...ADDRESSES, "subject", "bcc", "attachment", "preheader"];
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
/** Headers that this program, or a server on the way, writes. */
const OURS =
  /^(date|message-id|mime-version|content-.*|dkim-signature|arc-.*|return-path|received|resent-.*)$/;

/** What replaces headers of the template. */
export interface Replacements {
  readonly from: string | undefined;
  readonly replyTo: string | undefined;
  readonly listId: string | undefined;
  readonly feedbackId: string | undefined;
  readonly leaving: UnsubscribeHeaders | undefined;
}

/**
 * Compiles the header lines of a template.
 *
 * `Bcc` is never written. Cc, Bcc and To add no recipient: the envelope of a mail holds its row's address alone.
 *
 * @throws {InputError} For a header that is missing, there twice, not the template's to write, or not readable.
 */
export function compileHeaders(
  template: Template,
  dialect: Dialect,
  replaced: Replacements,
  files: EncodedFiles,
): Headers {
  const written = allowed(withReplacements(template.headers, replaced));
  const compiled = written.map((header) => ({
    ...header,
    compiled: compile(header.value, dialect),
  }));
  const named = (name: string) => compiled.find((header) => header.name.toLowerCase() === name);

  const subject = named("subject");
  if (subject === undefined || isBlank(subject.value.text)) throw noSubject(template, subject);
  if (subject.value.text.includes("\n")) {
    throw new InputError("Subject must be one line", { place: subject.place });
  }
  const addresses = compiled.filter(({ name }) => ADDRESSES.includes(name.toLowerCase()))
    .map(({ name, value, compiled }) => AddressHeader.read(name, value, compiled));
  const from = addresses.find(({ name }) => name.toLowerCase() === "from");
  if (from === undefined) throw noFrom(template);
  const to = addresses.find(({ name }) => name.toLowerCase() === "to") ??
    toRecipient(dialect);

  const others = compiled.filter(({ name }) => !isOneOf(APART, name));
  return {
    from: named("from")!.value.text.trim(),
    sender: senderOf(from, named("from")!),
    othersShown: (recipient) => othersShown(written, addresses, recipient),
    subject: subject.value.text.trim(),
    subjectOf: (recipient) => headerText(fill(subject.compiled, recipient)),
    lines: [
      ...[from, to, ...addresses.filter((header) => header !== from && header !== to)].map(
        addressLine,
      ),
      textLine(subject, "Subject is empty"),
      ...others.map(otherLine),
      ...(replaced.leaving === undefined ? [] : [replaced.leaving.line]),
    ],
    attachments: compiled.filter(({ name }) => isOneOf(["attachment"], name))
      .map(({ value, compiled }) => new Attachment(value, compiled, files)),
    preheader: preheaderOf(named("preheader"), template),
    language: languageOf(named("content-language")),
    required: new Set([
      ...compiled.flatMap(({ compiled }) => [...compiled.required]),
      ...replaced.leaving?.required ?? [],
    ]),
    uses: () => compiled.flatMap(({ compiled }) => compiled.uses()),
  };
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name.toLowerCase());
}

function withReplacements(
  headers: readonly TemplateHeader[],
  replaced: Replacements,
): TemplateHeader[] {
  const options = [
    ["From", replaced.from, "--from"],
    ["Reply-To", replaced.replyTo, "--reply-to"],
    ["List-Id", replaced.listId, "--list-id"],
    ["Feedback-ID", replaced.feedbackId, "--feedback-id"],
  ] as const;
  const ours = replaced.leaving === undefined ? [] : ["list-unsubscribe", "list-unsubscribe-post"];
  let result = headers.filter(({ name }) => !isOneOf(ours, name));
  for (const [name, text, file] of options) {
    if (text === undefined) continue;
    result = result.filter((header) => !isOneOf([name.toLowerCase()], header.name));
    result.push({ name, value: { file, text, line: 1, column: 1 }, place: { file } });
  }
  return result;
}

function allowed(headers: readonly TemplateHeader[]): readonly TemplateHeader[] {
  const seen = new Set<string>();
  for (const { name, place } of headers) {
    const key = name.toLowerCase();
    if (OURS.test(key) && key !== "content-language") {
      throw new InputError(`A template cannot set the header '${name}'`, { place });
    }
    if (seen.has(key) && ONCE.includes(key)) {
      throw new InputError(`The header '${name}' may be there only once`, { place });
    }
    seen.add(key);
  }
  return headers;
}

function noSubject(template: Template, empty: TemplateHeader | undefined): InputError {
  return new InputError(empty === undefined ? "Subject is missing" : "Subject is empty", {
    place: empty?.place ?? { file: template.body.file, line: 1, column: 1 },
    hint: "Put a line such as 'Subject: Hello' above the first blank line",
  });
}

function noFrom(template: Template): InputError {
  return new InputError("From is missing: nothing says who the mail is from", {
    place: { file: template.body.file },
    hint:
      "Set it with --from 'Name <name@example.com>', with from = \"…\" in campaign.toml, or by a From: line in the template",
  });
}

/** The header for the row's own address, where the template has no To. */
function toRecipient(dialect: Dialect): AddressHeader {
  const { email } = dialect.variables.columns;
  const address: Slot = ({ row }) => row.fields[email] ?? "";
  return AddressHeader.of("To", address, dialect);
}

function senderOf(from: AddressHeader, { value, place }: TemplateHeader): string {
  if (from.mailboxes.length !== 1) {
    throw new InputError(
      `From must be exactly one mailbox: found ${from.mailboxes.length} in '${value.text}'`,
      { place },
    );
  }
  if (from.constantAddress === undefined) {
    throw new InputError(
      "From's address must be the same in every mail: it is the envelope sender",
      {
        place,
        hint: "Its name may hold variables",
      },
    );
  }
  return from.constantAddress;
}

function languageOf(header: TemplateHeader | undefined): string | undefined {
  const language = header?.value.text.trim();
  if (language === undefined || /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/.test(language)) return language;
  throw new InputError(
    `Content-Language must be a tag such as 'de' or 'pt-BR': found '${language}'`,
    {
      place: header!.place,
    },
  );
}

function preheaderOf(
  header: CompiledHeader | undefined,
  { format }: Template,
): Compiled | undefined {
  if (header !== undefined && format === "text") {
    throw new InputError("A plain text template has no preheader", { place: header.place });
  }
  return header?.compiled;
}

function otherLine(header: CompiledHeader): HeaderLine {
  if (!isOneOf(["list-id"], header.name)) return textLine(header);
  const line = listIdLine(header);
  return () => ({ line, addresses: [] });
}

function addressLine(header: AddressHeader): HeaderLine {
  if (!header.isConstant) return (recipient) => header.render(recipient);
  const constant = header.render({ kind: "recipient", key: "", line: 0, address: "", fields: [] });
  return () => constant;
}
