import { join } from "node:path";
import { makeToken, TokenSecret } from "../../src/compose/unsubscribe/unsubscribe_token.ts";
import {
  openSuppressionList,
  type SuppressionList,
} from "../../src/suppression/suppression_list.ts";
import { UnsubscribeHandler } from "../../src/unsubscribe/unsubscribe_handler.ts";
import type { Unsubscribed } from "../../src/unsubscribe/server_options.ts";
import { inFolder } from "../support/folder.ts";

export const SECRET = "a secret of thirty-two bytes or more";
export const secret = new TokenSecret(SECRET, "UNSUBSCRIBE_SECRET");
export const BASE = "https://news.example.com";

export function linkOf(key: string, campaign = "spring"): string {
  return `${BASE}/u/${makeToken(secret, { campaign, key })}`;
}

/** As Gmail and others send it (RFC 8058, 3.2), without cookie or referrer. */
export function oneClick(url: string, type: "multipart" | "urlencoded" = "urlencoded"): Request {
  const body = type === "multipart" ? new FormData() : new URLSearchParams();
  body.set("List-Unsubscribe", "One-Click");
  return new Request(url, { method: "POST", body });
}

/** A handler with its own list, and what it reported. */
export async function withHandler(
  action: (handler: {
    answer: (request: Request, remote?: string) => Promise<Response>;
    list: SuppressionList;
    left: Unsubscribed[];
    faults: unknown[];
  }) => Promise<void>,
  more: { readonly proxies?: number; readonly baseUrl?: string } = {},
): Promise<void> {
  await inFolder({}, async (folder) => {
    using list = openSuppressionList(join(folder, "suppressed.db"));
    const left: Unsubscribed[] = [];
    const faults: unknown[] = [];
    const handler = new UnsubscribeHandler({
      listen: { hostname: "127.0.0.1", port: 0 },
      baseUrl: BASE,
      secret,
      list,
      sender: "Acme News",
      proxies: 0,
      onLeft: (one) => left.push(one),
      onFault: (error) => faults.push(error),
      ...more,
    });
    const answer = (request: Request, remote = "192.0.2.1") => handler.answer(request, remote);
    await action({ answer, list, left, faults });
  });
}

/** Everything that a client sees of an answer. */
export async function seen(response: Response): Promise<unknown> {
  return [response.status, [...response.headers], await response.text()];
}
