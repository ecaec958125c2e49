import { InputError } from "../../model/input_error.ts";
import { nearest } from "../../text/nearest.ts";
import { isHeloName } from "../wire/command.ts";
import { readPem } from "./pem.ts";
import { parseRate } from "../../model/rate.ts";
import { type AuthMechanism, type Relay, Secret, type Security } from "../../model/relay.ts";
import { isLoopback } from "../session/session.ts";
import { splitUrl, type UrlParts } from "./url_parts.ts";

/** What a relay's URL is read with. */
export interface RelayContext {
  /** From SMTP_PASSWORD or SMTP_PASSWORD_FILE; a password in the URL goes before it. */
  readonly password: Secret | undefined;
  /** Reads the files of `ca`, `cert` and `key`. */
  readonly readTextFile: (path: string) => string;
  /** This machine's name, for EHLO; may throw. */
  readonly hostname?: () => string;
}

const PARAMETERS = [
  "tls",
  "ca",
  "cert",
  "key",
  "auth",
  "name",
  "weight",
  "rate",
  "connections",
  "chunking",
  "pipelining",
] as const;
type Parameter = typeof PARAMETERS[number];
type Parameters = ReadonlyMap<Parameter, string>;

const SANDBOX_PARAMETERS: readonly Parameter[] = ["name", "weight", "rate", "connections"];
const MECHANISMS: readonly AuthMechanism[] = ["plain", "login", "cram-md5", "xoauth2"];

/** RFC 6409 and RFC 8314: submission with STARTTLS, and over TLS from the first byte. */
const PORTS = { smtp: 587, smtps: 465 } as const;

/**
 * Resolves the URL of a relay: `smtp://user@host:587`, `smtps://user@host:465` or `sandbox:`, with the parameters of
 * `PARAMETERS` behind a question mark.
 *
 * smtp:// means STARTTLS, required, unless `tls=opportunistic` or `tls=off` says otherwise. User and password are
 * percent-decoded. No error holds the password, nor the URL as a whole.
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

/** Whether the URL itself holds a password: it is then in the process list and the shell's history. */
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

function readParameters({ scheme, query }: UrlParts): Parameters {
  const known: readonly string[] = scheme === "sandbox" ? SANDBOX_PARAMETERS : PARAMETERS;
  const parameters = new Map<Parameter, string>();
  for (const [name, value] of query) {
    if (!known.includes(name)) {
      throw fault(
        `unknown parameter ${show(name)}`,
        suggest(name, known) ?? `known: ${known.join(", ")}`,
      );
    }
    if (parameters.has(name as Parameter)) throw fault(`parameter ${name} is given twice`);
    if (value === "") throw fault(`parameter ${name} has no value`);
    parameters.set(name as Parameter, value);
  }
  return parameters;
}

function heloName(parameters: Parameters, { hostname }: RelayContext): string | undefined {
  const given = parameters.get("name");
  if (given !== undefined) {
    if (isHeloName(given)) return given;
    throw fault(
      `name (for EHLO) is neither a domain nor an address literal: ${show(given)}`,
      'write "mail.example.com" or "[192.0.2.1]"',
    );
  }
  try {
    const own = (hostname ?? Deno.hostname)();
    // A name without a dot says nothing to anybody else; the address does (RFC 5321, 4.1.4).
    return own.includes(".") && isHeloName(own) ? own : undefined;
  } catch {
    return undefined;
  }
}

function readShares(parameters: Parameters): Pick<Relay, "weight" | "connections" | "rate"> {
  const rate = parameters.get("rate");
  return {
    weight: wholeNumber("weight", parameters) ?? 1,
    connections: wholeNumber("connections", parameters),
    rate: rate === undefined ? undefined : parseRate(rate, "rate of the SMTP URL"),
  };
}

/** Whether the extension may be used where the server offers it. */
function readSwitch(name: "chunking" | "pipelining", parameters: Parameters): boolean {
  const text = parameters.get(name) ?? "on";
  if (text === "on" || text === "off") return text === "on";
  throw fault(`${name} must be on or off: found ${show(text)}`);
}

function wholeNumber(name: Parameter, parameters: Parameters): number | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw fault(`${name} must be a whole number from 1: found ${show(text)}`);
}

function readSecurity(scheme: "smtp" | "smtps", parameters: Parameters): Security {
  const tls = parameters.get("tls");
  if (scheme === "smtps") {
    if (tls === undefined || tls === "required") return "tls";
    throw fault(`smtps:// is TLS from the first byte and does not go with tls=${show(tls)}`);
  }
  const security = tls === undefined ? "starttls" : SECURITY.get(tls);
  if (security !== undefined) return security;
  const forms = [...SECURITY.keys()];
  throw fault(`tls must be one of ${forms.join(", ")}: found ${show(tls!)}`, suggest(tls!, forms));
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
    throw fault(
      `auth must be one of ${MECHANISMS.join(", ")}: found ${show(wanted)}`,
      suggest(wanted, MECHANISMS),
    );
  }
  if (user === undefined) {
    if (mechanism === undefined) return undefined;
    throw fault("auth needs a user", 'write "smtp://user@host"');
  }
  if (security === "off" && !isLoopback(host)) {
    throw fault(
      `a user with tls=off would send the password in clear to ${host}`,
      "leave tls=off away, or the user",
    );
  }
  const password = inUrl === undefined ? context.password : new Secret(inUrl);
  if (password === undefined) {
    throw fault(`there is a user (${show(user)}) and no password`, "set SMTP_PASSWORD");
  }
  // A NUL would end the user or the password early (RFC 4616, 2); a control has no business in either.
  if (CONTROL.test(password.reveal())) throw fault("the password holds a control character");
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
    throw fault("cert and key go together, and one of them is missing");
  }
  if (security !== "tls") {
    throw fault("cert and key work with smtps:// only", "our TLS cannot show one after STARTTLS");
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
  if (security === "off") throw fault(`${name} has no use with tls=off`);
  return readPem(name, path, readTextFile);
}

function fault(reason: string, hint?: string): InputError {
  return new InputError(`Cannot use the SMTP URL: ${reason}`, hint === undefined ? {} : { hint });
}

function suggest(found: string, known: readonly string[]): string | undefined {
  const near = nearest(found, known);
  return near === undefined ? undefined : `Did you mean "${near}"?`;
}

function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
