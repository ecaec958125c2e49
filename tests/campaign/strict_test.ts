import assert from "node:assert/strict";
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
    "Email,V\na@x.test,2026-04-03\nA@x.test,1/2/26\n",
  );
  assert.equal((await campaign.send([server.port], { strict: true })).tally.sent, 1);
  Deno.writeTextFileSync(
    campaign.folder.file("list.csv"),
    "Email,V\na@x.test,2026-04-03\nb@x.test,1/2/26\n",
  );
  assert.equal((await campaign.send([server.port])).tally.invalid, 1);
  await assert.rejects(campaign.send([server.port], { strict: true }), InputError);
});
