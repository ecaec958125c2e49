import { hash, randomUUID } from "node:crypto";
import type { Recipient } from "../produce/recipient.ts";
import { domainOf } from "../smtp/domain_of.ts";
import type { Attachment } from "./attachment.ts";
import type { Body, RenderedBody } from "./body.ts";
import { DateLine } from "./date.ts";
import type { Headers } from "./headers.ts";
import type { Mail, Transport, Unmailable } from "./mail.ts";
import { MailBuffer } from "./mail_buffer.ts";
import { type Verp, VerpKey, verpSender } from "./verp.ts";

/** A part of a mail that a reader shows. */
export interface Part {
  readonly type: "text/plain" | "text/html";
  readonly body: Body;
}

/** What all mails of a campaign share. */
export interface MessageInput {
  readonly campaign: string;
  readonly headers: Headers;
  /** One, or two alternatives: the plain one first (RFC 2046, 5.1.4). */
  readonly parts: readonly Part[];
  /** MIME parts that the HTML part shows by their Content-IDs. */
  readonly images: readonly Uint8Array[];
  /** Where reports come back to, each to an address of its own; undefined: to From. */
  readonly verp?: Verp | undefined;
  readonly now: () => number;
}

/** A campaign's message: makes a mail of each recipient (RFC 5322, RFC 2045, RFC 2046). */
export class Message {
  readonly #input: MessageInput;
  readonly #date: DateLine;
  readonly #buffer = new MailBuffer();
  readonly #alternative: string;
  readonly #related: string;
  readonly #mixed: string;
  readonly #domain: string;
  readonly #seed: string;
  /** Until the ledger's secret is known, a random one: reports about test mails and previews match nobody. */
  #verpKey = new VerpKey(randomUUID());

  constructor(input: MessageInput) {
    this.#input = input;
    this.#date = new DateLine(input.now);
    this.#domain = domainOf(input.headers.sender);
    // "=_" cannot occur in quoted-printable or base64 (RFC 2045, 6.7), so only plain bodies have to be looked through.
    this.#seed = digest(`boundary\0${input.campaign}\0${input.headers.subject}`);
    this.#alternative = `=_a${this.#seed}`;
    this.#related = `=_r${this.#seed}`;
    this.#mixed = `=_m${this.#seed}`;
  }

  /** From now on return paths are those of the ledger with this secret. */
  useVerpSecret(secret: string): void {
    this.#verpKey = new VerpKey(secret);
  }

  /** @throws What liquidjs throws, and whatever else goes wrong with a row; the next mail is made all the same. */
  compose(recipient: Recipient, transport: Transport): Mail | Unmailable {
    try {
      return this.#compose(recipient, transport);
    } catch (error) {
      this.#buffer.discard();
      throw error;
    }
  }

  #compose(recipient: Recipient, transport: Transport): Mail | Unmailable {
    const { headers, parts, campaign, verp } = this.#input;
    const token = digest(`${campaign}\0${recipient.key}`);
    const messageId = `<${token}@${this.#domain}>`;
    const sender = verp === undefined
      ? headers.sender
      : verpSender(verp, this.#verpKey.tokenOf(token));
    let head = this.#date.line();
    let smtpUtf8 = !isAscii(recipient.address) || !isAscii(sender);
    for (const render of headers.lines) {
      const rendered = render(recipient);
      if ("kind" in rendered) return rendered;
      head += rendered.line;
      smtpUtf8 ||= !rendered.addresses.every(isAscii);
    }
    head += `Message-ID: ${messageId}\r\nMIME-Version: 1.0\r\n`;
    const files = filesOf(headers.attachments, recipient);
    if ("kind" in files) return files;
    const bodies = parts.map(({ body }) => body.render(recipient, transport, this.#seed));

    this.#buffer.appendText(head);
    if (files.length === 0) this.#writePage(bodies);
    else this.#writeMixed(bodies, files);
    return {
      envelope: { sender, recipient: recipient.address, smtpUtf8 },
      messageId,
      bytes: this.#buffer.take(),
      eightBit: bodies.some(({ encoding }) => encoding === "8bit"),
    };
  }

  #writeMixed(bodies: readonly RenderedBody[], files: readonly Uint8Array[]): void {
    this.#buffer.appendText(opening("mixed", this.#mixed));
    this.#writePage(bodies);
    this.#writeFiles(files, this.#mixed);
  }

  /** What is shown: the alternatives, with their images (RFC 2387) where there are any. */
  #writePage(bodies: readonly RenderedBody[]): void {
    const { images } = this.#input;
    if (images.length === 0) return this.#writeParts(bodies);
    this.#buffer.appendText(opening("related", this.#related, '; type="multipart/alternative"'));
    this.#writeParts(bodies);
    this.#writeFiles(images, this.#related);
  }

  #writeFiles(files: readonly Uint8Array[], boundary: string): void {
    for (const file of files) {
      this.#buffer.appendText(`--${boundary}\r\n`);
      this.#buffer.append(file);
    }
    this.#buffer.appendText(`--${boundary}--\r\n`);
  }

  #writeParts(bodies: readonly RenderedBody[]): void {
    const { parts } = this.#input;
    const isAlternative = parts.length > 1;
    const delimiter = `--${this.#alternative}`;
    if (isAlternative) this.#buffer.appendText(opening("alternative", this.#alternative));
    parts.forEach(({ type, body }, index) => {
      const rendered = bodies[index]!;
      const start = isAlternative && index > 0 ? `${delimiter}\r\n` : "";
      this.#buffer.appendText(
        `${start}Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${rendered.encoding}\r\n\r\n`,
      );
      body.write(rendered, this.#buffer);
    });
    if (isAlternative) this.#buffer.appendText(`${delimiter}--\r\n`);
  }
}

/** The row's attachments as MIME parts. */
function filesOf(
  attachments: readonly Attachment[],
  recipient: Recipient,
): readonly Uint8Array[] | Unmailable {
  const files: Uint8Array[] = [];
  for (const attachment of attachments) {
    const part = attachment.render(recipient);
    if (part === undefined) continue;
    if ("kind" in part) return part;
    files.push(part);
  }
  return files;
}

/** The header of a multipart entity, and the delimiter before its first part. */
function opening(
  kind: "mixed" | "related" | "alternative",
  boundary: string,
  type = "",
): string {
  return `Content-Type: multipart/${kind}${type};\r\n boundary="${boundary}"\r\n\r\n--${boundary}\r\n`;
}

/** 128 bits of SHA-256 in hexadecimal: enough that no two of a campaign's recipients ever share one. */
function digest(text: string): string {
  return hash("sha256", text, "hex").slice(0, 32);
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7F]/.test(text);
}
