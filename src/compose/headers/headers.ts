import type { Recipient } from "../../model/recipient.ts";
import { isBlank } from "../../text/blank.ts";
import { InputError } from "../../model/input_error.ts";
import { Attachment, type EncodedFiles } from "../files/attachment.ts";
import { headerText } from "./header_text.ts";
import { constantLanguage, languageLine } from "./content_language.ts";
import { AddressHeader } from "./addresses/address_header.ts";
import {
  type NamedForCopies,
  namedForCopies,
  type NamingHeader,
  refuseCopies,
} from "./addresses/copies.ts";
import type { Copies } from "../content_options.ts";
import { listIdLine } from "./list_id.ts";
import { type OthersShown, othersShown } from "./addresses/others_shown.ts";
import { compile, type Compiled, fill, type Slot, type SlotDialect } from "../template/slots.ts";
import { type CompiledHeader, type HeaderLine, textLine } from "./text_header.ts";
import type { ValueUse } from "../template/syntax/value_uses.ts";
import type { Template, TemplateHeader } from "../template/template.ts";
import {
  ADDRESSES,
  allowedHeaders,
  APART,
  type HeaderReplacements,
  isOneOf,
  NAMING,
  withReplacements,
} from "./header_rules.ts";

/** The headers of a template, compiled. */
export interface Headers {
  /** From and Subject as written. */
  readonly from: string;
  readonly subject: string;
  /** A recipient's Subject as readers see it. */
  readonly subjectOf: (recipient: Recipient) => string;
  /** From's address, the envelope sender. */
  readonly sender: string;
  /** Headers that name others than the recipient; without one, those that are known to. */
  readonly othersShown: (recipient: Recipient | undefined) => readonly OthersShown[];
  /** Undefined if nobody gets copies. */
  readonly copies: NamedForCopies | undefined;
  /** The lines of each mail, in order. */
  readonly lines: readonly HeaderLine[];
  readonly attachments: readonly Attachment[];
  /** Text that is shown beside the subject; not a header of the mail. */
  readonly preheader: Compiled | undefined;
  /** RFC 5646 tag of the Content-Language line, if it is the same in every mail. */
  readonly language: string | undefined;
  readonly required: ReadonlySet<number>;
  /** How the header lines use values. */
  readonly uses: readonly ValueUse[];
}

/**
 * Compiles the header lines of a template.
 *
 * `Bcc` is never written. Cc, Bcc and To add no recipient: the envelope of a mail contains only its row's address.
 *
 * @throws {InputError} For a header that is missing, repeated, reserved for this program, or unreadable.
 */
export function compileHeaders(
  template: Template,
  dialect: SlotDialect,
  replaced: HeaderReplacements,
  files: EncodedFiles,
  copies: Copies = "header",
): Headers {
  const written = allowedHeaders(withReplacements(template.headers, replaced));
  const compiled = written.map((header) => ({
    ...header,
    compiled: compile(header.value, dialect),
  }));
  const named = (name: string) => compiled.find((header) => isOneOf([name], header.name));
  const subject = subjectIn(template, named("subject"));
  const addresses = compiled.filter(({ name }) => isOneOf(ADDRESSES, name)).map(addressesIn);
  const copied = copiesIn(compiled, copies, dialect, replaced);
  const from = addresses.find(({ name }) => isOneOf(["from"], name));
  if (from === undefined) throw noFrom(template);
  return {
    from: named("from")!.value.text.trim(),
    sender: senderOf(from, named("from")!),
    othersShown: (recipient) =>
      othersShown(written, addresses, recipient).map((shown) => copied?.mark(shown) ?? shown),
    copies: copied,
    subject: subject.value.text.trim(),
    subjectOf: (recipient) => headerText(fill(subject.compiled, recipient)),
    lines: [
      ...addressLines(from, addresses, dialect),
      textLine(subject, "Subject is empty"),
      ...compiled.filter(({ name }) => !isOneOf(APART, name)).map(otherLine),
      ...(replaced.unsubscribe === undefined ? [] : [replaced.unsubscribe.line]),
    ],
    attachments: attachmentsOf(compiled, files),
    preheader: preheaderOf(named("preheader"), template),
    language: constantLanguage(named("content-language")),
    required: requiredBy(compiled, replaced),
    uses: compiled.flatMap(({ compiled }) => compiled.uses),
  };
}

