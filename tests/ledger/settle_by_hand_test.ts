import assert from "node:assert/strict";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { settleByHand } from "../../src/ledger/sqlite/by_hand/settle_by_hand.ts";
import { openDatabase } from "../support/database.ts";
import {
  deferred,
  entries,
  Folder,
  fullDisk,
  handedOver,
  idsOf,
  openAt,
  OUTCOMES,
  rowsOf,
  settled,
  statesOf,
} from "./ledgers.ts";

/** r2 sent, r3 failed, r4 in doubt, r5 deferred after two tries, r6 queued. */
async function example(path: string): Promise<void> {
  await using ledger = openAt(path);
  const [sent, failed, doubted, later] = idsOf(await ledger.claim(entries(2, 6), 6));
  await ledger.write([
    settled(sent!, OUTCOMES.sent),
    settled(failed!, OUTCOMES.failed),
    settled(doubted!, OUTCOMES["in-doubt"]),
    settled(later!, deferred(0)),
  ]);
  await ledger.claimDue(1, 1);
  await ledger.write([settled(later!, deferred(9_000))]);
}

Deno.test("settleByHand() settles recipients in doubt, failed or waiting, and leaves the sent ones", async () => {
  using folder = new Folder();
  await example(folder.file());
  const keys = ["r2@x.test", "r3@x.test", "r4@x.test", "nobody@x.test"];
  assert.deepEqual(settleByHand(folder.file(), keys, "sent"), [
    { key: "r2@x.test", kind: "refused", state: "sent" },
    { key: "r3@x.test", kind: "settled", before: "failed" },
    { key: "r4@x.test", kind: "settled", before: "in-doubt" },
    { key: "nobody@x.test", kind: "unknown" },
  ]);
  await using ledger = openAt(folder.file());
  assert.deepEqual((await statesOf(ledger)).slice(0, 3), [
    "r2@x.test sent",
    "r3@x.test sent",
    "r4@x.test sent",
  ]);
  assert.deepEqual([
    (await ledger.tally()).sent,
    (await ledger.tally()).inDoubt,
    (await ledger.tally()).failed,
  ], [3, 0, 0]);
  assert.equal((await rowsOf(ledger, ["sent"]))[1]?.reason, "Settled by hand");
});

Deno.test("settleByHand() to queued gives the recipient out again, with all its tries and all the time for them", async () => {
  using folder = new Folder();
  await example(folder.file());
  settleByHand(folder.file(), ["r3@x.test", "r5@x.test"], "queued");
  await using ledger = openAt(folder.file());
  const owed = await ledger.claimDue(1, 10);
  assert.deepEqual(
    owed.map(({ recipient, attempts, firstTriedAt }) => [recipient.line, attempts, firstTriedAt])
      .sort(),
    [[3, 0, undefined], [5, 0, undefined], [6, 0, undefined]],
  );
});

Deno.test("settleByHand() reads what a killed process left as the next run will", async () => {
  using folder = new Folder();
  const copy = folder.file("copy");
  {
    await using ledger = openAt(folder.file());
    const [handed] = idsOf(await ledger.claim(entries(2, 3), 3));
    await ledger.write([handedOver(handed!)]);
    for (const end of ["", "-wal"]) Deno.copyFileSync(folder.file() + end, copy + end);
  }
  assert.deepEqual(settleByHand(copy, ["r2@x.test", "r3@x.test"], "failed"), [
    { key: "r2@x.test", kind: "settled", before: "in-doubt" },
    { key: "r3@x.test", kind: "settled", before: "queued" },
  ]);
  {
    using database = openDatabase(copy, { readOnly: true });
    const { counts, exact } = database.prepare("SELECT counts, exact FROM tally").get()!;
    assert.deepEqual([JSON.parse(String(counts)), exact], [[0, 0, 0, 0, 0, 2, 0, 0, 0], 1]);
  }
  await using ledger = openAt(copy);
  assert.deepEqual([(await ledger.tally()).failed, ledger.opened.newlyInDoubt], [2, 0]);
  assert.equal((await ledger.tally()).total, 2);
});

Deno.test("settleByHand() leaves recipients in states not selected, or that cannot be overruled", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    const ids = idsOf(await ledger.claim(entries(2, 5), 5));
    const outcomes = [OUTCOMES.failed, OUTCOMES["in-doubt"], OUTCOMES.invalid, OUTCOMES.skipped];
    await ledger.write(outcomes.map((outcome, at) => settled(ids[at]!, outcome)));
  }
  const keys = ["r2@x.test", "r3@x.test", "r4@x.test", "r5@x.test"];
  assert.deepEqual(settleByHand(folder.file(), keys, "sent", ["in-doubt", "invalid"]), [
    { key: "r2@x.test", kind: "refused", state: "failed" },
    { key: "r3@x.test", kind: "settled", before: "in-doubt" },
    { key: "r4@x.test", kind: "refused", state: "invalid" },
    { key: "r5@x.test", kind: "refused", state: "skipped" },
  ]);
  await using ledger = openAt(folder.file());
  const { sent, failed, inDoubt, invalid, skipped } = await ledger.tally();
  assert.deepEqual({ sent, failed, inDoubt, invalid, skipped }, {
    sent: 1,
    failed: 1,
    inDoubt: 0,
    invalid: 1,
    skipped: 1,
  });
});

Deno.test("settleByHand() settles all or nobody, and reports if the file is no longer in its place", async () => {
  using folder = new Folder();
  await example(folder.file());
  {
    using _full = fullDisk(folder.file(), "UPDATE", "NEW.id = 3");
    const keys = ["r3@x.test", "r4@x.test"];
    assert.throws(() => settleByHand(folder.file(), keys, "sent"), StorageError);
  }
  {
    await using ledger = openAt(folder.file());
    assert.deepEqual([(await ledger.tally()).failed, (await ledger.tally()).inDoubt], [1, 1]);
  }
  const { parse } = JSON;
  // Another process deletes the file while it is being written to: here, as its tally is read.
  JSON.parse = (text: string) => {
    if (text.startsWith("[")) Deno.removeSync(folder.file());
    JSON.parse = parse;
    return parse(text);
  };
  try {
    assert.throws(() => settleByHand(folder.file(), ["r3@x.test"], "sent"), StorageError);
  } finally {
    JSON.parse = parse;
  }
});
