import assert from "node:assert/strict";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import { InputError } from "../../src/model/input_error.ts";
import { RuleServer } from "../pipeline/relays.ts";
import { Campaign } from "./campaign.ts";

const HEADER = "From: a@x.test\nSubject: x\n";
const CASES: readonly (readonly [template: string, cell: string, good: string, reason: RegExp])[] =
  [
    [`${HEADER}\n{{ V | date: "%F" }}\n`, "03/04/2026", "2026-04-03", /'03\/04\/2026' can be read/],
    [`${HEADER}Attachment: {{ V }}\n\nx\n`, "gone.pdf", "there.pdf", /gone\.pdf/],
    [`${HEADER}Reply-To: {{ V }}\n\nx\n`, "no address", "b@x.test", /Reply-To/],
    [`${HEADER}\n{{ V }}\n`, "", "x", /Column 'V' is empty/],
  ];

Deno.test("With --strict, nothing is sent if a single row makes no mail, whatever the reason", async () => {
  for (const [template, cell, good, reason] of CASES) {
    await using server = new RuleServer();
    using campaign = new Campaign(0);
    const list = (cells: readonly string[]): void =>
      Deno.writeTextFileSync(
        campaign.folder.file("list.csv"),
        `Email,V\n${cells.map((one, at) => `r${at}@x.test,${one}\n`).join("")}`,
      );
    Deno.writeTextFileSync(campaign.folder.file("mail.txt"), template);
    Deno.writeTextFileSync(campaign.folder.file("there.pdf"), "%PDF");
    list([good, good, cell]);
    await assert.rejects(campaign.send([server.port], { strict: true }), (error) => {
      assert(error instanceof InputError);
      assert.match(error.message, reason);
      assert.equal((error.place as { line: number }).line, 4);
      return true;
    });
    assert.deepEqual(server.accepted, []);
    list([good, good]);
    assert.equal((await campaign.send([server.port], { strict: true })).exitCode, 0);
    assert.equal(server.accepted.length, 2);
  }
});

Deno.test("With --strict, a duplicate that would make no mail does not matter, and a list that was scanned before is checked again", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(0);
  const [[template]] = CASES as [typeof CASES[number]];
  Deno.writeTextFileSync(campaign.folder.file("mail.txt"), template);
  Deno.writeTextFileSync(
    campaign.folder.file("list.csv"),
    "Email,K,V\na@x.test,1,2026-04-03\nA@x.test,1,1/2/26\n",
  );
  // Without the column, rows with different cells are refused as such.
  const send = (strict: boolean) => campaign.send([server.port], { strict, keyColumn: "K" });
  assert.equal((await send(true)).tally.sent, 1);
  Deno.writeTextFileSync(
    campaign.folder.file("list.csv"),
    "Email,K,V\na@x.test,1,2026-04-03\nb@x.test,1,1/2/26\n",
  );
  assert.equal((await send(false)).tally.invalid, 1);
  await assert.rejects(send(true), InputError);
});

const FILE_TEMPLATE = `${HEADER}Attachment: {{ V }}\n\nx\n`;

/** A list whose row n names a file of its own; those in `missing` are not there. */
function withFiles(campaign: Campaign, count: number, missing: readonly number[]): void {
  campaign.write("mail.txt", FILE_TEMPLATE);
  const rows = Array.from({ length: count }, (_, at) => `r${at}@x.test,${at}.pdf\n`);
  campaign.write("list.csv", `Email,V\n${rows.join("")}`);
  for (let at = 0; at < count; at++) if (!missing.includes(at)) campaign.write(`${at}.pdf`, "%PDF");
}

Deno.test("With --strict, every row that makes no mail is counted, and the first ones are named", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(0);
  withFiles(campaign, 30, [3, 10, 11, 12, 13, 14, 15, 16, 17, 29]);
  await Deno.writeTextFile(
    campaign.folder.file("list.csv"),
    "nobody,there.pdf\n",
    { append: true },
  );
  await assert.rejects(campaign.send([server.port], { strict: true }), (error) => {
    assert(error instanceof InputError);
    assert.match(error.message, /3\.pdf' \(11 of 31 rows make no mail, and --strict is set\)$/);
    assert.match(error.hint!, /^\S*list\.csv:12: .*10\.pdf'\n/);
    assert.match(error.hint!, /list\.csv:18: .*16\.pdf'\n {2}and 3 more, which 'check' lists\n/);
    return true;
  });
  assert.deepEqual(server.accepted, []);
});

Deno.test("With --strict, a row matters only if this run could mail it", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(0);
  withFiles(campaign, 6, [2]);
  campaign.write("stop.csv", "r2@x.test\n");
  const list = { path: campaign.folder.file("no.suppression"), named: false };
  const table: [what: Partial<SendOptions>, isRefused: boolean][] = [
    [{}, true],
    [{ limit: 1 }, true],
    [{ only: ["r2@x.test"] }, true],
    [{ only: ["r1@x.test"] }, false],
    [{ offset: 2 }, true],
    [{ offset: 3 }, false],
    [{ suppress: [campaign.folder.file("stop.csv")], suppressionList: list }, false],
  ];
  for (const [what, isRefused] of table) {
    const sending = campaign.send([server.port], { ...what, strict: true, dryRun: true });
    if (isRefused) await assert.rejects(sending, /1 of 6 rows makes no mail/, JSON.stringify(what));
    else assert.equal((await sending).exitCode, 0, JSON.stringify(what));
  }
  const shards = [1, 2].map(async (index) => {
    const options = { strict: true, dryRun: true, shard: { index, count: 2 } };
    return await campaign.send([server.port], options).then(() => "sends", () => "refuses");
  });
  assert.deepEqual((await Promise.all(shards)).sort(), ["refuses", "sends"]);
});

Deno.test("With --strict, a resumed run does not need the files of those who have their mail, and needs all others", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(0);
  withFiles(campaign, 4, []);
  assert.equal((await campaign.send([server.port], { strict: true, limit: 2 })).tally.sent, 2);
  Deno.removeSync(campaign.folder.file("0.pdf"));
  Deno.removeSync(campaign.folder.file("3.pdf"));
  await assert.rejects(campaign.send([server.port], { strict: true }), /3\.pdf' \(1 of 4 rows/);
  campaign.write("3.pdf", "%PDF");
  assert.equal((await campaign.send([server.port], { strict: true })).tally.sent, 4);
});
