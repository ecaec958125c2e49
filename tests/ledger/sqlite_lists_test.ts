import assert from "node:assert/strict";
import {
  badRow,
  deferred,
  entries,
  entry,
  Folder,
  idsOf,
  openAt,
  OUTCOMES,
  recipient,
  rowsOf,
  settled,
  statesOf,
} from "./ledgers.ts";

Deno.test("SqliteLedger continues after the last row of the same list", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    assert.equal(ledger.opened.resumeAfterLine, 0);
    assert.equal(ledger.opened.before, undefined);
    await ledger.claim(entries(2, 4), 4);
    await ledger.claim(entries(9, 9), undefined);
  }
  await using ledger = openAt(folder.file());
  assert.equal(ledger.opened.resumeAfterLine, 4);
  assert.equal(ledger.opened.before?.list, "list 1");
});

Deno.test("SqliteLedger starts a list at its top that is another one, or standard input", async () => {
  using folder = new Folder();
  for (const list of ["list 1", "list 2", "", ""]) {
    await using ledger = openAt(folder.file(), { facts: { list } });
    assert.equal(ledger.opened.resumeAfterLine, 0, list);
    await ledger.claim(entries(2, 4), 4);
  }
});

Deno.test("SqliteLedger lets settled recipients be settled in a changed list, and new ones join", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    const [sent] = idsOf(await ledger.claim(entries(2, 2), 2));
    await ledger.write([settled(sent!, OUTCOMES.sent)]);
  }
  await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
  const claims = await ledger.claim([
    entry(recipient(2, "new@x.test")),
    entry(recipient(3, "r2@x.test")),
  ], 3);
  assert.deepEqual(claims, [
    { kind: "job", id: 2 },
    { kind: "known", id: 1, state: "sent", due: undefined },
  ]);
  const [row] = await rowsOf(ledger, ["sent"]);
  assert.equal(row?.line, 3, "the line is that of the present list");
});

Deno.test("SqliteLedger returns waiting recipients of a changed list once they were found in it, with their new cells", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await ledger.claim(entries(2, 3), 3);
  }
  await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
  assert.deepEqual(await ledger.claimDue(1, 10), [], "not met yet");
  assert.equal(await ledger.nextDue(1), undefined);
  const changed = { ...recipient(7, "r2@x.test"), fields: ["r2@x.test", "new cell"] };
  assert.deepEqual(await ledger.claim([entry(changed)], 7), [
    { kind: "known", id: 1, state: "queued", due: 0 },
  ]);
  const [owed, ...rest] = await ledger.claimDue(1, 10);
  assert.deepEqual(rest, []);
  assert.deepEqual(owed?.recipient, changed);
});

Deno.test("SqliteLedger.skipMissing() skips those who wait and are no longer in the list", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    const [sent, , later] = idsOf(await ledger.claim(entries(2, 5), 5));
    await ledger.write([settled(sent!, OUTCOMES.sent), settled(later!, deferred(5))]);
  }
  await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
  await ledger.claim(entries(3, 3), 3);
  assert.equal(await ledger.skipMissing("new.csv"), 2);
  assert.deepEqual(await statesOf(ledger), [
    "r2@x.test sent",
    "r3@x.test queued",
    "r4@x.test skipped",
    "r5@x.test skipped",
  ]);
  assert.equal((await rowsOf(ledger, ["skipped"]))[0]?.reason, "No longer in new.csv");
  assert.equal((await ledger.tally()).skipped, 2);
});

Deno.test("SqliteLedger returns a recipient again who was removed from the list and is back in it", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await ledger.claim(entries(2, 3), 3);
  }
  {
    await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
    await ledger.claim(entries(3, 3), 3);
    await ledger.skipMissing("new.csv");
  }
  await using ledger = openAt(folder.file(), { facts: { list: "list 3" } });
  await ledger.claim(entries(2, 3), 3);
  assert.deepEqual((await ledger.claimDue(1, 10)).map(({ recipient }) => recipient.line).sort(), [
    2,
    3,
  ]);
  assert.equal((await ledger.tally()).skipped, 0);
});

Deno.test("SqliteLedger judges invalid rows and duplicates of a changed list again", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    const claims = await ledger.claim([
      entry(badRow(2)),
      entry(recipient(3, "ann@x.test")),
      entry(recipient(4, "ann@x.test")),
      entry(recipient(5, "bob@x.test")),
    ], 5);
    await ledger.write([settled(idsOf(claims)[1]!, OUTCOMES.invalid)]);
    assert.deepEqual(
      [
        (await ledger.tally()).invalid,
        (await ledger.tally()).skipped,
        (await ledger.tally()).total,
      ],
      [2, 1, 4],
    );
  }
  await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
  const claims = await ledger.claim([
    entry(recipient(2, "fixed@x.test")),
    entry(recipient(3, "ann@x.test")),
    entry(recipient(4, "bob@x.test")),
  ], 4);
  assert.deepEqual(claims.map(({ kind }) => kind), ["job", "known", "known"]);
  const { invalid, skipped, queued, claimed, total } = await ledger.tally();
  assert.deepEqual({ invalid, skipped, queued, claimed, total }, {
    invalid: 0,
    skipped: 0,
    queued: 2,
    claimed: 1,
    total: 3,
  });
});

Deno.test("SqliteLedger skips waiting recipients who are suppressed in a changed list, and leaves sent ones", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    const [sent] = idsOf(await ledger.claim(entries(2, 3), 3));
    await ledger.write([settled(sent!, OUTCOMES.sent)]);
  }
  await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
  const claims = await ledger.claim(
    entries(2, 3).map(({ row }) => entry(row as ReturnType<typeof recipient>, "Suppressed")),
    3,
  );
  assert.deepEqual(claims.map(({ kind }) => kind), ["known", "skipped"]);
  assert.deepEqual(await statesOf(ledger), ["r2@x.test sent", "r3@x.test skipped"]);
  const { sent, skipped, queued, total } = await ledger.tally();
  assert.deepEqual({ sent, skipped, queued, total }, { sent: 1, skipped: 1, queued: 0, total: 2 });
});
