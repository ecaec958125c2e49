import { extname } from "node:path";
import { hash } from "node:crypto";
import type { Composer } from "../../../compose/composer.ts";
import type { CompileInput } from "../../../compose/composer.ts";
import type { CampaignFacts } from "../../../ledger/ledger.ts";

/** What the mails of a campaign are made from: a short digest by the name that people know it by. */
export type MadeFrom = NonNullable<CampaignFacts["madeFrom"]>;

/** Enough hexadecimal digits to tell two versions of a text apart. */
const DIGITS = 16;

/**
 * Returns the digests of template, text part, the files that they name, and the settings that change the mails. Where
 * the files are, how their lines end and where a setting is given makes no difference, nor does a default that is given.
 */
export function madeFrom(
  { template, text, mailingList = {}, ...settings }: Omit<CompileInput, "columns">,
  { from, sources }: Pick<Composer, "from" | "sources">,
): MadeFrom {
  const { unsubscribeUrl, unsubscribeMailto, listId, feedbackId } = mailingList;
  const { timezone, dateFormat, replyTo, verp } = settings;
  const made: Readonly<Record<string, unknown>> = {
    // The extension decides what the body is.
    "the template": [extname(template.file), withLf(template.text)],
    "the text part": text && withLf(text.text),
    ...Object.fromEntries(sources.map(([path, sha256]) => [`'${path}'`, sha256])),
    "From": from,
    "Reply-To": replyTo,
    "List-Id": listId,
    "Feedback-ID": feedbackId,
    "the unsubscribe URL": unsubscribeUrl,
    "the unsubscribe mailbox": unsubscribeMailto,
    // The default, written out, changes nothing.
    "the time zone": timezone === "UTC" ? undefined : timezone,
    "the date format": dateFormat,
    "the return path": verp,
  };
  const given = Object.entries(made).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      hash("sha256", JSON.stringify(value), "hex").slice(0, DIGITS),
    ]),
  );
}

function withLf(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** Returns the names of what differs; undefined if the earlier run did not record it. */
export function differences(
  before: MadeFrom | undefined,
  now: MadeFrom,
): readonly string[] | undefined {
  if (before === undefined) return undefined;
  const names = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...names].filter((name) => before[name] !== now[name]);
}
