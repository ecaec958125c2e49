import assert from "node:assert/strict";
import { RuleServer } from "../pipeline/relays.ts";
import { type ExportedRow, Recipe } from "./recipe.ts";
import { assertLedgerIsLog, statesOf } from "./settlement.ts";

const COUNT = 3_000;
const GONE = [100, 101, 102, 103, 104].map(addressOf);
const BOUNCING = [200, 201, 202, 203].map(addressOf);
const LEFT_BEFORE = [300, 301, 302].map(addressOf);

function addressOf(at: number): string {
  return `s${at}@example.com`;
}

/** A row of a listmonk export; every 50th is blocklisted. */
function subscriber(at: number): string {
  const status = at % 50 === 0 && at >= 400 ? "blocklisted" : "enabled";
  const name = at % 7 === 0 ? "" : `Subscriber ${at}`;
  return `u${at},${addressOf(at)},${name},"{""city"": ""Graz""}",${status},2024-01-01,2024-01-01\n`;
}

const HEADER = "uuid,email,name,attributes,status,created_at,updated_at\n";
/** The first two, as the page shows them. */
const FIRST = [
  '1,ada@example.com,Ada Lovelace,"{""city"": ""Graz""}",enabled,2024-01-01,2024-01-01\n',
  '2,bob@example.com,Bob Carter,"{""city"": ""Wien""}",blocklisted,2024-02-02,2025-03-03\n',
].join("");
const LIST = HEADER + FIRST +
  Array.from({ length: COUNT - 2 }, (_, at) => subscriber(at + 1)).join("");
const NEW = 10;
const NEXT_LIST = LIST +
  Array.from({ length: NEW }, (_, at) => subscriber(10_001 + at)).join("");

/** A report as a relay mails it, about a mail that it had accepted. */
function reportOf({ email, _message_id }: ExportedRow): string {
  return [
    "From: MAILER-DAEMON@smtp.example.com",
    "To: news@example.com",
    "Subject: Undelivered Mail Returned to Sender",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "MIME-Version: 1.0",
    "",
    "--b",
    "",
    "Your mail could not be delivered.",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; smtp.example.com",
    "",
    `Final-Recipient: rfc822; ${email}`,
    "Action: failed",
    "Status: 5.1.1",
    "Diagnostic-Code: smtp; 550 5.1.1 No such user",
    "--b",
    "Content-Type: message/rfc822",
    "",
    `To: ${email}`,
    `Message-ID: ${_message_id}`,
    "",
    "--b--",
    "",
  ].join("\n");
}

Deno.test("docs/recipes/newsletter.md: those who left in November get nothing in December, and all others one mail each month", async () => {
  await using relay = new RuleServer({
    rcpt: ({ recipient }) => GONE.includes(recipient!) ? "550 5.1.1 No such user" : undefined,
    closesAfter: 100,
  });
  await using recipe = await Recipe.open("newsletter", {
    replaced: { "smtp://news@smtp.example.com:587": `smtp://127.0.0.1:${relay.port}?tls=off` },
    files: {
      "left-before.csv": `email\n${LEFT_BEFORE.join("\n")}\n`,
      "november/subscribers.csv": LIST,
      "export-of-december.csv": NEXT_LIST,
    },
  });
  await recipe.followTo("November");
  const november = await recipe.exported("november/news-2026-11.ledger");
  const blocklisted = LIST.split("blocklisted").length - 1;
  const left = LEFT_BEFORE.length;
  const chosen = COUNT - blocklisted;
  assert.deepEqual(statesOf(november), {
    sent: chosen - left - GONE.length,
    failed: GONE.length,
    skipped: left,
  });
  assertLedgerIsLog(november, relay.accepted);
  const inNovember = relay.accepted.length;

  const bounced = november.filter(({ email }) => BOUNCING.includes(email!));
  for (const [at, row] of bounced.entries()) {
    await recipe.write(`~/Maildir/${at % 2 === 0 ? "new" : "cur"}/${at}.mail`, reportOf(row));
  }
  await recipe.followToEnd();
  const december = await recipe.exported("december/news-2026-12.ledger");
  const nowLeft = left + GONE.length + BOUNCING.length + 1;
  assert.deepEqual(statesOf(december), { sent: chosen + NEW - nowLeft, skipped: nowLeft });
  assertLedgerIsLog(december, relay.accepted.slice(inNovember));
  for (const { text } of relay.bodies.slice(-december.length + nowLeft)) {
    assert.match(text, /Subject: News in December/);
  }
});
