import assert from "node:assert/strict";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { openDatabase } from "../support/database.ts";
import {
  deferred,
  entries,
  entry,
  FACTS,
  Folder,
  fullDisk,
  handedOver,
  idsOf,
  openAt,
  OUTCOMES,
  recipient,
  rowsOf,
  settled,
  statesOf,
} from "./ledgers.ts";

/** The tally stored in the file, for readers and for the next process that opens it. */
function storedTally(path: string): { counts: number[]; upToLine: number; exact: boolean } {
  using database = openDatabase(path, { readOnly: true });
  const row = database.prepare("SELECT counts, up_to_line, exact FROM tally").get() as {
    counts: string;
    up_to_line: number;
    exact: number;
  };
  return {
    counts: JSON.parse(row.counts),
    upToLine: row.up_to_line,
    exact: row.exact === 1,
  };
}

Deno.test("SqliteLedger leaves an exact tally when it is closed, and none that claims to be while it is open", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    assert.deepEqual(storedTally(path), { counts: Array(9).fill(0), upToLine: 0, exact: false });
    const ids = idsOf(await ledger.claim(entries(2, 5), 5));
    await ledger.write([settled(ids[0]!, OUTCOMES.sent), handedOver(ids[1]!)]);
  }
  // Two claimed ones wait again, the one that was handed over is in doubt.
  const counts = [2, 0, 0, 0, 1, 0, 1, 0, 0];
  assert.deepEqual(storedTally(path), { counts, upToLine: 5, exact: true });
});

Deno.test("SqliteLedger that was closed properly is opened again by its tally, without counting rows", async () => {
  using folder = new Folder();
  const path = folder.file();
  await openAt(path)[Symbol.asyncDispose]();
  {
    using database = openDatabase(path);
    database.exec(`UPDATE tally SET counts = '[0,0,0,0,9,0,0,0,0]'`);
  }
  await using ledger = openAt(path);
  assert.equal((await ledger.tally()).sent, 9);
});

Deno.test("SqliteLedger whose process died is opened again by its rows, whatever its tally said last", async () => {
  using folder = new Folder();
  const path = folder.file();
  const killed = folder.file("killed");
  {
    await using ledger = openAt(path);
    const ids = idsOf(await ledger.claim(entries(2, 5), 5));
    await ledger.write([settled(ids[0]!, OUTCOMES.sent), handedOver(ids[1]!)]);
    for (const end of ["", "-wal"]) Deno.copyFileSync(path + end, killed + end);
  }
  await using ledger = openAt(killed);
  const { sent, inDoubt, queued, claimed, total } = await ledger.tally();
  assert.deepEqual({ sent, inDoubt, queued, claimed, total }, {
    sent: 1,
    inDoubt: 1,
    queued: 2,
    claimed: 0,
    total: 4,
  });
  assert.equal(ledger.opened.newlyInDoubt, 1);
  const [doubted] = await rowsOf(ledger, ["in-doubt"]);
  assert.equal(
    doubted?.reason,
    "Handed over to mx.test:25 when the process ended; no reply was recorded",
  );
  assert.equal(doubted?.attempts, 1, "it counts as a try");
});

Deno.test("SqliteLedger.release() leaves rows as the next run finds them, and is done once", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const ids = idsOf(await ledger.claim(entries(2, 6), 6));
  await ledger.write([settled(ids[0]!, OUTCOMES.sent), handedOver(ids[1]!)]);
  await ledger.write([settled(ids[2]!, deferred(SET_ASIDE, false))]);
  await ledger.claimSetAside(1, 99, 1, 9);
  await ledger.release();
  await ledger.release();
  const expected = [
    "r2@x.test sent",
    "r3@x.test in-doubt",
    "r4@x.test queued",
    "r5@x.test queued",
    "r6@x.test queued",
  ];
  assert.deepEqual(await statesOf(ledger), expected);
  assert.deepEqual((await rowsOf(ledger, ["in-doubt"])).map(({ line }) => line), [3]);
  assert.equal((await rowsOf(ledger, ["in-doubt"]))[0]?.attempts, 1, "counted once");
});

Deno.test("SqliteLedger.rows() of certain states returns after the release what the file would hold if it could be written", async () => {
  using folder = new Folder();
  const path = folder.file();
  const ledger = openAt(path);
  const ids = idsOf(await ledger.claim(entries(2, 6), 6));
  await ledger.write([settled(ids[0]!, OUTCOMES.sent), handedOver(ids[1]!), handedOver(ids[2]!)]);
  await ledger.write([settled(ids[2]!, OUTCOMES["in-doubt"])]);
  await ledger.claimRows("in-doubt", [ids[2]!], 1);
  {
    using _full = fullDisk(path, "UPDATE");
    await ledger.release();
  }
  const lines = async (...states: Parameters<typeof rowsOf>[1] & object) =>
    (await rowsOf(ledger, states)).map(({ line }) => line);
  assert.deepEqual(await lines("sent"), [2]);
  assert.deepEqual(await lines("in-doubt"), [3, 4]);
  assert.deepEqual(await lines("queued"), [5, 6]);
  assert.deepEqual(await lines("claimed", "handed-over"), []);
  assert.deepEqual(await lines("sent", "queued"), [2, 5, 6]);
  const [abandoned, doubted] = await rowsOf(ledger, ["in-doubt"]);
  assert.match(abandoned?.reason ?? "", /^Handed over when the process ended/);
  assert.equal(doubted?.reason, "No reply", "it was in doubt before");
  await ledger[Symbol.asyncDispose]();
});

