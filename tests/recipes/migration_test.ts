import assert from "node:assert/strict";
import { Postfix } from "../servers/postfix.ts";
import { Recipe } from "./recipe.ts";
import { assertLedgerIsLog, statesOf } from "./settlement.ts";

const COUNT = 120;
const MAILED = 40;

function memberOf(at: number): string {
  return at === 0 ? "ada@example.com" : `member${at}@example.com`;
}

function memberRow(at: number): string {
  return at === 0
    ? "ada@example.com,Ada,12\n"
    : `${memberOf(at)},Member ${at},${at % 4 === 0 ? "" : at}\n`;
}

const all = Array.from({ length: COUNT }, (_, at) => at);

Deno.test("docs/recipes/migration.md: a campaign begun with mailmerge is finished here, and nobody gets a second mail", async () => {
  await using postfix = await Postfix.start({ "virtual_mailbox_domains": "example.com" });
  await using recipe = await Recipe.open("migration", {
    replaced: { "smtp://club@smtp.example.com:587": postfix.url },
    files: {
      "members.csv": `email,name,number\n${all.map(memberRow).join("")}`,
      "sent.txt": all.slice(0, MAILED).map((at) => `${memberOf(at)}\n`).join(""),
    },
  });
  await recipe.followTo("Try it");
  assert.deepEqual(await postfix.taken(), [], "the trial delivers nothing");
  await recipe.followToEnd();
  const rows = await recipe.exported("welcome.ledger", "--with-copies");
  // A mail that is not sent has no copy either.
  assert.deepEqual(statesOf(rows), { sent: 2 * (COUNT - MAILED), skipped: 2 * MAILED });
  const mailed = rows.map((row) => ({ ...row, email: row["_copy_to"] || row["email"]! }));
  assertLedgerIsLog(mailed, await postfix.taken());
  const before = new Set(all.slice(0, MAILED).map(memberOf));
  const mails = await postfix.delivered();
  assert.equal(mails.filter((mail) => /^Delivered-To: office@/m.test(mail)).length, COUNT - MAILED);
  for (const mail of mails) {
    const [, name] = /^To: ([^@]*)@example\.com$/im.exec(mail)!;
    assert(!before.has(`${name}@example.com`), name);
    assert.match(mail, /^Cc: office@example\.com$/im);
    const hasNumber = Number(name!.slice("member".length)) % 4 !== 0;
    assert.equal(mail.includes("your number is"), hasNumber, name);
  }
});
