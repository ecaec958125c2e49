import assert from "node:assert/strict";
import type { Change, LedgerRow } from "../../src/ledger/ledger.ts";
import { SqliteBounceRecord } from "../../src/ledger/sqlite/bounces/bounce_record.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { settleByHand } from "../../src/ledger/sqlite/by_hand/settle_by_hand.ts";
import { openDatabase } from "../support/database.ts";
import {
  deferred,
  entries,
  entry,
  Folder,
  fullDisk,
  handedOver,
  makeVersion1,
  makeVersion3,
  openAt,
  OUTCOMES,
  recipient,
  reply,
  rowsOf,
  settled,
} from "./ledgers.ts";

/** Runs that hand over these rows, one after the other, each with a template of its own, after claiming lines 2 to 5. */
async function runs(path: string, ...handed: number[][]): Promise<void> {
  for (const [at, ids] of handed.entries()) {
    await using ledger = openAt(path, { facts: { template: `template ${at + 1}` } });
    await ledger.claim(entries(2, 5), 5);
    await ledger.claimDue(1_000_000, 10);
    await ledger.write(ids.map(handedOver));
    await ledger.write(ids.map((id) => settled(id, OUTCOMES.sent)));
  }
}

async function read(path: string): Promise<LedgerRow[]> {
  using reader = openLedgerReader(path);
  return await rowsOf(reader);
}

Deno.test("Each run that hands over a mail has a number, and its rows say what their mails were made from", async () => {
  using folder = new Folder();
  await runs(folder.file(), [1, 2], [], [3]);
  assert.deepEqual(
    (await read(folder.file())).map(({ run, template, size }) => [run, template, size]),
    [
      [1, "template 1", 700],
      [1, "template 1", 700],
      // The run between them handed over nothing.
      [2, "template 3", 700],
      [undefined, undefined, undefined],
    ],
  );
});

Deno.test("A run whose first hand-over could not be written gets its number with the next", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  await ledger.claim(entries(2, 3), 3);
  {
    using _ = fullDisk(folder.file(), "UPDATE", "NEW.relay IS NOT NULL");
    await assert.rejects(ledger.write([handedOver(1)]), /disk is full/);
  }
  await ledger.write([handedOver(2)]);
  const [first, second] = await rowsOf(ledger);
  assert.deepEqual([first!.run, second!.run, second!.template], [undefined, 1, "template 1"]);
});

const FILES = [
  { name: 'Rechnung "7".pdf', sha256: "ab".repeat(32) },
  { name: "logo; größe.png", sha256: "01".repeat(32) },
];

Deno.test("A recipient in doubt keeps run, size and attachments of the mail that was handed over", async () => {
  for (const ends of ["released", "killed", "recorded"]) {
    using folder = new Folder();
    const path = folder.file();
    await using ledger = openAt(path);
    await ledger.claim(entries(2, 3), 3);
    await ledger.write([{ ...handedOver(1), size: 123_456, attachments: FILES }, handedOver(2)]);
    if (ends === "released") await ledger.release();
    if (ends === "recorded") await ledger.write([settled(1, OUTCOMES["in-doubt"])]);
    const [doubted, other] = await rowsOf(ledger);
    assert.deepEqual(
      [doubted!.state, doubted!.run, doubted!.size, doubted!.attachments, other!.attachments],
      [ends === "killed" ? "handed-over" : "in-doubt", 1, 123_456, FILES, undefined],
      ends,
    );
  }
});

Deno.test("A hand-over takes as much of the row's filler as it writes, so that no page is split", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await ledger.claim(entries(2, 5), 5);
    await ledger.write([
      handedOver(1),
      { ...handedOver(2), size: 100 },
      { ...handedOver(3), size: 70_000 },
      { ...handedOver(4), attachments: [{ name: "a", sha256: "b" }] },
    ]);
  }
  using database = openDatabase(folder.file());
  const rows = database.prepare("SELECT length(room) AS room FROM recipient ORDER BY id").all();
  // Relay and Message-ID have 15 characters, the time has 6 bytes, and run 1 none of its own.
  const before = 101 - 15 - 6;
  const files = '[["a","b"]]'.length;
  assert.deepEqual(
    rows.map(({ room }) => room),
    [before - 2, before - 1, before - 3, before - 2 - files],
  );
});

Deno.test("The next mail to a recipient replaces run, size and attachments, and nothing else does", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await ledger.claim(entries(2, 3), 3);
    const first = [1, 2].map((id) => ({ ...handedOver(id), attachments: FILES }));
    await ledger.write(first);
    await ledger.write([1, 2].map((id) => settled(id, deferred(5))));
  }
  await using ledger = openAt(folder.file(), { facts: { template: "template 2" } });
  await ledger.claimDue(10, 10);
  await ledger.write([{ ...handedOver(1), size: 9 }, settled(2, OUTCOMES.failed)]);
  assert.deepEqual(
    (await rowsOf(ledger)).map(({ run, template, size, attachments }) => [
      run,
      template,
      size,
      attachments,
    ]),
    [[2, "template 2", 9, undefined], [1, "template 1", 700, FILES]],
  );
});

