import PostalMime, { type Email } from "postal-mime";

/** The parts of a message by which a report is recognised. */
export interface ParsedMessage {
  /** The first field of a name (in lower case), unfolded; "" where there is none. */
  header(name: string): string;
  /** All fields of a name. */
  headers(name: string): readonly string[];
  readonly subject: string;
  /** The text that a person reads; made from the HTML where there is nothing else. */
  readonly text: string;
  /** The other parts in their order, attached messages included. */
  readonly parts: readonly MessagePart[];
}

export interface MessagePart {
  /** In lower case: "message/delivery-status". */
  readonly type: string;
  /** Its content, decoded, up to `MAX_PART` characters. */
  readonly text: string;
}

/** Types of parts that contain the returned mail, or its header. */
const RETURNED =
  /^(?:message\/(?:rfc822|rfc822-headers|partial|global|global-headers)|text\/rfc822-headers?)$/;

export function isReturned(type: string): boolean {
  return RETURNED.test(type);
}

/** How much of a text or part is read, in UTF-16 units: reports are short, but the mails they return can be long. */
const MAX_PART = 128 * 1024;
/**
 * How many lines are read. A report's own parts have a hundred or two, and come first; the parser takes some 50 µs for each
 * line, which must not be a way to keep us busy.
 */
const MAX_LINES = 4_000;
/** Reports nest three deep; deeper nesting is an attack. */
const MAX_NESTED = 50;
/** How many characters of a field are kept; a server's reply has at most 512 octets (RFC 5321, 4.5.3.1.5). */
const MAX_FIELD = 2_000;
const MAX_HEADER_BYTES = 256 * 1024;
/** A field of a header (RFC 5322, 2.2) on a line of its own, somewhere near the top. */
const FIELD = /^[!-9;-~]{1,76}[ \t]*:/m;

const utf8 = new TextDecoder();

/**
 * Parses a message (RFC 5322, RFC 2045). Messages within it stay in one piece: a report that somebody forwards is not a report
 * to us. Nothing is fetched or executed.
 *
 * @returns why it is unreadable, where the bytes are not a message
 */
export async function readParsedMessage(
  bytes: Uint8Array,
): Promise<ParsedMessage | { readonly unreadable: string }> {
  const top = new TextDecoder().decode(bytes.subarray(0, 4096));
  if (!FIELD.test(top)) {
    return { unreadable: bytes.length === 0 ? "it is empty" : "it has no header" };
  }
  let email: Email;
  try {
    email = await PostalMime.parse(firstLines(bytes), {
      forceRfc822Attachments: true,
      maxNestingDepth: MAX_NESTED,
      maxHeadersSize: MAX_HEADER_BYTES,
    });
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
  const headers = (name: string) =>
    email.headers.filter(({ key }) => key === name).map(({ value }) => value);
  const text = (email.text ?? "").slice(0, MAX_PART);
  return {
    header: (name) => headers(name)[0] ?? "",
    headers,
    subject: email.subject ?? "",
    text: withLineFeeds(text === "" && isBroken(email) ? afterHead(bytes) : text),
    parts: email.attachments.map(({ mimeType, content }) => ({
      type: mimeType,
      text: decodeText(content),
    })),
  };
}

/** Returns whether the header announces parts and there are none: the delimiter differs from the announced one. */
function isBroken({ headers, attachments, html }: Email): boolean {
  return attachments.length === 0 && (html ?? "") === "" &&
    headers.some(({ key, value }) => key === "content-type" && /^multipart\//i.test(value));
}

function afterHead(bytes: Uint8Array): string {
  const text = withLineFeeds(utf8.decode(bytes.subarray(0, MAX_PART)));
  return text.slice(headOf(text).length).replace(/^\s+/, "");
}

function firstLines(bytes: Uint8Array): Uint8Array {
  let end = -1;
  for (let line = 0; line < MAX_LINES; line++) {
    end = bytes.indexOf(0x0a, end + 1);
    if (end < 0) return bytes;
  }
  return bytes.subarray(0, end + 1);
}

/** Reads a block of header fields, or of the fields of a report, with folded lines joined (RFC 5322, 2.2.3). */
export function fieldsOf(block: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = "";
  for (const line of block.split("\n")) {
    if (/^[ \t]/.test(line)) {
      const before = fields.get(name) ?? "";
      if (name !== "" && before.length < MAX_FIELD) fields.set(name, joined(before, line));
      continue;
    }
    const colon = line.indexOf(":");
    name = colon < 1 ? "" : line.slice(0, colon).trim().toLowerCase();
    // The first of several counts, as in the message's own header.
    if (name === "" || fields.has(name)) name = "";
    else fields.set(name, joined("", line.slice(colon + 1)));
  }
  return fields;
}

function joined(before: string, line: string): string {
  return `${before} ${line.slice(0, MAX_FIELD).trim()}`.trim().slice(0, MAX_FIELD);
}

/** The part of a text before its first empty line. */
export function headOf(text: string): string {
  const end = text.search(/\n[ \t]*\n/);
  return end < 0 ? text : text.slice(0, end);
}

function decodeText(content: ArrayBuffer | Uint8Array | string): string {
  if (typeof content === "string") return withLineFeeds(content.slice(0, MAX_PART));
  const bytes = content instanceof Uint8Array ? content : new Uint8Array(content);
  return withLineFeeds(utf8.decode(bytes.subarray(0, MAX_PART)));
}

function withLineFeeds(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(/^\n+/, "");
}
