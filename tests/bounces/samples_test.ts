import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readReport, type Report } from "../../src/bounces/reading/bounce_report.ts";

/** What each sample is; for a bounce, its verdict and the code that decided, or "-" if the words did. */
const SAMPLES: Readonly<Record<string, string>> = {
  "aol-not-accepting": "hard -",
  "arf-abuse": "complaint",
  "arf-auth-failure": "other",
  "arf-not-spam": "other",
  "arf-yahoo-redacted": "complaint",
  "autoresponder-x-autoreply": "auto-reply",
  "challenge-boxbe": "challenge",
  "challenge-tmda": "challenge",
  "exchange-2007-not-found-german": "hard 5.1.1",
  "exchange-5.5-internet-mail-service": "hard -",
  "exim-delay-warning": "delay",
  "exim-dsn-disabled": "hard 5.2.1",
  "exim-dsn-vague-status-blocked": "soft 5.0.0",
  "exim-retry-timeout": "soft 4.7.1",
  "exim-unknown-user": "hard -",
  "exim-unrouteable": "hard -",
  "forwarded-domino": "hard 5.1.1",
  "gmail-delay": "delay",
  "gmail-no-such-user": "hard 5.1.1",
  "gmail-old-text": "hard 5.1.1",
  "gmail-out-of-storage": "soft 4.2.2",
  "iis-smtp-german": "hard 5.1.1",
  "microsoft-not-authenticated": "soft 5.7.515",
  "mimecast-invalid-recipient": "hard 5.0.0",
  "mimecast-rejected-by-policy": "soft 5.0.0",
  "office365-access-denied": "hard 5.4.1",
  "office365-group-restricted": "soft 5.7.133",
  "office365-quota": "soft 5.2.2",
  "office365-recipient-not-found": "hard 5.1.10",
  "ordinary-forwarded-bounce": "other",
  "ordinary-html-newsletter": "other",
  "ordinary-reply": "other",
  "out-of-office-german-no-marks": "auto-reply",
  "out-of-office-left-the-company": "auto-reply",
  "out-of-office-outlook": "auto-reply",
  "outlook-com-mailbox-unavailable": "hard 5.5.0",
  "outlook-junk-mail-report": "complaint",
  "postfix-connection-timed-out": "soft 4.4.1",
  "postfix-delayed": "delay",
  "postfix-host-not-found": "hard 5.4.4",
  "postfix-mailbox-full": "soft 5.2.2",
  "postfix-success-notice": "receipt",
  "postfix-text-only": "hard 5.1.1",
  "postfix-unknown-user": "hard 5.1.1",
  "qmail-gave-up": "soft 4.4.1",
  "qmail-no-mailbox": "hard 5.1.1",
  "qmail-over-quota": "soft -",
  "qmail-remote-refused": "hard -",
  "read-receipt": "receipt",
  "sendmail-mailer-error": "soft 5.3.0",
  "sendmail-user-unknown": "hard 5.1.1",
  "sendmail-warning": "delay",
  "ses-suppression-list": "hard 5.1.1",
  "ses-timeout": "soft 4.4.7",
  "ses-unknown-user": "hard 5.1.1",
  "smtputf8-report": "hard 5.1.1",
  "unsubscribe-request": "other",
  "vacation-sieve": "auto-reply",
  "yahoo-no-account-by-relay": "hard 5.0.0",
  "yahoo-policy": "soft 5.7.9",
  "yahoo-text": "hard -",
};

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "samples");
/** The Message-ID that the samples return is <TOKEN@acme.example>. */
const TOKEN = "0123456789abcdef0123456789abcdef";

function read(name: string): Promise<Report> {
  return readReport(Deno.readFileSync(join(FOLDER, `${name}.eml`)));
}

function named(report: Report): string {
  if (report.kind !== "bounce") return report.kind;
  const { diagnosis } = report.failures[0]!;
  return `${diagnosis.verdict} ${diagnosis.status ?? "-"}`;
}

Deno.test("readReport() recognizes the reports of each server, and takes no other mail for one", async () => {
  const found: Record<string, string> = {};
  for (const name of Object.keys(SAMPLES)) found[name] = named(await read(name));
  assert.deepEqual(found, SAMPLES);
});

Deno.test("Every sample is in the table", () => {
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name.replace(/\.eml$/, "")).sort();
  assert.deepEqual(files, Object.keys(SAMPLES).sort());
});

Deno.test("readReport() finds our Message-ID in the returned mail, or the return path that the report came to", async () => {
  const without: string[] = [];
  for (const name of Object.keys(SAMPLES)) {
    const report = await read(name);
    if (report.kind !== "bounce" && report.kind !== "complaint") continue;
    const tokens = [...report.messageTokens, ...report.pathTokens];
    if (!tokens.includes(TOKEN)) without.push(name);
  }
  assert.deepEqual(without, []);
  const ses = await read("ses-unknown-user");
  assert(ses.kind === "bounce");
  // Amazon SES gives mails a Message-ID of its own.
  assert.deepEqual([ses.messageTokens, ses.pathTokens], [[], [TOKEN]]);
});

Deno.test("readReport() names the recipients that a report is about", async () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["postfix-unknown-user", ["ann@dest.example"]],
    ["sendmail-user-unknown", ["ann@dest.example", "ann@inner.dest.example"]],
    ["forwarded-domino", ["ann@inner.dest.example"]],
    ["smtputf8-report", ["zoë@bücher.example"]],
    ["exchange-5.5-internet-mail-service", ["ann@dest.example"]],
    ["exim-unknown-user", ["ann@dest.example"]],
    ["qmail-no-mailbox", ["ann@dest.example"]],
    ["aol-not-accepting", ["ann@aol.example"]],
  ];
  for (const [name, addresses] of cases) {
    const report = await read(name);
    assert(report.kind === "bounce", name);
    assert.deepEqual(report.failures.map((failure) => [...failure.addresses]), [addresses], name);
  }
});
