import assert from "node:assert/strict";
import type { Recipient } from "../../src/model/recipient.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { settleByHand } from "../../src/ledger/sqlite/by_hand/settle_by_hand.ts";
import { entry, Folder, idsOf, openAt, OUTCOMES, recipient, settled } from "./ledgers.ts";

function copyTo(mailbox: string, main: Recipient): Recipient {
  const key = `${mailbox}  ${main.key}`;
  return { ...main, key, address: mailbox, copyOf: { key: main.key, address: main.address } };
}

const MAIN = recipient(2, "Ann@x.test");
const ANN = { ...MAIN, key: "ann@x.test" };
const COPY = copyTo("boss@x.test", ANN);

Deno.test("A copy is claimed with its recipient, comes back with whose mail it is, and is no row of the list", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    const claims = await ledger.claim([entry(ANN), entry(COPY), entry(recipient(3))], 3);
    assert.deepEqual(claims.map(({ kind }) => kind), ["job", "job", "job"]);
    assert.equal(await ledger.countListRows(), 2);
    assert.equal((await ledger.tally()).total, 3);
  }
  await using ledger = openAt(folder.file());
  const due = await ledger.claimDue(Date.now(), 9);
  assert.deepEqual(due.map(({ recipient }) => recipient), [ANN, COPY, recipient(3)]);
  const rows = [];
  for await (const row of ledger.rows()) rows.push(row.copyOf);
  assert.deepEqual(rows, [undefined, due[0]!.id, undefined]);
});

Deno.test("A copy of a duplicate is not entered, nor one of a mail that has left; met again, a copy keeps its state", async () => {
  using folder = new Folder();
  const again = { ...ANN, line: 4 };
  {
    await using ledger = openAt(folder.file());
    const ids = idsOf(await ledger.claim([entry(ANN), entry(COPY)], undefined));
    await ledger.write([settled(ids[0]!, OUTCOMES.sent)]);
    const claims = await ledger.claim(
      [entry(again), entry(copyTo("eve@x.test", again)), entry(copyTo("late@x.test", ANN))],
      undefined,
    );
    assert.deepEqual(claims.map(({ kind }) => kind), ["skipped", "skipped", "skipped"]);
    assert.equal((await ledger.tally()).total, 3, "ann, the copy to boss, and the duplicate");
  }
  await using other = openAt(folder.file(), { facts: { list: "list 2" } });
  const moved = { ...ANN, line: 7 };
  const claims = await other.claim([entry(moved), entry(copyTo("boss@x.test", moved))], undefined);
  assert.deepEqual(claims.map((claim) => claim.kind === "known" && claim.state), [
    "sent",
    "queued",
  ]);
  assert.equal((await other.missing()).count, 0);
});

Deno.test("A copy that no list names any more is missing, and is settled by the address that it goes to", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await ledger.claim([entry(ANN), entry(COPY)], undefined);
  }
  {
    await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
    await ledger.claim([entry(ANN)], undefined);
    assert.deepEqual(await ledger.missing(), { count: 1, examples: ["boss@x.test"] });
  }
  assert.deepEqual(settleByHand(folder.file(), ["boss@x.test"], "failed"), [
    { key: COPY.key, kind: "settled", before: "queued" },
  ]);
  using reader = openLedgerReader(folder.file());
  assert.equal((await reader.tally()).failed, 1);
});
