import assert from "node:assert/strict";
import { settleByHand } from "../../src/record/settle_by_hand.ts";
import {
  deferred,
  entries,
  Folder,
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

Deno.test("settleByHand() settles who is in doubt, failed or waiting, and leaves the sent ones", async () => {
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
  assert.deepEqual([ledger.tally().sent, ledger.tally().inDoubt, ledger.tally().failed], [3, 0, 0]);
  assert.equal((await rowsOf(ledger, ["sent"]))[1]?.reason, "Settled by hand");
});

Deno.test("settleByHand() to queued gives the recipient out anew, with all its tries and all the time for them", async () => {
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
  await using ledger = openAt(copy);
  assert.deepEqual([ledger.tally().failed, ledger.opened.newlyInDoubt], [2, 0]);
  assert.equal(ledger.tally().total, 2);
});
