import { type AuthMechanism, type Relay, Secret, type Security } from "../../model/relay.ts";
import { isLoopback } from "../session/session.ts";
import { isHeloName } from "../wire/command.ts";
import { type Parameters, readParameters, readShares, readSwitch } from "./parameters.ts";
import { readPem } from "./pem.ts";
import { didYouMean, quoteInError, urlError } from "./url_error.ts";
import { splitUrl, type UrlParts } from "./url_parts.ts";

/** What is needed to read a relay's URL, in addition to the URL. */
export interface RelayContext {
  /** From SMTP_PASSWORD or SMTP_PASSWORD_FILE; a password in the URL takes precedence. */
  readonly password: Secret | undefined;
  /** Reads the files of `ca`, `cert` and `key`. */
  readonly readTextFile: (path: string) => string;
  /** This machine's name, for EHLO; may throw. */
  readonly hostname?: () => string;
}

const MECHANISMS: readonly AuthMechanism[] = ["plain", "login", "cram-md5", "xoauth2"];

/** Submission with STARTTLS (RFC 6409), and over TLS from the first byte (RFC 8314). */
const PORTS = { smtp: 587, smtps: 465 } as const;

/**
 * Reads the URL of a relay: `smtp://user@host:587`, `smtps://user@host:465` or `sandbox:`, with parameters after a
 * question mark.
 *
 * smtp:// requires STARTTLS unless `tls=opportunistic` or `tls=off` says otherwise. User and password are percent-decoded. No
 * error contains the password or the whole URL.
 *
 * @throws InputError
 */
export function parseRelay(url: string, context: RelayContext): Relay {
  const parts = splitUrl(url);
  const parameters = readParameters(parts);
  const name = heloName(parameters, context);
  const shares = readShares(parameters);
  if (parts.scheme === "sandbox") return sandbox(name, shares);
  const port = parts.port ?? PORTS[parts.scheme];
  const security = readSecurity(parts.scheme, parameters);
  const auth = readAuth(parts, parameters, context, security);
  const certificate = readCertificate(parameters, context, security);
  return {
    name: `${parts.host}:${port}`,
    host: parts.host,
    port,
    security,
    helo: name,
    auth,
    ca: readFile("ca", parameters, context, security),
    certificate,
    chunking: readSwitch("chunking", parameters),
    pipelining: readSwitch("pipelining", parameters),
    ...shares,
    sandbox: false,
  };
}

/** Returns whether the URL itself contains a password, which is then in the process list and the shell's history. */
export function passwordInUrl(url: string): boolean {
  try {
    return splitUrl(url).password !== undefined;
  } catch {
    return false;
  }
}

function sandbox(helo: string | undefined, shares: ReturnType<typeof readShares>): Relay {
  return {
    name: "sandbox:",
    host: "127.0.0.1",
    port: 0,
    security: "off",
    helo,
    auth: undefined,
    ca: undefined,
    certificate: undefined,
    chunking: true,
    pipelining: true,
    ...shares,
    sandbox: true,
  };
}

function heloName(parameters: Parameters, { hostname }: RelayContext): string | undefined {
  const given = parameters.get("name");
  if (given !== undefined) {
    if (isHeloName(given)) return given;
    throw urlError(
      `name (for EHLO) is neither a domain nor an address literal: ${quoteInError(given)}`,
      'Write "mail.example.com" or "[192.0.2.1]", for example.',
    );
  }
  try {
    const own = (hostname ?? Deno.hostname)();
    // A name without a dot means nothing to others; the address does (RFC 5321, 4.1.4).
    return own.includes(".") && isHeloName(own) ? own : undefined;
  } catch {
    return undefined;
  }
}

function readSecurity(scheme: "smtp" | "smtps", parameters: Parameters): Security {
  const tls = parameters.get("tls");
  if (scheme === "smtps") {
    if (tls === undefined || tls === "required") return "tls";
    throw urlError(
      `smtps:// uses TLS from the first byte and cannot be combined with tls=${quoteInError(tls)}`,
    );
  }
  const security = tls === undefined ? "starttls" : SECURITY.get(tls);
  if (security !== undefined) return security;
  const forms = [...SECURITY.keys()];
  throw urlError(
    `tls must be one of ${forms.join(", ")}: found ${quoteInError(tls!)}`,
    didYouMean(tls!, forms),
  );
}

const SECURITY = new Map<string, Security>([
  ["required", "starttls"],
  ["opportunistic", "opportunistic"],
  ["off", "off"],
]);

function readAuth(
  { user, password: inUrl, host }: UrlParts,
  parameters: Parameters,
  context: RelayContext,
  security: Security,
): Relay["auth"] {
  const wanted = parameters.get("auth");
  const mechanism = MECHANISMS.find((name) => name === wanted);
  if (wanted !== undefined && mechanism === undefined) {
    throw urlError(
      `auth must be one of ${MECHANISMS.join(", ")}: found ${quoteInError(wanted)}`,
      didYouMean(wanted, MECHANISMS),
    );
  }
  if (user === undefined) {
    if (mechanism === undefined) return undefined;
    throw urlError("auth needs a user", 'Write "smtp://user@host".');
  }
  if (security === "off" && !isLoopback(host)) {
    throw urlError(
      `a user with tls=off would send the password in clear to ${host}`,
      "Omit tls=off, or omit the user.",
    );
  }
  const password = inUrl === undefined ? context.password : new Secret(inUrl);
  if (password === undefined) {
    throw urlError(`it has a user (${quoteInError(user)}) but no password`, "Set SMTP_PASSWORD.");
  }
  // A NUL would end the password early (RFC 4616, 2), and no other control character belongs in it.
  if (CONTROL.test(password.reveal())) throw urlError("the password contains a control character");
  return { user, password, mechanism };
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/;

function readCertificate(
  parameters: Parameters,
  context: RelayContext,
  security: Security,
): Relay["certificate"] {
  const cert = readFile("cert", parameters, context, security);
  const key = readFile("key", parameters, context, security);
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw urlError("cert and key must be given together, and one of them is missing");
  }
  if (security !== "tls") {
    throw urlError(
      "cert and key work with smtps:// only",
      "A client certificate cannot be presented after STARTTLS.",
    );
  }
  return { cert, key: new Secret(key) };
}

function readFile(
  name: "ca" | "cert" | "key",
  parameters: Parameters,
  { readTextFile }: RelayContext,
  security: Security,
): string | undefined {
  const path = parameters.get(name);
  if (path === undefined) return undefined;
  if (security === "off") throw urlError(`${name} cannot be combined with tls=off`);
  return readPem(name, path, readTextFile);
}
