import { Buffer } from "node:buffer";
import type { RequestRefusal } from "./refusal.ts";
import { BodyReader } from "./request_body.ts";

/** The most octets of a request line and headers; a browser behind two proxies sends about two thousand. */
const MAX_HEAD = 16 * 1024;

/** RFC 9110, 5.6.2. */
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const REQUEST_LINE = new RegExp(`^(${TOKEN}) (\\S+) (HTTP/\\d\\.\\d)$`);
const FIELD_NAME = new RegExp(`^${TOKEN}$`);
/** `Request` refuses these methods. */
const UNSERVED_METHODS = /^(?:CONNECT|TRACE|TRACK)$/i;

interface Head {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
}

/**
 * Assembles one HTTP/1.1 request from the octets of a connection (RFC 9112), however they are split. Strict: lines end with CRLF,
 * a request has one length, and anything ambiguous is refused.
 */
export class RequestReader {
  #unread = "";
  #head: Head | undefined;
  #body: BodyReader | undefined;

  /** Whether request line and headers are complete. */
  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  /** Whether the client is waiting for "100 Continue" before it sends the body (RFC 9110, 10.1.1). */
  get awaitsContinue(): boolean {
    return this.#unread === "" &&
      this.#head?.headers.get("expect")?.toLowerCase() === "100-continue";
  }

  /** Takes the next octets; returns undefined until the request is whole. */
  take(octets: Uint8Array): Request | RequestRefusal | undefined {
    this.#unread += Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
    if (this.#head === undefined) {
      const refusal = this.#takeHead();
      if (this.#head === undefined || refusal !== undefined) return refusal;
    }
    const body = this.#body!;
    const refusal = body.take(this.#unread);
    this.#unread = "";
    if (refusal !== undefined) return refusal;
    return body.isWhole ? requestOf(this.#head, body.text) : undefined;
  }

  #takeHead(): RequestRefusal | undefined {
    // An empty line before a request is left over from an earlier one (RFC 9112, 2.2).
    this.#unread = this.#unread.replace(/^(?:\r\n)+/, "");
    const end = this.#unread.indexOf("\r\n\r\n");
    if ((end < 0 ? this.#unread.length : end) > MAX_HEAD) {
      return { status: 431, reason: "Headers too large" };
    }
    if (end < 0) return undefined;
    const head = parseHead(this.#unread.slice(0, end));
    if ("status" in head) return head;
    const body = BodyReader.of(head.headers);
    if ("status" in body) return body;
    this.#unread = this.#unread.slice(end + 4);
    this.#head = head;
    this.#body = body;
    return undefined;
  }
}

function parseHead(text: string): Head | RequestRefusal {
  const [first = "", ...lines] = text.split("\r\n");
  const [, method, target, version] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined) return bad("Invalid request line");
  if (version !== "HTTP/1.1" && version !== "HTTP/1.0") {
    return { status: 505, reason: "HTTP version not supported" };
  }
  if (UNSERVED_METHODS.test(method)) return { status: 405, reason: "Method not allowed" };
  const url = urlOf(target!);
  if (url === undefined) return bad("Invalid request target");
  const headers = parseFields(lines);
  if (headers === undefined) return bad("Invalid header");
  if (version === "HTTP/1.1" && !headers.has("host")) return bad("The Host header is missing");
  return { method, url, headers };
}

function parseFields(lines: readonly string[]): Headers | undefined {
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    if (!FIELD_NAME.test(name) || /[\0\r\n]/.test(line)) return undefined;
    headers.append(name, trimmed(line, colon + 1));
  }
  return headers;
}

/**
 * The text from `start`, trimmed. A pattern for that, like the one in `Headers`, takes time that grows with the square or cube of
 * the number of blanks: minutes for a header of the permitted size.
 */
function trimmed(line: string, start: number): string {
  const isBlank = (at: number) => line[at] === " " || line[at] === "\t";
  let end = line.length;
  while (start < end && isBlank(start)) start++;
  while (start < end && isBlank(end - 1)) end--;
  return line.slice(start, end);
}

/** Only the path counts: the server has one site, under any name. */
function urlOf(target: string): URL | undefined {
  if (target.startsWith("/")) return URL.parse(`http://localhost${target}`) ?? undefined;
  return /^https?:\/\//i.test(target) ? URL.parse(target) ?? undefined : undefined;
}

function requestOf({ method, url, headers }: Head, body: string): Request {
  // `Request` allows these no body, and we need none.
  const hasBody = !/^(?:GET|HEAD)$/i.test(method);
  return new Request(url, {
    method,
    headers,
    ...(hasBody && { body: Uint8Array.from(Buffer.from(body, "latin1")) }),
  });
}

function bad(reason: string): RequestRefusal {
  return { status: 400, reason };
}
