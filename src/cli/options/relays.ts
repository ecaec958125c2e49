import { InputError } from "../../model/input_error.ts";
import { type Relay, Secret } from "../../model/relay.ts";
import { parseRelay, passwordInUrl } from "../../smtp/url/relay_url.ts";
import { readSecretFile } from "../settings/secret_file.ts";
import { pathOf, type Sources } from "../settings/sources.ts";
import { unreadable } from "../settings/unreadable.ts";
import { type Given, placed } from "../settings/values.ts";

/** The relays of a campaign, and warnings about how their secrets are kept. */
export interface Relays {
  readonly relays: readonly Relay[];
  readonly warnings: string[];
}

/**
 * Resolves `--smtp`, `SMTP_URL` or `smtp`, and the password that goes with it.
 *
 * @throws {InputError} if none is given, a URL is wrong, or the password file cannot be read. No message contains
 * a secret.
 */
export function resolveRelays(sources: Sources): Relays {
  const given = givenRelays(sources);
  if (given.length === 0) throw noRelay();

  const warnings: string[] = [];
  const password = readPassword(sources, warnings);
  const relays = given.map((one) => {
    const context = {
      password,
      readTextFile: (path: string) => readTextFile("file in the SMTP URL", { ...one, text: path }),
      hostname: () => Deno.hostname(),
    };
    return placed(one, () => parseRelay(one.text, context));
  });
  refuseMixture(relays);
  if (password !== undefined) refuseWithoutUser(relays, sources);
  const exposed = given.filter((one) => holdsPassword(one, sources)).map((one) => one.name);
  for (const name of new Set(exposed)) {
    warnings.push(
      `The password in ${name} can be read by others; give it as SMTP_PASSWORD or SMTP_PASSWORD_FILE`,
    );
  }
  return { relays, warnings };
}

/** @throws {InputError} if the sandbox is one of several relays: its share of the mails would count as sent but reach nobody */
function refuseMixture(relays: readonly Relay[]): void {
  const real = relays.find(({ sandbox }) => !sandbox);
  if (real === undefined || !relays.some(({ sandbox }) => sandbox)) return;
  throw new InputError(
    `Cannot combine sandbox: with another relay, because its share of the mails would reach nobody: found 'sandbox:' and '${real.name}'`,
    { hint: "Name only the sandbox to try the campaign, or only the real relays to send it." },
  );
}

/** @throws {InputError} if no relay would use the password: the mails would be sent without the login that was intended */
function refuseWithoutUser(relays: readonly Relay[], sources: Sources): void {
  const real = relays.filter(({ sandbox }) => !sandbox);
  if (real.length === 0 || real.some(({ auth }) => auth !== undefined)) return;
  const name = sources.env("SMTP_PASSWORD") === undefined ? "SMTP_PASSWORD_FILE" : "SMTP_PASSWORD";
  throw new InputError(`${name} is given without a user: found none in the SMTP URL`, {
    hint: `Did you mean smtp://USER@${real[0]!.name}? To send without a login, unset ${name}.`,
  });
}

/** Returns whether any relay is named. */
export function hasRelay(sources: Sources): boolean {
  return givenRelays(sources).length > 0;
}

/**
 * Returns whether the relays are the sandbox, by their names alone.
 *
 * @throws {InputError} if a variable in the URL is not set
 */
export function namesSandbox(sources: Sources): "none" | "sandbox" | "real" {
  const given = givenRelays(sources);
  if (given.length === 0) return "none";
  return given.every(({ text }) => /^\s*sandbox:/i.test(text)) ? "sandbox" : "real";
}

function givenRelays(sources: Sources): readonly Given[] {
  const flags = sources.fromFlag("smtp");
  if (flags !== undefined) return flags;
  const url = sources.variables.secret("SMTP_URL");
  if (url !== undefined) return [{ text: url, name: "SMTP_URL", folder: "." }];
  return sources.fromFile("smtp") ?? [];
}

function noRelay(): InputError {
  return new InputError("No SMTP server is given", {
    hint: [
      "Give one of",
      "  --smtp smtp://user@smtp.example.com:587",
      "  SMTP_URL=smtp://user@smtp.example.com:587 in the environment",
      '  smtp = "smtp://user@smtp.example.com:587" in campaign.toml',
      "or --smtp sandbox: to try it out: mail goes to a folder, nothing leaves the machine.",
    ].join("\n  "),
  });
}

/** A URL on the command line is visible in the process list, one in the campaign file to everybody who has the file. */
function holdsPassword(given: Given, sources: Sources): boolean {
  if (given.name === "SMTP_URL") return false;
  if (given.place && sources.file?.fromEnvironment("smtp")) return false;
  return passwordInUrl(given.text);
}

function readPassword({ variables }: Sources, warnings: string[]): Secret | undefined {
  const password = variables.secret("SMTP_PASSWORD");
  if (password !== undefined) return new Secret(password);
  const path = variables.secret("SMTP_PASSWORD_FILE");
  if (path === undefined) return undefined;
  const text = readSecretFile("password file", path, warnings).replace(/\r?\n$/, "");
  if (text !== "") return new Secret(text);
  // In CI, a missing secret becomes an empty file; the relay would only report a wrong password.
  throw new InputError("The password file is empty", {
    kind: "secret",
    place: { file: path },
    hint: "Write the password into it (in CI: is the secret set?), or unset SMTP_PASSWORD_FILE.",
  });
}

function readTextFile(what: string, given: Given): string {
  const path = pathOf(given);
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw unreadable(what, path, cause);
  }
}
