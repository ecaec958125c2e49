import { TokenSecret } from "../../compose/unsubscribe/unsubscribe_token.ts";
import type { MailingListOptions } from "../../compose/content_options.ts";
import { readSecretFile } from "../settings/secret_file.ts";
import { pathOf, type Sources } from "../settings/sources.ts";

/** Resolves the settings of a mailing list. Unless another URL is given, that of `unsubscribe serve` is used. */
export function resolveMailingList(sources: Sources, warnings: string[]): MailingListOptions {
  // Both have the same key in the campaign file, which comes after either's variable.
  const url = (sources.fromFlag("unsubscribe-url") ??
    sources.fromEnvironment("unsubscribe-url") ?? sources.all("base-url"))[0];
  const isOwn = url === undefined || url.text.includes("{{");
  return {
    unsubscribeUrl: url?.text,
    unsubscribeMailto: sources.one("unsubscribe-mailto")?.text,
    unsubscribeSecret: isOwn ? undefined : resolveUnsubscribeSecret(sources, warnings),
    listId: sources.one("list-id")?.text,
    feedbackId: sources.one("feedback-id")?.text,
  };
}

/**
 * The secret that tokens are made and read with: from the file of the flag, else from `UNSUBSCRIBE_SECRET`, else from the file
 * named by `UNSUBSCRIBE_SECRET_FILE` or the campaign file.
 *
 * @throws {InputError} if the file cannot be read or the secret is too short. No message contains any part of it.
 */
export function resolveUnsubscribeSecret(
  sources: Sources,
  warnings: string[],
): TokenSecret | undefined {
  const flag = sources.fromFlag("unsubscribe-secret-file")?.[0];
  const secret = flag ? undefined : sources.variables.secret("UNSUBSCRIBE_SECRET");
  if (secret !== undefined) return new TokenSecret(secret, "UNSUBSCRIBE_SECRET");
  const variable = flag ? undefined : sources.variables.secret("UNSUBSCRIBE_SECRET_FILE");
  const given = sources.one("unsubscribe-secret-file");
  const path = variable ?? (given && pathOf(given));
  if (path === undefined) return undefined;
  const text = readSecretFile("unsubscribe secret", path, warnings);
  return new TokenSecret(text.replace(/\r?\n$/, ""), `The unsubscribe secret in ${path}`);
}
