import { hash } from "node:crypto";
import PostalMime, { type Attachment, decodeWords } from "postal-mime";
import { countOf } from "../text/quantity.ts";
import { percentDecoded } from "../compose/escaping/percent_encoding.ts";
import { type Link, readReferences } from "../compose/html/references.ts";

/** A mail as its recipient sees it, read from the mail's own bytes. */
export interface ParsedMail {
  readonly subject: string;
  /** Name and value of each header field, unfolded and decoded, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly html: string | undefined;
  readonly text: string | undefined;
  readonly files: readonly MailFile[];
  /** Images that the HTML part shows by their Content-IDs. */
  readonly images: readonly InlineImage[];
  readonly links: readonly Link[];
  /** Hosts that the HTML part would load something from, such as "cdn.example.com". */
  readonly remote: readonly string[];
  /** The source of the mail; long runs of base64 are cut. */
  readonly source: string;
}

export interface MailFile {
  readonly name: string;
  readonly type: string;
  /** Octets, decoded. */
  readonly size: number;
  /** The HTML part shows it. */
  readonly inline: boolean;
}

export interface InlineImage {
  readonly contentId: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  /** SHA-256 of type and bytes, by which the same image in another mail is recognised. */
  readonly digest: string;
}

/** How many links of a mail are listed. */
const MAX_LINKS = 500;
/** How much of a source is shown, in UTF-16 units: ten times what Gmail shows of a mail's HTML. */
const MAX_SOURCE = 1_000_000;
/** How many lines are shown at either end of a run of base64. */
const SHOWN_LINES = 3;
const BASE64_LINE = /^[A-Za-z0-9+/]{60,}={0,2}$/;

/** Reads a mail as a mail program would. */
export async function parseMail(bytes: Uint8Array): Promise<ParsedMail> {
  const email = await PostalMime.parse(bytes);
  const { html, text } = email;
  const { links, remote, contentIds } = htmlReferences(html);
  const isShown = ({ contentId }: Attachment) =>
    contentId !== undefined && contentIds.has(bare(contentId));
  return {
    subject: email.subject ?? "",
    headers: email.headers.map(({ originalKey, value }) => [originalKey, decodeWords(value)]),
    html,
    text,
    files: email.attachments.map((file) => ({
      name: file.filename ?? "(without a name)",
      type: file.mimeType,
      size: octetsOf(file).length,
      inline: isShown(file),
    })),
    images: email.attachments.filter(isShown).map(imageOf),
    links,
    remote,
    source: sourceText(bytes),
  };
}

function imageOf(file: Attachment): InlineImage {
  const bytes = octetsOf(file);
  const type = /^image\/[a-z0-9.+-]+$/.test(file.mimeType) ? file.mimeType : "image/x-unknown";
  const digest = hash("sha256", bytes, "hex");
  return { contentId: bare(file.contentId ?? ""), type, bytes, digest: `${type} ${digest}` };
}

function octetsOf({ content }: Attachment): Uint8Array {
  if (typeof content === "string") return new TextEncoder().encode(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}

function bare(contentId: string): string {
  return contentId.replace(/^<([^]*)>$/, "$1");
}

/** Where an HTML part leads, the hosts it would load from, and the Content-IDs it shows. */
function htmlReferences(html: string | undefined) {
  const { links, resources } = readReferences(html ?? "");
  const sources = resources.map(({ source }) => source.trim());
  const hosts = sources.flatMap((source) =>
    /^(?:https?:)?\/\/([^/?#\s]+)/i.exec(source)?.[1]?.toLowerCase() ?? []
  );
  const contentIds = sources.filter((source) => /^cid:/i.test(source)).map(contentIdOf);
  return {
    links: links.slice(0, MAX_LINKS),
    remote: [...new Set(hosts)],
    contentIds: new Set(contentIds),
  };
}

/** The Content-ID that a `cid:` URL names, which can be percent-encoded (RFC 2392). */
function contentIdOf(url: string): string {
  return percentDecoded(url.slice("cid:".length));
}

/** The mail as text, without the middle of attachments, which would hide the rest. */
function sourceText(bytes: Uint8Array): string {
  const shown: string[] = [];
  let run = 0;
  const endRun = () => {
    const cut = run - 2 * SHOWN_LINES;
    if (cut > 0) shown.splice(shown.length - run + SHOWN_LINES, cut, cutLine(cut));
    run = 0;
  };
  for (const line of new TextDecoder().decode(bytes).split("\r\n")) {
    if (!BASE64_LINE.test(line)) endRun();
    else run++;
    shown.push(line);
  }
  endRun();
  const text = shown.join("\n");
  return text.length <= MAX_SOURCE
    ? text
    : `${text.slice(0, MAX_SOURCE)}\n[… cut here: the file has the rest]`;
}

function cutLine(lines: number): string {
  return `[… ${countOf(lines, "line")} of base64: the file has them]`;
}
