import { wallTime } from "../time/clock.ts";
import { LiquidError } from "liquidjs";
import type { MailSettings } from "./content_options.ts";
import type { Columns, Recipient } from "../model/recipient.ts";
import { InputError, type SourcePlace } from "../model/input_error.ts";
import { domainOf } from "../text/domain_of.ts";
import { EncodedFiles } from "./files/attachment.ts";
import { Body } from "./mime/body.ts";
import type { DateSettings } from "./template/dates/moment.ts";
import { UTC, zoneOf } from "./template/dates/time_zone.ts";
import { Folder } from "./files/folder.ts";
import { compileHeaders, type Headers } from "./headers/headers.ts";
import type { NamedForCopies } from "./headers/addresses/copies.ts";
import type { OthersShown } from "./headers/addresses/others_shown.ts";
import { InlineImages } from "./files/inline_images.ts";
import {
  compileUnsubscribeHeaders,
  type UnsubscribeHeaders,
} from "./unsubscribe/unsubscribe_headers.ts";
import { isRenderLimit, renderReason } from "./template/liquid.ts";
import type { Mail, Transport, Unmailable } from "../model/mail.ts";
import { Message } from "./mime/message.ts";
import { atOrigin } from "./template/origins.ts";
import { type CompiledPart, plainBody, type TextDialect, textDialectOf } from "./template/plain.ts";
import type { alternatives } from "./alternatives.ts";
import type { ValueUse } from "./template/syntax/value_uses.ts";
import {
  placeAt,
  readTemplate,
  sourceOf,
  type TemplateSource,
  type TextFile,
} from "./template/template.ts";
import { TemplateVariables } from "./template/template_variables.ts";

const SEVEN_BIT: Transport = { eightBit: false };

/** What a campaign's mails are made from. */
export interface CompileInput extends MailSettings {
  /** The template and where it was read from; includes and attachments come from its folder. */
  readonly template: TextFile;
  /** The text part of a Markdown or HTML template, a body without header lines; undefined: made from the HTML. */
  readonly text?: TextFile | undefined;
  readonly columns: Columns;
  /**
   * Bodies are 7-bit whatever the server accepts, as for a signed mail: a server on the way that had to convert it would break
   * the signature (RFC 6376, 5.3).
   */
  readonly sevenBit?: boolean;
  /** Milliseconds since the epoch, for Date. */
  readonly now?: () => number;
}

/** A compiled template: a recipient costs only its slots. */
export interface Composer {
  /** Columns that must not be empty in a row: put out without `default`, outside `if`, `unless` and `case`. */
  readonly required: readonly number[];
  /** Returns how the template uses values, each place once; computed on request. */
  uses(): readonly ValueUse[];
  /** The files that the template names, such as includes and images, with their SHA-256; without those that a row names. */
  readonly sources: readonly (readonly [path: string, sha256: string])[];
  /** Subject and From as written, with their variables. */
  readonly subject: string;
  readonly from: string;
  /** Returns a recipient's Subject as readers see it; undefined if it cannot be rendered. */
  subjectOf(recipient: Recipient): string | undefined;
  /**
   * Returns the To, Cc and Bcc headers that name people other than the recipient, who get no mail; without a recipient,
   * those that always do.
   */
  othersShown(recipient: Recipient | undefined): readonly OthersShown[];
  /** Who gets copies of the mails; undefined: nobody. */
  readonly copies?: NamedForCopies | undefined;
  /** The address of From; also the envelope sender, unless there is `verp`. */
  readonly sender: string;
  /** The first Liquid tag that requires Markdown to be converted for each mail; undefined: it was converted once. */
  readonly convertedPerMail?: SourcePlace | undefined;
  /**
   * Composes one mail. The same recipient gets the same Message-ID each time, and a copy is the mail of the recipient
   * whom it is a copy of, in another envelope.
   */
  compose(recipient: Recipient, transport: Transport): Mail | Unmailable;
  /** Uses the ledger's secret for return paths (`verp`) from now on; earlier ones match no ledger. */
  useVerpSecret(secret: string): void;
}

/**
 * Compiles a template for the columns of a list. Everything that does not depend on the recipient is done here: parsing,
 * Markdown, styles, images, the text part, encoding, attachments.
 *
 * @throws {InputError} With file, line and column: syntax, an unknown variable or filter, a header or file that is
 * missing or not allowed, an endless loop.
 */
export async function compileTemplate(input: CompileInput): Promise<Composer> {
  try {
    return await compile(input);
  } catch (error) {
    throw atOrigin(error, input.origins ?? {});
  }
}

/** What a template is compiled to. */
interface CompiledTemplate {
  readonly headers: Headers;
  readonly bodies: readonly CompiledPart[];
  readonly message: Message;
  readonly sources: Composer["sources"];
}

async function compile(input: CompileInput): Promise<Composer> {
  const compiled = await compiledTemplate(input);
  refuseEndlessLoops(compiled.message, input.columns, sourceOf(input.template));
  return composerOf(compiled, input.sevenBit ?? false);
}

