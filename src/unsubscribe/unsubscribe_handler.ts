import { monotonic, wallTime } from "../time/clock.ts";
import { readToken, type UnsubscribeClaim } from "../compose/unsubscribe/unsubscribe_token.ts";
import { clientOf } from "./client_address.ts";
import { readUnsubscribeRequest } from "./unsubscribe_request.ts";
import { UnsubscribeQueue } from "./unsubscribe_queue.ts";
import { pagesOf } from "./pages.ts";
import { RateLimit } from "./rate_limit.ts";
import type { RequestRefusal } from "./refusal.ts";
import type { ServerEvents, ServerOptions } from "./server_options.ts";

/**
 * Requests with a genuine link. Generous, since all one-click requests of a mail service come from a few addresses; it is there to
 * stop a client that keeps repeating one mail's link.
 */
const WITH_LINK = { burst: 5_000, perSecond: 100 };
/** All others. They have a budget of their own, so that guessing links does not keep others on the same network from unsubscribing. */
const WITHOUT_LINK = { burst: 60, perSecond: 1 };

/** Headers of all responses: no caching, no guessing of types, no indexing, no link in a Referer. */
const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex, nofollow",
};

/** Responds to requests. A forged link gets the same responses as a genuine one; only a genuine one changes anything. */
export class UnsubscribeHandler {
  readonly #options: ServerOptions & ServerEvents;
  readonly #queue: UnsubscribeQueue;
  readonly #prefix: string;
  readonly #pages;
  readonly #withLink = new RateLimit(WITH_LINK);
  readonly #withoutLink = new RateLimit(WITHOUT_LINK);

  constructor(options: ServerOptions & ServerEvents) {
    this.#options = options;
    this.#queue = new UnsubscribeQueue(options.list);
    this.#prefix = new URL(options.baseUrl).pathname.replace(/\/+$/, "");
    this.#pages = pagesOf(options.sender);
  }

  /**
   * @param request What was received, or why it is not a valid request.
   * @param remote The address that the connection comes from.
   */
  async answer(request: Request | RequestRefusal, remote: string): Promise<Response> {
    if (!(request instanceof Request)) return text(request.status, request.reason);
    const path = this.#pathOf(request);
    if (path === "/health") return this.#health(request);
    const { secret, proxies } = this.#options;
    const token = /^\/u\/([^/]+)\/?$/.exec(path)?.[1];
    const leaving = token === undefined ? undefined : readToken(secret, token);
    const client = clientOf(remote, request.headers.get("x-forwarded-for"), proxies);
    const limit = leaving === undefined ? this.#withoutLink : this.#withLink;
    const wait = limit.take(client, monotonic());
    if (wait > 0) return this.#page(429, this.#pages.tooMany, { "retry-after": String(wait) });
    if (token === undefined) return this.#page(404, this.#pages.notFound);
    if (request.method === "POST") return await this.#leave(request, leaving);
    if (isReading(request)) return this.#page(200, this.#pages.ask);
    return text(405, "Method not allowed", { allow: "GET, HEAD, POST" });
  }

  /** The path without that of the base URL; a proxy may have removed it already. */
  #pathOf(request: Request): string {
    const path = URL.parse(request.url)?.pathname ?? "";
    return path.startsWith(`${this.#prefix}/`) ? path.slice(this.#prefix.length) : path;
  }

  async #leave(request: Request, leaving: UnsubscribeClaim | undefined): Promise<Response> {
    const requested = await readUnsubscribeRequest(request);
    if (requested === "unknown") {
      return text(400, "Not an unsubscribe request; nothing has changed");
    }
    try {
      if (leaving !== undefined) await this.#enter(leaving, requested);
    } catch (error) {
      this.#options.onFault?.(error);
      const later = { "retry-after": "60" };
      return requested === "page"
        ? this.#page(503, this.#pages.failed, later)
        : text(503, "Not saved; please try again", later);
    }
    return requested === "page" ? this.#page(200, this.#pages.done) : text(200, "Unsubscribed");
  }

  async #enter({ campaign, key }: UnsubscribeClaim, source: "one-click" | "page"): Promise<void> {
    const { list, onLeft } = this.#options;
    // Scanners and people repeat requests: there is nothing to write.
    if (list.find(key) !== undefined) return;
    await this.#queue.enter({ key, at: wallTime(), campaign, source, reason: undefined });
    onLeft?.({ key, campaign, source });
  }

  /** Reports whether the list can be read, for the proxy or for monitoring. */
  #health(request: Request): Response {
    if (!isReading(request)) return text(405, "Method not allowed", { allow: "GET, HEAD" });
    try {
      this.#options.list.find("");
      return text(200, "ok");
    } catch (error) {
      this.#options.onFault?.(error);
      return text(503, "The suppression list cannot be read");
    }
  }

  #page(status: number, html: string, more: Readonly<Record<string, string>> = {}): Response {
    return new Response(html, {
      status,
      headers: {
        ...HEADERS,
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": this.#pages.policy,
        ...more,
      },
    });
  }
}

function isReading({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

function text(
  status: number,
  line: string,
  more: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${line}\n`, {
    status,
    headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8", ...more },
  });
}