/** Records a hard bounce of a recipient. */
async function bounce(path: string, key: string, report = "report 1"): Promise<void> {
  using record = new SqliteBounceRecord(path, true);
  const [found] = await record.byMailbox(key);
  const effect = await record.note([{
    recipient: found!,
    kind: "hard",
    report,
    at: 5_000,
    status: "5.1.1",
    code: 550,
    diagnostic: "No such user",
  }]);
  assert.equal(effect[0]!.kind, "failed");
}

const QUEUED = { ...OUTCOMES.sent, reply: reply(250, "2.0.0", "Ok: queued as 4F1") };

Deno.test("The acceptance of a mail is in its row, and stays when it bounces later or a person decides", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    await ledger.claim([...entries(2, 5), entry(recipient(6), "Suppressed")], 6);
    await ledger.write([1, 2, 3].map(handedOver));
    await ledger.write([
      settled(1, QUEUED, 1_234),
      settled(2, { ...QUEUED, reply: reply(250, undefined, "Ok") }, 2_345),
      settled(3, OUTCOMES["in-doubt"]),
      settled(4, OUTCOMES.failed),
    ]);
  }
  const first = { at: 1_234, code: 250, enhanced: "2.0.0", text: "Ok: queued as 4F1" };
  const second = { at: 2_345, code: 250, enhanced: undefined, text: "Ok" };
  const accepted = async () => (await read(path)).map((row) => row.accepted);
  const expected = [first, second, undefined, undefined, undefined];
  assert.deepEqual(await accepted(), expected);

  for (const key of ["r2@x.test", "r3@x.test", "r4@x.test"]) await bounce(path, key);
  assert.deepEqual(await accepted(), expected, "in doubt: nobody knows whether it was accepted");
  const [bounced] = await read(path);
  assert.deepEqual(
    [bounced!.state, bounced!.code, bounced!.reply, bounced!.run],
    ["failed", 550, "No such user", 1],
  );

  settleByHand(path, ["r2@x.test", "r5@x.test"], "sent", ["failed"]);
  assert.deepEqual(await accepted(), expected, "a person is no relay");
});

Deno.test("Of two accepted mails that both bounced, the last acceptance is kept", async () => {
  using folder = new Folder();
  const path = folder.file();
  for (const [at, changes] of [[1_234, entries(2, 2)], [9_876, []]] as const) {
    await using ledger = openAt(path);
    await ledger.claim(changes, undefined);
    await ledger.claimDue(1_000_000, 10);
    await ledger.write([handedOver(1)]);
    await ledger.write([settled(1, QUEUED, at)]);
    assert.equal((await rowsOf(ledger))[0]!.accepted!.at, at);
    await ledger[Symbol.asyncDispose]();
    await bounce(path, "r2@x.test", `report ${at}`);
    assert.equal((await read(path))[0]!.accepted!.at, at);
    settleByHand(path, ["r2@x.test"], "queued", ["failed"]);
  }
});

Deno.test("The acceptance of a mail that bounced stays when a second mail is in doubt and bounces, too", async () => {
  using folder = new Folder();
  const path = folder.file();
  for (const [list, outcome] of [["list 1", QUEUED], ["list 2", OUTCOMES["in-doubt"]]] as const) {
    await using ledger = openAt(path, { facts: { list } });
    await ledger.claim(entries(2, 2), 2);
    await ledger.claimDue(1_000_000, 10);
    await ledger.write([handedOver(1)]);
    await ledger.write([settled(1, outcome, 1_234)]);
    await ledger[Symbol.asyncDispose]();
    await bounce(path, "r2@x.test", `report of ${list}`);
    assert.equal((await read(path))[0]!.accepted?.at, 1_234, list);
    settleByHand(path, ["r2@x.test"], "queued", ["failed"]);
  }
});

for (const [version, downgrade] of [[1, makeVersion1], [3, makeVersion3]] as const) {
  Deno.test(`A ledger of version ${version} is read without the evidence that it does not have`, async () => {
    using folder = new Folder();
    await runs(folder.file(), [1, 2]);
    downgrade(folder.file());
    const rows = await read(folder.file());
    assert.deepEqual(
      rows.map(({ run, template, size, attachments }) => [run, template, size, attachments]),
      Array(4).fill(Array(4).fill(undefined)),
    );
    assert.deepEqual(
      rows.map(({ accepted }) => accepted?.code),
      [250, 250, undefined, undefined],
      "but with the replies that it has",
    );
  });
}

Deno.test("A relay is on record only for those who were offered to it, and stays on record", async () => {
  const nowhere = (id: number, outcome: (Change & { kind: "outcome" })["outcome"]): Change => ({
    ...settled(id, outcome),
    relay: "",
    messageId: "",
  });
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  await ledger.claim(entries(2, 5), 5);
  await ledger.write([
    nowhere(1, OUTCOMES.invalid),
    nowhere(2, deferred(5, false)),
    settled(3, deferred(5)),
    nowhere(4, OUTCOMES.skipped),
  ]);
  const relays = async () =>
    (await rowsOf(ledger)).map(({ relay, messageId }) => [relay, messageId]);
  const none = [undefined, undefined];
  const offered = ["mx.test:25", "<3@x>"];
  assert.deepEqual(await relays(), [none, none, offered, none]);
  await ledger.claimDue(10, 10);
  await ledger.write([nowhere(2, deferred(20, false)), nowhere(3, deferred(20, false))]);
  assert.deepEqual(await relays(), [none, none, offered, none]);
});
