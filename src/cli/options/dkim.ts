import { type PrivateKey, readPrivateKeys, weaknessOf } from "../../compose/dkim/dkim_key.ts";
import {
  type DkimSettings,
  dkimSettings,
  selectorName,
  signingDomain,
} from "../../compose/dkim/dkim_settings.ts";
import { InputError } from "../../model/input_error.ts";
import { readSecretFile } from "../settings/secret_file.ts";
import { pathOf, type Sources } from "../settings/sources.ts";
import { type Given, placed, unusable } from "../settings/values.ts";

/**
 * Resolves domain, selectors and keys; undefined if none of them is given. The key itself can be in `DKIM_KEY`, which
 * comes after a file named by a flag and before one named in the campaign file.
 *
 * @param warnings Receives warnings about the keys.
 * @throws {InputError} if one is missing or cannot be used. No message contains any part of a key.
 */
export function resolveDkim(sources: Sources, warnings: string[]): DkimSettings | undefined {
  const domain = sources.one("dkim-domain");
  const selectors = sources.all("dkim-selector");
  const keys = readKeys(sources, warnings);
  const missing = [
    ...(domain === undefined ? ["domain"] : []),
    ...(selectors.length === 0 ? ["selector"] : []),
    ...(keys.length === 0 ? ["key"] : []),
  ];
  if (missing.length === 3) return undefined;
  if (domain === undefined || missing.length > 0) throw incomplete(missing);

  const name = signingDomain(domain.text);
  if (name === undefined) throw unusable(domain, "a domain such as example.com");
  const names = selectors.map((given) => {
    const selector = selectorName(given.text);
    if (selector !== undefined) return selector;
    throw unusable(given, "a selector: letters, digits, '-' and '.', such as mail2026");
  });
  return placed(selectors[0]!, () => dkimSettings(name, names, keys));
}

function incomplete(missing: readonly string[]): InputError {
  return new InputError(`DKIM lacks its ${missing.join(" and ")}: mails would be sent unsigned`, {
    hint: "Give --dkim-domain, --dkim-selector and --dkim-key (or DKIM_KEY in the environment), " +
      "or domain, selector and key under [dkim] in campaign.toml.",
  });
}

function readKeys(sources: Sources, warnings: string[]): PrivateKey[] {
  const named = sources.fromFlag("dkim-key") ?? sources.fromEnvironment("dkim-key");
  const text = named ? undefined : sources.variables.secret("DKIM_KEY");
  const read = (pem: string, name: string, file?: string) => {
    const keys = readPrivateKeys(
      pem,
      `The DKIM key in ${name}`,
      file === undefined ? undefined : { file },
    );
    for (const key of keys) {
      const weakness = weaknessOf(key);
      if (weakness !== undefined) warnings.push(`The DKIM key in ${file ?? name} ${weakness}`);
    }
    return keys;
  };
  // A line of a `.env` file, or a variable set by CI, can hold line ends as "\n".
  if (text !== undefined) {
    return [...read(text.replaceAll("\\n", "\n"), "DKIM_KEY")];
  }
  return (named ?? sources.fromFile("dkim-key") ?? []).flatMap((given) => {
    if (isKey(given.text)) throw keyInPlaceOfFile(given);
    const path = pathOf(given);
    return read(readSecretFile("DKIM key", path, warnings), path, path);
  });
}

/** Returns whether a key was given in place of a file name. The message about a missing file would show it. */
function isKey(text: string): boolean {
  return /-----BEGIN|[\r\n]|\\n/.test(text) || /^[A-Za-z0-9+/]{43,}={0,2}$/.test(text);
}

function keyInPlaceOfFile({ name, place }: Given): InputError {
  return new InputError(`${name} must be the name of a file: found what looks like a key`, {
    ...(place && { place }),
    hint: "Put the key into a file with mode 600, or into DKIM_KEY in the environment.",
  });
}
