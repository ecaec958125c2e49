import { InputError } from "../../model/input_error.ts";
import { makeToken, type TokenSecret } from "./unsubscribe_token.ts";

/** Names of this machine, for which http is allowed, for trying it out. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Parses the public URL of the unsubscribe server; the result has no slash at the end.
 *
 * @param name name of the setting in errors
 * @throws {InputError} unless it is an https URL (RFC 8058, 3.1) without user, query and fragment; http is allowed for
 * this machine itself
 */
export function parseBaseUrl(text: string, name: string): string {
  const url = URL.parse(text);
  const isEncrypted = url?.protocol === "https:" ||
    (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  const isBare = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === "" &&
    !/[?#]/.test(text);
  if (!isEncrypted || !isBare) {
    // A URL may contain a password, so it is not repeated.
    throw new InputError(`${name} must be an https URL without user, query and fragment`, {
      hint: "Give the URL of the unsubscribe server, such as https://news.example.com.",
    });
  }
  return url.href.replace(/\/+$/, "");
}

/** The link that unsubscribes a recipient: a page for people on GET, one-click on POST. */
export function unsubscribeUrl(
  baseUrl: string,
  secret: TokenSecret,
  campaign: string,
  key: string,
): string {
  return `${baseUrl}/u/${makeToken(secret, { campaign, key })}`;
}

/** A `mailto:` link (RFC 6068) whose mail carries the token of `url` in its subject, for the reader of that mailbox. */
export function unsubscribeMailto(address: string, url: string | undefined): string {
  const token = url === undefined ? "" : ` ${url.slice(url.lastIndexOf("/") + 1)}`;
  const [local = "", domain = ""] = splitAtLast(address, "@");
  return `mailto:${encodeURIComponent(local)}@${domain}?subject=${
    encodeURIComponent(`unsubscribe${token}`)
  }`;
}

/** A header field: its name, and its body in the parts between which it may be folded (RFC 5322, 2.2.3). */
export interface UnsubscribeHeader {
  readonly name: string;
  readonly parts: readonly string[];
}

/**
 * The header fields that let a mail program offer "unsubscribe": List-Unsubscribe (RFC 2369, 3.2), with the link first
 * since receivers try from the left, and for a link List-Unsubscribe-Post (RFC 8058, 3.1). DKIM has to sign both
 * (RFC 8058, 4).
 */
export function unsubscribeHeaders(
  { url, mailto }: { readonly url: string | undefined; readonly mailto: string | undefined },
): readonly UnsubscribeHeader[] {
  const links = [url, mailto].filter((link) => link !== undefined);
  if (links.length === 0) return [];
  const parts = links.map((link, index) => `<${link}>${index < links.length - 1 ? "," : ""}`);
  const header = { name: "List-Unsubscribe", parts };
  if (url === undefined) return [header];
  return [header, { name: "List-Unsubscribe-Post", parts: ["List-Unsubscribe=One-Click"] }];
}

function splitAtLast(text: string, separator: string): [string, string] {
  const at = text.lastIndexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
