import type { InputError } from "../../model/input_error.ts";
import { isHeloName } from "../wire/command.ts";
import { didYouMean, urlError } from "./url_error.ts";

/** The parts of a relay's URL, each decoded and checked for its form. */
export interface UrlParts {
  readonly scheme: "smtp" | "smtps" | "sandbox";
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** A name as A-label in lower case, an IPv4 address, or an IPv6 address in brackets; empty for the sandbox. */
  readonly host: string;
  readonly port: number | undefined;
  readonly query: readonly (readonly [name: string, value: string])[];
}

const FORMS = 'Write "smtp://user@host:587", "smtps://user@host:465" or "sandbox:".';
const SCHEMES = ["smtp", "smtps", "sandbox"] as const;

// deno-lint-ignore no-control-regex
const CONTROL_OR_BLANK = /[\x00-\x20\x7f\u0085\u00a0\u2028\u2029]/;
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;

/**
 * Splits the URL by hand: the URL class silently strips tabs and line ends, and its errors contain the whole text, including the
 * password.
 *
 * @throws InputError that never contains the password.
 */
export function splitUrl(url: string): UrlParts {
  if (CONTROL_OR_BLANK.test(url)) throw urlError("it contains a control character or a blank");
  const found = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(url);
  const name = found?.[1]?.toLowerCase();
  const scheme = SCHEMES.find((known) => known === name);
  const rest = found?.[2] ?? "";
  if (scheme === "sandbox") return sandboxParts(rest);
  if (scheme === undefined || !rest.startsWith("//")) throw noScheme(name, rest);
  const [, authority = "", path = "", query = "", fragment] =
    /^([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?(#.*)?$/.exec(rest.slice(2)) ?? [];
  const at = authority.lastIndexOf("@");
  if (at === -1 && `${path}${query}${fragment ?? ""}`.includes("@")) {
    throw urlError(
      'the user or the password contains "/", "?" or "#"',
      'Percent-encode it ("/" is %2F, "?" is %3F, "#" is %23), or set SMTP_PASSWORD.',
    );
  }
  if (path.length > 1) throw urlError("it has a path", FORMS);
  if (fragment !== undefined) throw urlError('it has a part after "#"', FORMS);
  return {
    scheme,
    ...credentials(at === -1 ? undefined : authority.slice(0, at)),
    ...hostAndPort(authority.slice(at + 1)),
    query: pairs(query),
  };
}

function sandboxParts(rest: string): UrlParts {
  const [, query = ""] = /^(?:\/\/)?(?:\?(.*))?$/.exec(rest) ?? [undefined, undefined];
  if (!/^(?:\/\/)?(?:\?.*)?$/.test(rest)) {
    throw urlError("the sandbox has neither host nor path", 'Write "sandbox:".');
  }
  return {
    scheme: "sandbox",
    user: undefined,
    password: undefined,
    host: "",
    port: undefined,
    query: pairs(query),
  };
}

/** The message names the scheme only if it is certain to be one: in "user:secret@host" it could be the user. */
function noScheme(name: string | undefined, rest: string): InputError {
  if (name === undefined || !rest.startsWith("//")) {
    return urlError("it does not begin with smtp://, smtps:// or sandbox:", FORMS);
  }
  const suggestion = didYouMean(name, SCHEMES);
  return urlError(
    `unknown scheme "${name}"`,
    suggestion === undefined ? FORMS : `${suggestion} ${FORMS}`,
  );
}

function credentials(info: string | undefined): Pick<UrlParts, "user" | "password"> {
  if (info === undefined) return { user: undefined, password: undefined };
  const colon = info.indexOf(":");
  const user = decode("user", colon === -1 ? info : info.slice(0, colon));
  if (user === "") throw urlError("there is an @ and no user before it", FORMS);
  const password = colon === -1 ? undefined : decode("password", info.slice(colon + 1));
  return { user, password: password === "" ? undefined : password };
}

function hostAndPort(text: string): Pick<UrlParts, "host" | "port"> {
  const [, written = "", digits] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(text) ?? [];
  if (written === "") throw urlError("it names no host", FORMS);
  return { host: hostOf(written), port: portOf(digits) };
}

function portOf(digits: string | undefined): number | undefined {
  if (digits === undefined) return undefined;
  // The message omits the text if it is not a number, because it can be part of a password.
  if (!/^\d{1,9}$/.test(digits)) throw urlError("its port is not a number", FORMS);
  const port = Number(digits);
  if (port < 1 || port > 65_535) {
    throw urlError(`its port must be a number from 1 to 65535: found ${port}`);
  }
  return port;
}

/** The URL class reads every form of a host and turns U-labels into A-labels (RFC 5890). */
function hostOf(written: string): string {
  const bare = decode("host", written).replace(/\.$/, "");
  let host: string | undefined;
  try {
    host = /[/?#@\\]/.test(bare) ? undefined : new URL(`http://${bare}`).hostname;
  } catch {
    // Not a host. The error below says so without the URL class's text, which contains the host.
  }
  if (host !== undefined && (host.startsWith("[") || isHeloName(host))) return host;
  // Shown only if it looks like a host: after an unencoded "@" it can be the end of a password.
  const shown = /^[a-z0-9.-]{1,60}$/i.test(written) ? `: ${written}` : "";
  throw urlError(`its host is neither a name nor an address${shown}`, FORMS);
}

function pairs(query: string): [string, string][] {
  return query.split("&").filter((pair) => pair !== "").map((pair) => {
    const equals = pair.indexOf("=");
    const name = equals === -1 ? pair : pair.slice(0, equals);
    return [
      decode("parameter name", name),
      decode(name, equals === -1 ? "" : pair.slice(equals + 1)),
    ];
  });
}

function decode(what: string, text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw urlError(
      `its ${what} contains a percent sign that encodes nothing`,
      'Write "%25" for "%".',
    );
  }
  if (CONTROL.test(decoded)) throw urlError(`its ${what} contains a control character`);
  return decoded;
}
