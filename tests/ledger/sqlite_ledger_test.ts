import assert from "node:assert/strict";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import {
  badRow,
  deferred,
  entries,
  entry,
  Folder,
  fullDisk,
  handedOver,
  idsOf,
  openAt,
  OUTCOMES,
  recipient,
  reply,
  rowsOf,
  settled,
  statesOf,
} from "./ledgers.ts";

/** Later than all times of this test. */
const LATE = 1_000_000;

Deno.test("SqliteLedger keeps every outcome with its facts", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    const [sent, failed, doubted, invalid] = idsOf(await ledger.claim(entries(2, 5), 5));
    await ledger.write([handedOver(sent!), handedOver(failed!), handedOver(doubted!)]);
    await ledger.write([
      settled(sent!, OUTCOMES.sent),
      settled(failed!, OUTCOMES.failed),
      settled(doubted!, OUTCOMES["in-doubt"]),
      settled(invalid!, OUTCOMES.invalid),
    ]);
  }
  await using ledger = openAt(folder.file());
  assert.deepEqual(await statesOf(ledger), [
    "r2@x.test sent",
    "r3@x.test failed",
    "r4@x.test in-doubt",
    "r5@x.test invalid",
  ]);
  const [, failed] = await rowsOf(ledger);
  assert.deepEqual(failed, {
    id: 2,
    key: "r3@x.test",
    line: 3,
    address: "r3@x.test",
    fields: ["r3@x.test"],
    state: "failed",
    attempts: 1,
    code: 550,
    enhanced: "5.1.1",
    reply: "text",
    stage: "rcpt",
    relay: "mx.test:25",
    messageId: "<2@x>",
    at: 1_000,
    notBefore: undefined,
    reason: "RCPT was refused",
    run: 1,
    template: "template 1",
    size: 700,
    attachments: undefined,
    accepted: undefined,
  });
});

Deno.test("SqliteLedger.claim() names the line that a duplicate repeats", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const claims = await ledger.claim([
    entry(recipient(2, "ann@x.test")),
    entry(recipient(3, "bob@x.test")),
    entry(recipient(5, "ann@x.test")),
    entry(recipient(9, "ann@x.test")),
  ], 9);
  assert.deepEqual(claims.map(({ kind }) => kind), ["job", "job", "skipped", "skipped"]);
  const skipped = await rowsOf(ledger, ["skipped"]);
  assert.deepEqual(skipped.map(({ line, reason }) => [line, reason]), [
    [5, "Duplicate of line 2"],
    [9, "Duplicate of line 2"],
  ]);
});

Deno.test("SqliteLedger.claim() enters invalid and suppressed rows with their reasons, once", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const rows = [entry(badRow(2)), entry(recipient(3), "Suppressed by no.csv:1")];
  assert.deepEqual(await ledger.claim(rows, undefined), [
    { kind: "invalid", reason: "Address is empty" },
    { kind: "skipped", reason: "Suppressed by no.csv:1" },
  ]);
  assert.deepEqual(await ledger.claim(rows, undefined), [
    { kind: "invalid", reason: "Address is empty" },
    { kind: "known", id: 2, state: "skipped", due: undefined },
  ]);
  assert.equal((await ledger.tally()).total, 2);
});

Deno.test("SqliteLedger lets the time for retries run from the first try that counts", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const [id] = idsOf(await ledger.claim(entries(2, 2), 2));
  const lost = {
    state: "deferred",
    stage: "mail",
    notBefore: 0,
    counted: false,
    reason: "lost",
  } as const;
  const firstTried: (number | undefined)[] = [];
  for (
    const [at, outcome] of [
      [100, lost],
      [200, { ...lost, reply: reply(550, "5.7.26") }],
      [250, { ...lost, reply: reply(450, "4.3.2") }],
      [300, deferred(0)],
      [400, deferred(0)],
    ] as const
  ) {
    await ledger.write([settled(id!, outcome, at)]);
    const [owed] = await ledger.claimDue(1_000, 1);
    firstTried.push(owed?.firstTriedAt);
  }
  assert.deepEqual(firstTried, [undefined, undefined, undefined, 300, 300]);
});

Deno.test("SqliteLedger counts the tries that are the recipient's own", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const ids = idsOf(await ledger.claim(entries(2, 6), 6));
  const outcomes = [
    deferred(0),
    deferred(0, false),
    OUTCOMES.sent,
    OUTCOMES.failed,
    OUTCOMES.invalid,
  ];
  await ledger.write(ids.map((id, at) => settled(id, outcomes[at]!)));
  assert.deepEqual((await rowsOf(ledger)).map(({ attempts }) => attempts), [1, 0, 1, 1, 0]);
});

