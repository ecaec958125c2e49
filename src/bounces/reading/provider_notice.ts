import type { RecipientStatus } from "./delivery_status.ts";
import { diagnose } from "./status.ts";

// Amazon SES tells of bounces by notices in JSON (its developer guide, "Amazon SNS notification contents"), which SNS passes on
// by mail. Such a mail has lines that are longer than a server takes, and comes broken into pieces: only the list of recipients
// is read, which comes first.

/** Where a server broke a line that was too long (Sendmail puts "!" before the break). */
const BREAKS = /!?\r?\n ?/g;
const RECIPIENTS = /"bouncedRecipients"\s*:\s*(\[[^\]]{2,20000}\])/;
const MOST_RECIPIENTS = 20;

/** What a notice says of each recipient; undefined where a text is none. */
export function readProviderNotice(text: string): readonly RecipientStatus[] | undefined {
  if (!text.startsWith("{") || !text.includes('"bouncedRecipients"')) return undefined;
  const flat = text.replaceAll(BREAKS, "");
  const list = RECIPIENTS.exec(flat)?.[1];
  if (list === undefined) return undefined;
  const isPermanent = /"bounceType"\s*:\s*"Permanent"/.test(flat);
  const found = parsed(list).slice(0, MOST_RECIPIENTS).flatMap((one) => {
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

function parsed(list: string): readonly object[] {
  try {
    const value: unknown = JSON.parse(list);
    return Array.isArray(value)
      ? value.filter((one) => typeof one === "object" && one !== null)
      : [];
  } catch {
    return [];
  }
}