/** The columns that header lines need; a row without a language gets a mail without that header. */
function requiredBy(
  compiled: readonly CompiledHeader[],
  { unsubscribe }: HeaderReplacements,
): ReadonlySet<number> {
  const own = compiled.filter(({ name }) => !isOneOf(["content-language"], name))
    .flatMap(({ compiled }) => [...compiled.required]);
  return new Set([...own, ...unsubscribe?.required ?? []]);
}

function attachmentsOf(compiled: readonly CompiledHeader[], files: EncodedFiles): Attachment[] {
  return compiled.filter(({ name }) => isOneOf(["attachment"], name))
    .map(({ value, compiled }) => new Attachment(value, compiled, files));
}

/** @throws {InputError} if the headers name others, and that is refused or cannot be done */
function copiesIn(
  compiled: readonly CompiledHeader[],
  copies: Copies,
  { variables: { columns } }: SlotDialect,
  { unsubscribe }: HeaderReplacements,
): NamedForCopies | undefined {
  if (copies === "header") return undefined;
  const naming = namingHeaders(compiled);
  if (copies === "refuse") return void refuseCopies(naming, columns);
  const own = compiled.some(({ name, value }) =>
    isOneOf(["list-unsubscribe"], name) && !isBlank(value.text)
  );
  return namedForCopies(naming, columns, own || unsubscribe !== undefined);
}

/** To, Cc and Bcc, if they name anybody; Bcc is read only here, as it is not written. */
function namingHeaders(compiled: readonly CompiledHeader[]): readonly NamingHeader[] {
  return compiled.filter(({ name, value }) => isOneOf(NAMING, name) && !isBlank(value.text))
    .map((written) => ({ written, addresses: addressesIn(written) }));
}

function addressesIn({ name, value, compiled }: CompiledHeader): AddressHeader {
  return AddressHeader.read(name, value, compiled);
}

function noSubject(template: Template, empty: TemplateHeader | undefined): InputError {
  return new InputError(empty === undefined ? "Subject is missing" : "Subject is empty", {
    place: empty?.place ?? { file: template.body.file, line: 1, column: 1 },
    hint: "Put a line such as 'Subject: Hello' above the first blank line.",
  });
}

/** @throws {InputError} If it is missing, empty, or more than one line. */
function subjectIn(template: Template, subject: CompiledHeader | undefined): CompiledHeader {
  if (subject === undefined || isBlank(subject.value.text)) throw noSubject(template, subject);
  if (subject.value.text.includes("\n")) {
    throw new InputError("Subject must be one line", { place: subject.place });
  }
  return subject;
}

function noFrom(template: Template): InputError {
  return new InputError("From is missing, so the mail has no sender", {
    place: { file: template.body.file },
    hint:
      "Set it with --from 'Name <name@example.com>', with from = \"…\" in campaign.toml, or by a From: line in the template.",
  });
}

/** The header with the row's own address, if the template has no To. */
function toRecipient(dialect: SlotDialect): AddressHeader {
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
        hint: "Only its name may contain variables.",
      },
    );
  }
  return from.constantAddress;
}

function preheaderOf(
  header: CompiledHeader | undefined,
  { format }: Template,
): Compiled | undefined {
  if (header !== undefined && format === "text") {
    throw new InputError("A plain text template cannot have a preheader", { place: header.place });
  }
  return header?.compiled;
}

function otherLine(header: CompiledHeader): HeaderLine {
  if (isOneOf(["content-language"], header.name)) return languageLine(header);
  if (!isOneOf(["list-id"], header.name)) return textLine(header);
  const line = listIdLine(header);
  return () => ({ line, addresses: [] });
}

/** From, To, and the other headers of addresses in the template's order. */
function addressLines(
  from: AddressHeader,
  addresses: readonly AddressHeader[],
  dialect: SlotDialect,
): HeaderLine[] {
  const to = addresses.find(({ name }) => isOneOf(["to"], name)) ?? toRecipient(dialect);
  const others = addresses.filter((header) => header !== from && header !== to);
  return [from, to, ...others].map(addressLine);
}

function addressLine(header: AddressHeader): HeaderLine {
  if (!header.isConstant) return (recipient) => header.render(recipient);
  const constant = header.render({ kind: "recipient", key: "", line: 0, address: "", fields: [] });
  return () => constant;
}
