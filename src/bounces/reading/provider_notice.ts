import type { RecipientStatus } from "./delivery_status.ts";
import { diagnose } from "./status.ts";

// Amazon SES reports bounces as notices in JSON (its developer guide, "Amazon SNS notification contents"), which SNS forwards by
// mail. The lines of such a mail are longer than servers allow, and arrive broken into pieces: only the list of recipients is read,
// which comes first.

/** Where a server broke a line that was too long (Sendmail puts "!" before the break). */
const BREAKS = /!?\r?\n ?/g;
const RECIPIENTS = /"bouncedRecipients"\s*:\s*(\[[^\]]{2,20000}\])/;
const MAX_RECIPIENTS = 20;

/** What a notice says about each recipient; undefined where the text is not a notice. */
export function readProviderNotice(text: string): readonly RecipientStatus[] | undefined {
  if (!text.startsWith("{") || !text.includes('"bouncedRecipients"')) return undefined;
  const flat = text.replaceAll(BREAKS, "");
  const list = RECIPIENTS.exec(flat)?.[1];
  if (list === undefined) return undefined;
  const isPermanent = /"bounceType"\s*:\s*"Permanent"/.test(flat);
  const found = parseRecipients(list).slice(0, MAX_RECIPIENTS).flatMap((one) => {
    const { emailAddress, status, diagnosticCode } = one as Record<string, unknown>;
    if (typeof emailAddress !== "string") return [];
    const words = typeof diagnosticCode === "string" ? diagnosticCode : "";
    const diagnosis = diagnose(
      typeof status === "string" ? status : "",
      words.replace(/^smtp *; */i, ""),
    );
    return [{
      addresses: [emailAddress],
      action: "failed" as const,
      diagnosis: isPermanent ? diagnosis : { ...diagnosis, verdict: "soft" as const },
    }];
  });
  return found.length === 0 ? undefined : found;
}

function parseRecipients(list: string): readonly object[] {
  try {
    const value: unknown = JSON.parse(list);
    return Array.isArray(value)
      ? value.filter((one) => typeof one === "object" && one !== null)
      : [];
  } catch {
    return [];
  }
}
