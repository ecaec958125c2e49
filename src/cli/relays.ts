import { InputError } from "../report/input_error.ts";
import { type Relay, Secret } from "../smtp/relay.ts";
import { parseRelay, passwordInUrl } from "../smtp/url.ts";
import { readSecretFile } from "./secret_file.ts";
import { pathOf, type Sources, unreadable } from "./sources.ts";
import { type Given, placed } from "./values.ts";

/** The relays of a campaign, and what the user should know about how their secrets are kept. */
export interface Relays {
  readonly relays: readonly Relay[];
  readonly warnings: string[];
}

/**
 * Resolves `--smtp`, `SMTP_URL` or `smtp`, and the password that goes with it.
 *
 * @throws {InputError} where none is given, a URL is wrong, or the file of the password cannot be read. No message holds
 * a secret.
 */
export function resolveRelays(sources: Sources): Relays {
  const { env } = sources;
  const given = givenRelays(sources);
  if (given.length === 0) throw noRelay();

  const warnings: string[] = [];
  const password = readPassword(env, warnings);
  const relays = given.map((one) => {
    const context = {
      password,
      readTextFile: (path: string) => readTextFile("file in the SMTP URL", { ...one, text: path }),
      hostname: () => Deno.hostname(),
    };
    return placed(one, () => parseRelay(one.text, context));
  });
  refuseMixture(relays);
  const exposed = given.filter((one) => holdsPassword(one, sources)).map((one) => one.name);
  for (const name of new Set(exposed)) {
    warnings.push(
      `The password in ${name} can be read by others; give it as SMTP_PASSWORD or SMTP_PASSWORD_FILE`,
    );
  }
  return { relays, warnings };
}

/** The sandbox's share of the mails would reach nobody, and count as sent. */
function refuseMixture(relays: readonly Relay[]): void {
  const real = relays.find(({ sandbox }) => !sandbox);
  if (real === undefined || !relays.some(({ sandbox }) => sandbox)) return;
  throw new InputError(
    `Cannot use sandbox: beside another relay as its share of the mails would reach nobody: found 'sandbox:' and '${real.name}'`,
    { hint: "name the sandbox alone to try the campaign, or the real relays alone to send it" },
  );
}

/** Whether any relay is named. */
export function hasRelay(sources: Sources): boolean {
  return givenRelays(sources).length > 0;
}

/** Whether the relays are the sandbox, by their names alone. */
export function namesSandbox(sources: Sources): "none" | "sandbox" | "real" {
  const given = givenRelays(sources);
  if (given.length === 0) return "none";
  return given.every(({ text }) => /^\s*sandbox:/i.test(text)) ? "sandbox" : "real";
}

function givenRelays(sources: Sources): readonly Given[] {
  const url = sources.env("SMTP_URL");
  const fromEnvironment = url === undefined
    ? undefined
    : [{ text: url, name: "SMTP_URL", folder: "." }];
  return sources.fromFlag("smtp") ?? fromEnvironment ?? sources.fromFile("smtp") ?? [];
}

function noRelay(): InputError {
  return new InputError("No SMTP server is given", {
    hint: [
      "give one of",
      "  --smtp smtp://user@smtp.example.com:587",
      "  SMTP_URL=smtp://user@smtp.example.com:587 in the environment",
      '  smtp = "smtp://user@smtp.example.com:587" in campaign.toml',
      "or --smtp sandbox: to try it out: mail goes to a folder, nothing leaves the machine",
    ].join("\n  "),
  });
}

/** A URL on the command line is seen in the process list, one in the campaign file by whoever has the file. */
function holdsPassword(given: Given, sources: Sources): boolean {
  if (given.name === "SMTP_URL") return false;
  if (given.place && sources.file?.fromEnvironment("smtp")) return false;
  return passwordInUrl(given.text);
}

function readPassword(
  env: (name: string) => string | undefined,
  warnings: string[],
): Secret | undefined {
  const password = env("SMTP_PASSWORD");
  if (password !== undefined) return new Secret(password);
  const path = env("SMTP_PASSWORD_FILE");
  if (path === undefined) return undefined;
  const text = readSecretFile("password file", path, warnings);
  return new Secret(text.replace(/\r?\n$/, ""));
}

function readTextFile(what: string, given: Given): string {
  const path = pathOf(given);
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw unreadable(what, path, cause);
  }
}
