import { TokenSecret } from "../compose/unsubscribe_token.ts";
import type { MailingListOptions } from "./options.ts";
import { readSecretFile } from "./secret_file.ts";
import { pathOf, type Sources } from "./sources.ts";

/** What makes mails those of a list that can be left; the URL of `unsubscribe serve` is taken where no other is given. */
export function resolveMailingList(sources: Sources, warnings: string[]): MailingListOptions {
  const url = sources.one("unsubscribe-url") ?? sources.one("base-url");
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
 * The secret that tokens are made and read with: `UNSUBSCRIBE_SECRET`, else the file of `UNSUBSCRIBE_SECRET_FILE`, a flag or
 * the campaign file.
 *
 * @throws {InputError} where the file cannot be read or the secret is too short. No message holds any of it.
 */
export function resolveUnsubscribeSecret(
  sources: Sources,
  warnings: string[],
): TokenSecret | undefined {
  const secret = sources.env("UNSUBSCRIBE_SECRET");
  if (secret !== undefined) return new TokenSecret(secret, "UNSUBSCRIBE_SECRET");
  const given = sources.one("unsubscribe-secret-file");
  const path = sources.env("UNSUBSCRIBE_SECRET_FILE") ?? (given && pathOf(given));
  if (path === undefined) return undefined;
  const text = readSecretFile("unsubscribe secret", path, warnings);
  return new TokenSecret(text.replace(/\r?\n$/, ""), `The unsubscribe secret in ${path}`);
}
