import type { MailingListOptions } from "../content_options.ts";
import { InputError } from "../../model/input_error.ts";
import { mailboxKeyOf } from "../../model/recipient.ts";
import { addrSpec } from "../headers/addresses/addr_spec.ts";
import { percentEncoded } from "../escaping/percent_encoding.ts";
import type { Folder } from "../files/folder.ts";
import { headerText } from "../headers/header_text.ts";
import { HeaderWriter } from "../headers/header_writer.ts";
import type { HeaderLine } from "../headers/text_header.ts";
import { Engine } from "../template/liquid.ts";
import { compile, type Compiled, fill } from "../template/slots.ts";
import type { TemplateSource } from "../template/template.ts";
import {
  parseBaseUrl,
  unsubscribeHeaders,
  unsubscribeMailto,
  unsubscribeUrl,
} from "./unsubscribe_link.ts";
import type { RowScope, TemplateVariables } from "../template/template_variables.ts";

/** How recipients unsubscribe: the link of each, and the header lines that let a mail program offer it. */
export interface UnsubscribeHeaders {
  /** Undefined if there is only a mailbox. */
  readonly url: ((row: RowScope) => string) | undefined;
  /** Columns that the link is made from. */
  readonly required: ReadonlySet<number>;
  readonly line: HeaderLine;
}

const URL_OPTION = "--unsubscribe-url";
/** A link that can be in angle brackets (RFC 2369, 2), short enough for a line. */
const LINK = /^https:\/\/[!-;=?-~]{1,900}$/;

/**
 * Compiles the ways to unsubscribe.
 *
 * A URL with Liquid in it belongs to the user's own service: outputs are percent-encoded. Any other is the address of
 * `unsubscribe serve`, and a token is appended to it.
 *
 * @param variables The names that such a URL may use.
 * @throws {InputError} for a URL, address or secret that cannot be used, or is missing.
 */
export function compileUnsubscribeHeaders(
  options: MailingListOptions,
  campaign: string,
  folder: Folder,
  variables: TemplateVariables,
): UnsubscribeHeaders | undefined {
  const { unsubscribeUrl: text } = options;
  const mailto = mailboxOf(options.unsubscribeMailto);
  if (text === undefined && mailto === undefined) return undefined;
  const own = text?.includes("{{") ? ownService(text, folder, variables) : undefined;
  const tokens = text === undefined || own !== undefined
    ? undefined
    : tokenLinks(text, options, campaign);
  const make = own === undefined ? tokens : (row: RowScope) => headerText(fill(own, row));
  const url = make && remembering(make);
  return {
    url,
    required: own?.required ?? new Set(),
    line: (recipient) => {
      const link = url?.(recipient);
      if (own !== undefined && !LINK.test(link!)) {
        return { kind: "unmailable", reason: `Unsubscribe link is not an https URL: '${link}'` };
      }
      const lines = unsubscribeHeaders({
        url: link,
        mailto: mailto && unsubscribeMailto(mailto, own === undefined ? link : undefined),
      }).map(({ name, parts }) => {
        const header = new HeaderWriter(name);
        for (const part of parts) header.word(part);
        return header.line;
      });
      return { line: lines.join(""), addresses: [] };
    },
  };
}

function mailboxOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const address = addrSpec(text);
  if (address !== undefined && /^[!-~]+$/.test(address)) return address;
  throw new InputError(`--unsubscribe-mailto must be an address in ASCII: found '${text}'`);
}

function ownService(text: string, folder: Folder, variables: TemplateVariables): Compiled {
  const source: TemplateSource = { file: URL_OPTION, text, line: 1, column: 1 };
  const engine = new Engine(folder, "url", (included) => included.text);
  return compile(source, { engine, reader: engine, variables, escape: percentEncoded });
}

function tokenLinks(
  text: string,
  { unsubscribeSecret: secret }: MailingListOptions,
  campaign: string,
): (row: RowScope) => string {
  const base = parseBaseUrl(text, URL_OPTION);
  if (secret === undefined) {
    throw new InputError(`${URL_OPTION} needs a secret to make links with`, {
      hint: [
        "Set UNSUBSCRIBE_SECRET or UNSUBSCRIBE_SECRET_FILE to the secret of 'unsubscribe serve',",
        `or, for your own service, put the recipient in the URL: ${base}?email={{ Email }}.`,
      ].join("\n  "),
    });
  }
  return ({ key }) => unsubscribeUrl(base, secret, campaign, mailboxKeyOf(key));
}

/** Caches the last link: a mail needs it for the header, and each time the template shows it. */
function remembering(make: (row: RowScope) => string): (row: RowScope) => string {
  let last: RowScope | undefined;
  let url = "";
  return (row) => {
    if (row !== last) [last, url] = [row, make(row)];
    return url;
  };
}
