import { hash } from "node:crypto";
import PostalMime, { type Attachment, decodeWords } from "postal-mime";
import { parseHtml } from "../compose/html/parse_html.ts";

/** A mail as its receiver sees it: all of it read from the mail's own bytes. */
export interface ParsedMail {
  readonly subject: string;
  /** Name and value of each header field, unfolded and decoded, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly html: string | undefined;
  readonly text: string | undefined;
  readonly files: readonly MailFile[];
  /** Images that the HTML part shows by their Content-IDs. */
  readonly images: readonly InlineImage[];
  readonly links: readonly MailLink[];
  /** Hosts that the HTML part would load something from, such as "cdn.example.com". */
  readonly remote: readonly string[];
  /** The mail's own text; long runs of base64 are cut. */
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
  /** SHA-256 of type and bytes: the same image in another mail. */
  readonly digest: string;
}

export interface MailLink {
  readonly text: string;
  readonly target: string;
}

/** Most links of a mail that are told. */
const MOST_LINKS = 500;
/** Most of a source that is shown, in UTF-16 units: ten times what Gmail shows of a mail's HTML. */
const MOST_SOURCE = 1_000_000;
/** Lines of a run of base64 that are shown, and what makes a run longer than that. */
const SHOWN_LINES = 3;
const BASE64_LINE = /^[A-Za-z0-9+/]{60,}={0,2}$/;

/** Reads a mail as a mail program would. */
export async function parseMail(bytes: Uint8Array): Promise<ParsedMail> {
  const email = await PostalMime.parse(bytes);
  const { html, text } = email;
  const found = html === undefined
    ? { links: [], remote: [], shown: new Set<string>() }
    : lookInto(html);
  const isShown = ({ contentId }: Attachment) =>
    contentId !== undefined && found.shown.has(bare(contentId));
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
    links: found.links,
    remote: found.remote,
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

/** What an HTML part leads to: links, hosts it would load from, Content-IDs it shows (RFC 2392). */
function lookInto(html: string) {
  const links: MailLink[] = [];
  const hosts = new Set<string>();
  const shown = new Set<string>();
  const load = (url: string) => {
    const text = url.trim();
    if (/^cid:/i.test(text)) shown.add(decoded(text.slice("cid:".length)));
    const host = /^(?:https?:)?\/\/([^/?#\s]+)/i.exec(text)?.[1];
    if (host !== undefined) hosts.add(host.toLowerCase());
  };
  const loadFromCss = (css: string) => {
    for (const [, url = ""] of css.matchAll(/(?:url\(\s*|@import\s+)["']?([^"')\s]+)/gi)) load(url);
  };
  let open: { target: string; text: string } | undefined;
  const close = () => {
    if (open !== undefined && links.length < MOST_LINKS) {
      links.push({ ...open, text: open.text.replace(/\s+/g, " ").trim() });
    }
    open = undefined;
  };
  let inStyle = false;
  parseHtml(html, {
    onopentag(name, attributes) {
      const { href, src, srcset, background, poster, style, alt } = attributes;
      for (const url of [src, background, poster]) if (url !== undefined) load(url);
      for (const candidate of srcset?.split(",") ?? []) load(candidate.trim().split(/\s/)[0] ?? "");
      if (style !== undefined) loadFromCss(style);
      if (name === "link" && href !== undefined) load(href);
      if (name === "style") inStyle = true;
      if (name === "a" || name === "area") {
        close();
        if (href !== undefined) open = { target: href.trim(), text: "" };
      }
      if (open !== undefined && alt !== undefined) open.text += alt;
    },
    ontext(text) {
      if (inStyle) loadFromCss(text);
      if (open !== undefined) open.text += text;
    },
    onclosetag(name) {
      if (name === "style") inStyle = false;
      if (name === "a" || name === "area") close();
    },
  });
  close();
  return { links, remote: [...hosts], shown };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The mail as text, with what nobody reads cut: an attachment of megabytes would hide the rest. */
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
  return text.length <= MOST_SOURCE
    ? text
    : `${text.slice(0, MOST_SOURCE)}\n[… cut here: the file has all of it]`;
}

function cutLine(lines: number): string {
  return `[… ${lines} ${lines === 1 ? "line" : "lines"} of base64: the file has them]`;
}
