import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Postfix } from "../servers/postfix.ts";
import { type ExportedRow, Recipe } from "./recipe.ts";
import { assertLedgerIsLog, statesOf, timesOf } from "./settlement.ts";

const COUNT = 300;
const MISSING = [17, 118, 119];

/** Every third invoice goes to the mailbox of the one before; the 50th has a misspelt domain. */
function addressOf(at: number): string {
  if (at === 50) return "dora@exmaple.com";
  if (at <= 3) return ["ada@example.com", "ada@example.com", "bob@example.com"][at - 1]!;
  return `client${at % 3 === 0 ? at - 1 : at}@example.com`;
}

function invoiceRow(at: number): string {
  const name = ["Ada Lovelace", "Ada Lovelace", "Bob Carter"][at - 1] ?? `Client ${at}`;
  return `INV-${at},${addressOf(at)},${name},${at}.50\n`;
}

function pdfOf(at: number): string {
  return `%PDF-1.7 invoice ${at}\n${"x".repeat(100 * at)}\n%%EOF\n`;
}

const numbers = Array.from({ length: COUNT }, (_, at) => at + 1);

Deno.test("docs/recipes/invoices.md: every invoice arrives once with its PDF, and the export proves it", async () => {
  await using postfix = await Postfix.start({
    "virtual_mailbox_domains": "example.com",
    "smtpd_recipient_restrictions":
      "check_recipient_access inline:{ { exmaple.com = 550 5.1.2 Domain not found } }, permit_mynetworks, reject",
    "smtpd_relay_restrictions": "permit_mynetworks, reject",
  });
  await using recipe = await Recipe.open("invoices", {
    replaced: { "smtp://billing@smtp.example.com:587": postfix.url },
    files: { "invoices.csv": `invoice,email,name,amount\n${numbers.map(invoiceRow).join("")}` },
  });
  for (const at of numbers) {
    if (!MISSING.includes(at)) await recipe.write(`pdf/INV-${at}.pdf`, pdfOf(at));
  }
  await recipe.followTo("All or nothing");
  assert.deepEqual(await postfix.taken(), [], "nothing was sent");
  for (const at of MISSING) await recipe.write(`pdf/INV-${at}.pdf`, pdfOf(at));
  await recipe.followToEnd();
  const rows = await recipe.exported("invoices-2026-11.ledger");
  assert.deepEqual(statesOf(rows), { sent: COUNT, skipped: 1 });
  assertLedgerIsLog(rows, await postfix.taken());
  const sent = rows.filter(({ _state }) => _state === "sent");
  assert.deepEqual(
    [...timesOf(sent.map(({ invoice }) => invoice!)).values()],
    numbers.map(() => 1),
  );
  assertEvidence(sent, await postfix.log());
  const mails = await postfix.delivered();
  for (const { invoice } of sent) {
    const its = mails.filter((mail) => mail.includes(`Subject: Your invoice ${invoice}\n`));
    assert.equal(its.length, 1, invoice);
    assert(
      its[0]!.includes(`filename="${invoice}.pdf"`) || its[0]!.includes(`filename=${invoice}.pdf`),
    );
  }
});

/** What the export says of each acceptance is what the relay's log says. */
function assertEvidence(sent: readonly ExportedRow[], log: string): void {
  const messageIds = new Map(
    [...log.matchAll(/ (\w+): message-id=(<.*>)/g)].map(([, queue, id]) => [queue!, id!]),
  );
  for (
    const { invoice, _accepted_reply, _message_id, _attachments, _bytes, _accepted_at } of sent
  ) {
    // With CHUNKING, Postfix also says how many bytes it has received.
    const [, bytes = _bytes, queue] = /^250 2\.0\.0 Ok: (?:(\d+) bytes )?queued as (\w+)$/.exec(
      _accepted_reply!,
    )!;
    assert.equal(messageIds.get(queue!), _message_id);
    assert.equal(_bytes, bytes);
    const at = Number(invoice!.slice("INV-".length));
    const digest = createHash("sha256").update(pdfOf(at)).digest("hex");
    assert.equal(_attachments, `${invoice}.pdf sha256:${digest}`);
    assert(Number(_bytes) > pdfOf(at).length, "the whole mail is larger than its file");
    assert(Date.now() - Date.parse(_accepted_at!) < 600_000);
  }
}