Deno.test("SqliteLedger returns those set aside only on request, in order, and uncounted", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    const ids = idsOf(await ledger.claim(entries(2, 6), 6));
    const outcomes = [SET_ASIDE, SET_ASIDE, 5, SET_ASIDE].map((due) => deferred(due, false));
    await ledger.write(outcomes.map((outcome, at) => settled(ids[at]!, outcome)));
    await ledger.write([settled(ids[4]!, OUTCOMES.sent)]);
    assert.deepEqual((await ledger.claimDue(LATE, 9)).map(({ id }) => id), [ids[2]]);
    assert.equal(await ledger.nextDue(0), undefined, "no time comes at which they are due");
    assert.deepEqual(await ledger.claimRows("due", ids, LATE), []);
  }
  // The next run finds them as they were.
  await using ledger = openAt(path);
  assert.equal((await ledger.tally()).deferred, 3);
  const first = await ledger.claimSetAside(1, LATE, 1, 2);
  const second = await ledger.claimSetAside(first.at(-1)!.id + 1, LATE, 1, 2);
  assert.deepEqual([...first, ...second].map(({ recipient }) => recipient.line), [2, 3, 5]);
  assert.deepEqual(first.map(({ attempts, firstTriedAt }) => [attempts, firstTriedAt]), [
    [0, undefined],
    [0, undefined],
  ]);
  await ledger.write([settled(first[0]!.id, deferred(SET_ASIDE, false))]);
  const behind = await ledger.claimSetAside(second[0]!.id + 1, LATE, 1, 2);
  assert.deepEqual(behind, [], "a round is a round");
  const again = await ledger.claimRows("set-aside", [first[0]!.id, first[1]!.id], 1);
  assert.deepEqual(again.map(({ id }) => id), [first[0]!.id]);
});

Deno.test("SqliteLedger knows who was set aside longest ago, even if a run has claimed and released them", async () => {
  using folder = new Folder();
  const path = folder.file();
  const aside = deferred(SET_ASIDE, false);
  let ids: number[];
  {
    await using ledger = openAt(path);
    ids = idsOf(await ledger.claim(entries(2, 5), 5));
    await ledger.write([{ ...settled(ids[0]!, deferred(1)), at: 1 }]);
    assert.equal(await ledger.longestSetAside(), undefined);
    for (const [at, id] of ids.slice(1).entries()) {
      await ledger.write([{ ...settled(id, aside), at: 10 - at }]);
    }
    assert.equal(await ledger.longestSetAside(), ids[3]);
    await ledger.claimSetAside(1, LATE, 20, 9);
    await ledger.write([{ ...settled(ids[3]!, aside), at: 20 }]);
  }
  await using ledger = openAt(path);
  assert.equal(await ledger.longestSetAside(), ids[2]);
});

Deno.test("SqliteLedger keeps those set aside after the others, even if a run ends that has claimed them", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    const ids = idsOf(await ledger.claim(entries(2, 4), 4));
    await ledger.write(ids.map((id) => settled(id, deferred(SET_ASIDE, false))));
    assert.equal((await ledger.claimSetAside(1, LATE, 1, 9)).length, 3);
  }
  await using ledger = openAt(path);
  assert.deepEqual(await ledger.claimDue(LATE, 9), []);
  assert.equal((await ledger.claimSetAside(1, LATE, 1, 9)).length, 3);
});

Deno.test("SqliteLedger gives back what was claimed and not settled when it is closed", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await ledger.claim(entries(2, 4), 4);
  }
  await using ledger = openAt(folder.file());
  assert.deepEqual([(await ledger.tally()).queued, ledger.opened.newlyInDoubt], [3, 0]);
  assert.equal((await ledger.claimDue(Date.now(), 10)).length, 3);
});

Deno.test("SqliteLedger.rows() reads more rows than it holds at a time, and two readers do not disturb each other", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  await ledger.claim(entries(2, 1_202), 1_202);
  const seen: number[] = [];
  for await (const { line } of ledger.rows()) {
    seen.push(line);
    if (line % 400 !== 0) continue;
    for await (const other of ledger.rows(["claimed"])) if (other.line === 3) break;
  }
  assert.deepEqual(seen, Array.from({ length: 1_201 }, (_, at) => at + 2));
});

for (
  const [what, on, act] of [
    [
      "claim()",
      "INSERT",
      (ledger: ReturnType<typeof openAt>) => ledger.claim(entries(10, 20), 20),
    ],
    [
      "claimDue()",
      "UPDATE",
      (ledger: ReturnType<typeof openAt>) => ledger.claimDue(Date.now(), 10),
    ],
    [
      "write()",
      "UPDATE",
      (ledger: ReturnType<typeof openAt>) =>
        ledger.write([settled(3, OUTCOMES.sent), settled(4, OUTCOMES.sent)]),
    ],
  ] as const
) {
  Deno.test(`SqliteLedger.${what} that fails leaves nothing behind, in the file or in memory`, async () => {
    using folder = new Folder();
    const path = folder.file();
    {
      await using ledger = openAt(path);
      const ids = idsOf(await ledger.claim(entries(2, 5), 5));
      await ledger.write([settled(ids[0]!, deferred(1)), settled(ids[1]!, deferred(2))]);
      const before = await ledger.tally();
      {
        // The first row is written; the second one finds no room.
        const second = on === "INSERT" ? "NEW.line = 15" : "NEW.id IN (2, 4)";
        using _full = fullDisk(path, on, second);
        await assert.rejects(act(ledger), (error) => {
          assert.ok(error instanceof StorageError);
          assert.match(error.message, /^Cannot write to the ledger '.*': database or disk is full/);
          return true;
        });
      }
      assert.deepEqual(await ledger.tally(), before);
      await ledger.write([settled(ids[2]!, OUTCOMES.sent)]);
    }
    await using ledger = openAt(path);
    assert.deepEqual(await statesOf(ledger), [
      "r2@x.test deferred",
      "r3@x.test deferred",
      "r4@x.test sent",
      "r5@x.test queued",
    ]);
    assert.equal(
      ledger.opened.resumeAfterLine,
      5,
      "rows that were not entered are not passed over",
    );
    assert.equal((await ledger.tally()).total, 4);
  });
}
