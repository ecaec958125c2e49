import { hash, randomUUID } from "node:crypto";
import type { Recipient } from "../../model/recipient.ts";
import { domainOf } from "../../text/domain_of.ts";
import type { Attachment } from "../files/attachment.ts";
import type { Body, RenderedBody } from "./body.ts";
import { DateLine } from "../headers/date_line.ts";
import type { Headers } from "../headers/headers.ts";
import type { AttachedFile, Mail, Transport, Unmailable } from "../../model/mail.ts";
import { isAscii } from "./encode.ts";
import { MailBuffer } from "./mail_buffer.ts";
import type { EncodedPart } from "./file_part.ts";
import { type Verp, VerpKey, verpSender } from "../unsubscribe/verp.ts";

/** A part of a mail that a reader shows. */
export interface MimePart {
  readonly type: "text/plain" | "text/html";
  readonly body: Body;
}

/** What all mails of a campaign share. */
export interface MessageInput {
  readonly campaign: string;
  readonly headers: Headers;
  /** One, or two alternatives: the plain one first (RFC 2046, 5.1.4). */
  readonly parts: readonly MimePart[];
  /** MIME parts that the HTML part refers to by their Content-IDs. */
  readonly images: readonly Uint8Array[];
  /** Where bounces return to, each to its own address; undefined: to From. */
  readonly verp?: Verp | undefined;
  readonly now: () => number;
}

/** A campaign's message: makes a mail for each recipient (RFC 5322, RFC 2045, RFC 2046). */
export class Message {
  readonly #input: MessageInput;
  readonly #date: DateLine;
  readonly #buffer = new MailBuffer();
  readonly #domain: string;
  readonly #seed: string;
  /** Random until the ledger's secret is known, so that reports about test mails and previews match nobody. */
  #verpKey = new VerpKey(randomUUID());

  constructor(input: MessageInput) {
    this.#input = input;
    this.#date = new DateLine(input.now);
    this.#domain = domainOf(input.headers.sender);
    this.#seed = digest(`boundary\0${input.campaign}\0${input.headers.subject}`);
  }

  /** From now on, return paths belong to the ledger with this secret. */
  useVerpSecret(secret: string): void {
    this.#verpKey = new VerpKey(secret);
  }

  /** @throws What liquidjs throws, and whatever else goes wrong with a row; the next mail can still be made. */
  compose(recipient: Recipient, transport: Transport): Mail | Unmailable {
    try {
      return this.#compose(recipient, transport);
    } catch (error) {
      this.#buffer.discard();
      throw error;
    }
  }

  #compose(addressee: Recipient, transport: Transport): Mail | Unmailable {
    // A copy differs in its envelope only.
    const { address, copyOf } = addressee;
    const recipient = copyOf === undefined ? addressee : { ...addressee, ...copyOf };
    const { headers, parts, campaign, verp } = this.#input;
    const token = digest(`${campaign}\0${recipient.key}`);
    const messageId = `<${token}@${this.#domain}>`;
    const sender = verp === undefined
      ? headers.sender
      : verpSender(verp, this.#verpKey.tokenOf(token));
    let head = this.#date.line();
    let smtpUtf8 = !isAscii(address) || !isAscii(sender);
    for (const render of headers.lines) {
      const rendered = render(recipient);
      if ("kind" in rendered) return rendered;
      head += rendered.line;
      smtpUtf8 ||= !rendered.addresses.every(isAscii);
    }
    head += `Message-ID: ${messageId}\r\nMIME-Version: 1.0\r\n`;
    const files = filesOf(headers.attachments, recipient, transport);
    if ("kind" in files) return files;
    const seed = freeSeed(this.#seed, files);
    const bodies = parts.map(({ body }) => body.render(recipient, transport, seed));
    const eightBit = bodies.some(({ encoding }) => encoding === "8bit") ||
      files.some((file) => file.isEightBit);

    this.#buffer.appendText(head);
    const frame: Frame = { seed, eightBit };
    if (files.length === 0) this.#writePage(bodies, frame);
    else this.#writeMixed(bodies, files, frame);
    return {
      envelope: { sender, recipient: address, smtpUtf8 },
      messageId,
      bytes: this.#buffer.take(),
      eightBit,
      attachments: files.length === 0 ? undefined : files.map(({ file }) => file),
    };
  }

  #writeMixed(
    bodies: readonly RenderedBody[],
    files: readonly EncodedPart[],
    frame: Frame,
  ): void {
    const boundary = `=_m${frame.seed}`;
    this.#buffer.appendText(opening("mixed", boundary, frame.eightBit));
    const inner = { ...frame, eightBit: bodies.some(({ encoding }) => encoding === "8bit") };
    this.#writePage(bodies, inner);
    this.#writeFiles(files.map(({ bytes }) => bytes), boundary);
  }