Deno.test("SqliteLedger.sync() brings to the disk what was written since the last one, and has nothing else to do", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const { syncData } = Deno.FsFile.prototype;
  const disk: Promise<void>[] = [];
  Deno.FsFile.prototype.syncData = function () {
    disk.push(syncData.call(this));
    return disk.at(-1)!;
  };
  try {
    await ledger.sync();
    assert.equal(disk.length, 1, "the ledger was opened");
    await ledger.sync();
    assert.equal(disk.length, 1);
    await ledger.claim(entries(2, 2), 2);
    await ledger.sync();
    await ledger.sync();
    assert.equal(disk.length, 2);
  } finally {
    Deno.FsFile.prototype.syncData = syncData;
  }
});

Deno.test("SqliteLedger.sync() waits for the disk, and rejects where that fails", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const { syncData } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.syncData = () => Promise.reject(new Error("Input/output error"));
  try {
    await assert.rejects(ledger.sync(), (error) => {
      assert(error instanceof StorageError);
      assert.match(
        error.message,
        /^Cannot sync the ledger '.*c\.ledger' to the disk: Input\/output error$/,
      );
      return true;
    });
  } finally {
    Deno.FsFile.prototype.syncData = syncData;
  }
});

Deno.test("SqliteLedger treats a recipient whose claim failed as new, and holds nobody it has not claimed", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    const kept = idsOf(await ledger.claim(entries(2, 2), 2));
    {
      using _full = fullDisk(path, "INSERT", "NEW.line = 4");
      await assert.rejects(ledger.claim(entries(3, 4), 4), StorageError);
    }
    const claims = await ledger.claim(entries(3, 4), 4);
    assert.deepEqual(claims.map(({ kind }) => kind), ["job", "job"]);
    await ledger.write([...kept, ...idsOf(claims)].map((id) => settled(id, OUTCOMES.sent)));
    await assert.rejects(ledger.write([settled(99, OUTCOMES.sent)]), /99 .*has not claimed/);
  }
  await using ledger = openAt(path);
  assert.equal((await ledger.tally()).sent, 3);
});

Deno.test("SqliteLedger remembers who was in doubt until their outcome is on record, and no longer", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const [id] = idsOf(await ledger.claim(entries(2, 2), 2));
  await ledger.write([handedOver(id!)]);
  await ledger.write([settled(id!, OUTCOMES["in-doubt"])]);
  await ledger.claimRows("in-doubt", [id!], 1);
  await ledger.write([settled(id!, deferred(5))]);
  // And now it waits like anybody else.
  assert.equal((await ledger.claimDue(9, 1)).length, 1);
  await ledger.release();
  assert.deepEqual([(await ledger.tally()).queued, (await ledger.tally()).inDoubt], [1, 0]);
  assert.deepEqual(await statesOf(ledger), ["r2@x.test queued"]);
});

Deno.test("SqliteLedger keeps recipients in doubt who were so before, even if writing their outcome failed", async () => {
  using folder = new Folder();
  const path = folder.file();
  await using ledger = openAt(path);
  const [id] = idsOf(await ledger.claim(entries(2, 2), 2));
  await ledger.write([handedOver(id!)]);
  await ledger.write([settled(id!, OUTCOMES["in-doubt"])]);
  await ledger.claimRows("in-doubt", [id!], 1);
  {
    using _full = fullDisk(path, "UPDATE", "NEW.state = 3");
    await assert.rejects(ledger.write([settled(id!, deferred(5))]), StorageError);
  }
  await ledger.release();
  assert.deepEqual([(await ledger.tally()).queued, (await ledger.tally()).inDoubt], [0, 1]);
  assert.deepEqual(await statesOf(ledger), ["r2@x.test in-doubt"]);
});

Deno.test("SqliteLedger.forgetList() lets the next run of the same list begin at its top", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    await ledger.claim(entries(2, 5), 5);
    await ledger.forgetList();
    assert.equal(storedTally(path).upToLine, 0, "also for who looks on");
  }
  await using ledger = openAt(path);
  assert.equal(ledger.opened.resumeAfterLine, 0);
  assert.deepEqual(ledger.opened.before, { ...FACTS, list: "" }, "all else is kept");
  const [claim] = await ledger.claim([entry(recipient(9, "r2@x.test"))], 9);
  assert.deepEqual(claim, { kind: "known", id: 1, state: "queued", due: 0 }, "under its new line");
});
