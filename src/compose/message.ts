import { hash } from "node:crypto";
import type { Recipient } from "../produce/recipient.ts";
import type { Body } from "./body.ts";
import { DateLine } from "./date.ts";
import type { Headers } from "./headers.ts";
import type { Mail, Transport, Unmailable } from "./mail.ts";
import { MailBuffer } from "./mail_buffer.ts";

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
  readonly now: () => number;
}

/** A campaign's message: makes a mail of each recipient (RFC 5322, RFC 2045, RFC 2046). */
export class Message {
  readonly #input: MessageInput;
  readonly #date: DateLine;
  readonly #buffer = new MailBuffer();
  readonly #alternative: string;
  readonly #mixed: string;
  readonly #domain: string;
  readonly #seed: string;

  constructor(input: MessageInput) {
    this.#input = input;
    this.#date = new DateLine(input.now);
    this.#domain = input.headers.sender.slice(input.headers.sender.lastIndexOf("@") + 1);
    // "=_" cannot occur in quoted-printable or base64 (RFC 2045, 6.7), so only plain bodies have to be looked through.
    this.#seed = digest(`boundary\0${input.campaign}\0${input.headers.subject}`);
    this.#alternative = `=_a${this.#seed}`;
    this.#mixed = `=_m${this.#seed}`;
  }

  /** @throws What liquidjs throws. */
  compose(recipient: Recipient, transport: Transport): Mail | Unmailable {
    const { headers, parts, campaign } = this.#input;
    const messageId = `<${digest(`${campaign}\0${recipient.key}`)}@${this.#domain}>`;
    let head = this.#date.line();
    let smtpUtf8 = !isAscii(recipient.address) || !isAscii(headers.sender);
    for (const render of headers.lines) {
      const rendered = render(recipient);
      if ("kind" in rendered) return rendered;
      head += rendered.line;
      smtpUtf8 ||= !rendered.addresses.every(isAscii);
    }
    head += `Message-ID: ${messageId}\r\nMIME-Version: 1.0\r\n`;

    const files: Uint8Array[] = [];
    for (const attachment of headers.attachments) {
      const part = attachment.render(recipient);
      if (part === undefined) continue;
      if ("kind" in part) return part;
      files.push(part);
    }
    this.#buffer.clear();
    this.#buffer.appendText(head);
    const isMixed = headers.attachments.length > 0;
    if (isMixed) this.#buffer.appendText(opening("mixed", this.#mixed));
    const eightBit = this.#writeParts(parts, recipient, transport);
    for (const file of files) {
      this.#buffer.appendText(`--${this.#mixed}\r\n`);
      this.#buffer.append(file);
    }
    if (isMixed) this.#buffer.appendText(`--${this.#mixed}--\r\n`);
    return {
      envelope: { sender: headers.sender, recipient: recipient.address, smtpUtf8 },
      messageId,
      bytes: this.#buffer.copy(),
      eightBit,
    };
  }

  /** Returns whether a part is 8bit. */
  #writeParts(parts: readonly Part[], recipient: Recipient, transport: Transport): boolean {
    const isAlternative = parts.length > 1;
    const delimiter = `--${this.#alternative}`;
    const rendered = parts.map(({ body }) => body.render(recipient, transport, this.#seed));
    if (isAlternative) this.#buffer.appendText(opening("alternative", this.#alternative));
    parts.forEach(({ type, body }, index) => {
      const { encoding } = rendered[index]!;
      const start = isAlternative && index > 0 ? `${delimiter}\r\n` : "";
      this.#buffer.appendText(
        `${start}Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`,
      );
      body.write(rendered[index]!, this.#buffer);
    });
    if (isAlternative) this.#buffer.appendText(`${delimiter}--\r\n`);
    return rendered.some(({ encoding }) => encoding === "8bit");
  }
}

/** The header of a multipart entity, and the delimiter before its first part. */
function opening(kind: "mixed" | "alternative", boundary: string): string {
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n--${boundary}\r\n`;
}

/** 128 bits of SHA-256 in hexadecimal: enough that no two of a campaign's recipients ever share one. */
function digest(text: string): string {
  return hash("sha256", text, "hex").slice(0, 32);
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7F]/.test(text);
}