  /** What is shown: the alternatives, with their images (RFC 2387), if any. */
  #writePage(bodies: readonly RenderedBody[], frame: Frame): void {
    const { images } = this.#input;
    if (images.length === 0) return this.#writeParts(bodies, frame);
    const boundary = `=_r${frame.seed}`;
    const type = '; type="multipart/alternative"';
    this.#buffer.appendText(opening("related", boundary, frame.eightBit, type));
    this.#writeParts(bodies, frame);
    this.#writeFiles(images, boundary);
  }

  #writeFiles(files: readonly Uint8Array[], boundary: string): void {
    for (const file of files) {
      this.#buffer.appendText(`--${boundary}\r\n`);
      this.#buffer.append(file);
    }
    this.#buffer.appendText(`--${boundary}--\r\n`);
  }

  #writeParts(bodies: readonly RenderedBody[], frame: Frame): void {
    const { parts } = this.#input;
    const isAlternative = parts.length > 1;
    const boundary = `=_a${frame.seed}`;
    if (isAlternative) {
      this.#buffer.appendText(opening("alternative", boundary, frame.eightBit));
    }
    parts.forEach(({ type, body }, index) => {
      const rendered = bodies[index]!;
      const start = isAlternative && index > 0 ? `--${boundary}\r\n` : "";
      this.#buffer.appendText(
        `${start}Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${rendered.encoding}\r\n\r\n`,
      );
      body.write(rendered, this.#buffer);
    });
    if (isAlternative) this.#buffer.appendText(`--${boundary}--\r\n`);
  }
}

/** What the multiparts of one mail have in common. */
interface Frame {
  /** Their boundaries contain it. */
  readonly seed: string;
  /** A part within is 8bit, and so they are as well (RFC 2045, 6.4). */
  readonly eightBit: boolean;
}

/** An attachment as it goes into one mail. */
interface ChosenPart extends EncodedPart {
  readonly isEightBit: boolean;
  readonly file: AttachedFile;
}

/**
 * A seed whose boundaries occur in no file that is sent unencoded, such as a mail of this campaign attached to another.
 * "=_" cannot occur in quoted-printable or base64 (RFC 2045, 6.7); plain bodies are checked elsewhere.
 */
function freeSeed(seed: string, files: readonly EncodedPart[]): string {
  let free = seed;
  while (files.some(({ seeds }) => seeds.has(free))) free = digest(`boundary\0${free}`);
  return free;
}

/** The row's attachments as MIME parts, in a form that the server accepts. */
function filesOf(
  attachments: readonly Attachment[],
  recipient: Recipient,
  transport: Transport,
): readonly ChosenPart[] | Unmailable {
  const files: ChosenPart[] = [];
  for (const attachment of attachments) {
    const part = attachment.render(recipient);
    if (part === undefined) continue;
    if ("kind" in part) return part;
    const isEightBit = transport.eightBit && part.eightBit !== undefined;
    files.push({ ...(isEightBit ? part.eightBit : part.sevenBit), isEightBit, file: part.file });
  }
  return files;
}

/** The header of a multipart entity, and the delimiter before its first part. */
function opening(
  kind: "mixed" | "related" | "alternative",
  boundary: string,
  eightBit: boolean,
  type = "",
): string {
  const encoding = eightBit ? "Content-Transfer-Encoding: 8bit\r\n" : "";
  return `Content-Type: multipart/${kind}${type};\r\n boundary="${boundary}"\r\n${encoding}\r\n--${boundary}\r\n`;
}

/** 128 bits of SHA-256 in hexadecimal: enough that no two of a campaign's recipients ever share one. */
function digest(text: string): string {
  return hash("sha256", text, "hex").slice(0, 32);
}