async function compiledTemplate(input: CompileInput): Promise<CompiledTemplate> {
  const template = readTemplate(input.template);
  const { campaign, now = wallTime } = input;
  const folder = Folder.of(input.template.file, input.withheld);
  const { text, unsubscribe } = dialectOf(input, folder);
  const { listId, feedbackId } = input.mailingList ?? {};
  const replaced = { from: input.from, replyTo: input.replyTo, listId, feedbackId, unsubscribe };
  const headers = compileHeaders(template, text, replaced, new EncodedFiles(folder), input.copies);
  const images = new InlineImages(folder, domainOf(headers.sender));
  const bodies = template.format === "text"
    ? plainBody(template.body, input.text, text)
    : await pageOf(template.body, input.text, { headers, folder, text, images });
  const message = new Message({
    campaign,
    headers,
    // Read on demand, because some images are found only while mails are composed.
    get images() {
      return images.parts;
    },
    verp: input.verp,
    parts: bodies.map(({ type, compiled }) => ({ type, body: new Body(compiled) })),
    now,
  });
  return { headers, bodies, message, sources: folder.sources() };
}

/** Liquid for headers and plain text, with the unsubscribe link, which the template may show. */
function dialectOf(
  { columns, campaign, mailingList = {}, timezone = "UTC", dateFormat, now = wallTime }:
    CompileInput,
  folder: Folder,
): { readonly text: TextDialect; readonly unsubscribe: UnsubscribeHeaders | undefined } {
  const dates: DateSettings = { zone: zoneOf(timezone) ?? UTC, format: dateFormat, now };
  const variables = new TemplateVariables(columns, { campaign }, dates);
  const unsubscribe = compileUnsubscribeHeaders(mailingList, campaign, folder, variables);
  const names = { campaign, unsubscribe_url: unsubscribe?.url };
  return {
    text: textDialectOf(folder, new TemplateVariables(columns, names, dates)),
    unsubscribe,
  };
}

function composerOf(
  { headers, bodies, message, sources }: CompiledTemplate,
  sevenBit: boolean,
): Composer {
  const required = new Set([
    ...headers.required,
    ...bodies.flatMap(({ compiled }) => [...compiled.required]),
  ]);

  return {
    required: [...required].sort((a, b) => a - b),
    uses: () => {
      const all = [headers.uses, ...bodies.map(({ compiled }) => compiled.uses)].flat();
      return [...new Map(all.map((use) => [JSON.stringify(use), use])).values()];
    },
    subject: headers.subject,
    from: headers.from,
    sources,
    sender: headers.sender,
    convertedPerMail: bodies.find((part) => part.convertedPerMail)?.convertedPerMail,
    useVerpSecret: (secret) => message.useVerpSecret(secret),
    subjectOf: (recipient) => unlessLiquidFails(() => headers.subjectOf(recipient)),
    othersShown: (recipient) => unlessLiquidFails(() => headers.othersShown(recipient)) ?? [],
    copies: headers.copies && withReasons(headers.copies),
    compose(recipient, transport) {
      try {
        return message.compose(recipient, sevenBit ? SEVEN_BIT : transport);
      } catch (cause) {
        // Whatever it is, it concerns only this row; the others are sent.
        return { kind: "unmailable", reason: whyUnmailable(cause), cause };
      }
    },
  };
}

/** Errors of rendering concern only the row, as in its mail. */
function withReasons(copies: NamedForCopies): NamedForCopies {
  return {
    ...copies,
    of(recipient) {
      try {
        return copies.of(recipient);
      } catch (cause) {
        return { kind: "unmailable", reason: whyUnmailable(cause), cause };
      }
    },
  };
}

/** Undefined if a template cannot be rendered for a row; its mail then says why. */
function unlessLiquidFails<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!LiquidError.is(error)) throw error;
    return undefined;
  }
}

/** Loaded on demand: readers of Markdown and HTML take as long to load as everything else, and plain text needs none. */
async function pageOf(...input: Parameters<typeof alternatives>): Promise<CompiledPart[]> {
  return await (await import("./alternatives.ts")).alternatives(...input);
}

/** Returns why a row gives no mail, from the error thrown while composing it. */
function whyUnmailable(error: unknown): string {
  return LiquidError.is(error) || isRenderLimit(error)
    ? `Template cannot be rendered: ${renderReason(error)}`
    : `The mail cannot be made: ${error instanceof Error ? error.message : String(error)}`;
}

/** Renders one made-up row; whatever exceeds a limit there would do so in every mail. */
function refuseEndlessLoops(message: Message, { names }: Columns, template: TemplateSource): void {
  const address = "trial@example.com";
  const fields = names.map(() => address);
  try {
    message.compose({ kind: "recipient", key: address, line: 0, address, fields }, SEVEN_BIT);
  } catch (error) {
    if (!isRenderLimit(error)) {
      // A Liquid error may be due to the made-up values; any other would occur for every row, and is a bug.
      if (LiquidError.is(error)) return;
      throw error;
    }
    const at = LiquidError.is(error) ? template.text.indexOf(error.token.getText()) : -1;
    throw new InputError(whyUnmailable(error), {
      place: at < 0 ? { file: template.file } : placeAt(template, at),
    });
  }
}
