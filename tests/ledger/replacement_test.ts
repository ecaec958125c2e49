import assert from "node:assert/strict";
import type { ListEntry } from "../../src/ledger/ledger.ts";
import type { ReplacementResult } from "../../src/ledger/by_hand/replacement.ts";
import { SqliteBounceRecord } from "../../src/ledger/sqlite/bounces/bounce_record.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { replaceRecipient } from "../../src/ledger/sqlite/by_hand/replacement.ts";
import { settleByHand } from "../../src/ledger/sqlite/by_hand/settle_by_hand.ts";
import { SqliteLedger } from "../../src/ledger/sqlite/sqlite_ledger.ts";
import {
  badRow,
  deferred,
  entry,
  FACTS,
  Folder,
  handedOver,
  openAt,
  OUTCOMES,
  recipient,
  rowsOf,
  settled,
  statesOf,
} from "./ledgers.ts";

const NEW = "new@x.test";

/** A row whose address is no mailbox. */
function malformed(line: number, address = "bob@@x"): ListEntry {
  return entry({ ...badRow(line), address, fields: [address] });
}

/** One row of every kind, and the recipient who replaces others: a list whose rows keep their places. */
const LIST: readonly ListEntry[] = [
  entry(recipient(2, "failed@x.test")),
  entry(recipient(3, "sent@x.test")),
  entry(recipient(4, "doubted@x.test")),
  entry(recipient(5, "unmade@x.test")),
  entry(recipient(6, "deferred@x.test")),
  entry(recipient(7, "suppressed@x.test"), "Suppressed"),
  malformed(8),
  entry(recipient(9, "failed@x.test")),
  malformed(10),
  entry(recipient(11, NEW)),
];

async function make(path: string): Promise<void> {
  await using ledger = openAt(path);
  await ledger.claim(LIST, 11);
  await ledger.write([handedOver(1), handedOver(2), handedOver(3)]);
  await ledger.write([
    settled(1, OUTCOMES.failed),
    settled(2, OUTCOMES.sent),
    settled(3, OUTCOMES["in-doubt"]),
    settled(4, OUTCOMES.invalid),
    settled(5, deferred(1_000_000)),
  ]);
}

function replaced(path: string, old: string, by = NEW): ReplacementResult {
  const key = old.includes("@@") ? undefined : old.toLowerCase();
  return replaceRecipient(path, { old, key, by });
}

async function read(path: string) {
  using reader = openLedgerReader(path);
  return { rows: await rowsOf(reader), tally: await reader.tally() };
}

Deno.test("A recipient who failed, is invalid or in doubt can be replaced by any other in the ledger; others stay as they are", async () => {
  const refused = (state: string) => ({ kind: "refused", state });
  const table: [old: string, by: string, result: object][] = [
    ["failed@x.test", NEW, { kind: "replaced", before: "failed" }],
    ["Failed@X.test", NEW, { kind: "replaced", before: "failed" }],
    ["doubted@x.test", "sent@x.test", { kind: "replaced", before: "in-doubt" }],
    ["unmade@x.test", "suppressed@x.test", { kind: "replaced", before: "invalid" }],
    ["bob@@x", "deferred@x.test", { kind: "replaced", before: "invalid" }],
    [" bob@@x ", NEW, { kind: "replaced", before: "invalid" }],
    ["sent@x.test", NEW, refused("sent")],
    ["deferred@x.test", NEW, refused("deferred")],
    ["suppressed@x.test", NEW, refused("skipped")],
    [NEW, "sent@x.test", refused("queued")],
    ["failed@x.test", "nobody@x.test", { kind: "unknown", which: "by" }],
    ["nobody@x.test", NEW, { kind: "unknown", which: "old" }],
    ["no@@body", NEW, { kind: "unknown", which: "old" }],
    ["failed@x.test", "failed@x.test", { kind: "itself" }],
  ];
  using folder = new Folder();
  const [made, path] = [folder.file("made"), folder.file()];
  await make(made);
  for (const [old, by, result] of table) {
    await Deno.copyFile(made, path);
    const before = await read(path);
    assert.deepEqual(replaced(path, old, by), result, `${old} by ${by}`);
    const after = await read(path);
    if (!("before" in result)) {
      assert.deepEqual(after, before, `${old} by ${by}`);
      continue;
    }
    // The list has the malformed address twice.
    const count = old.trim() === "bob@@x" ? 2 : 1;
    const changed = after.rows.filter((row, at) => row.state !== before.rows[at]!.state);
    assert.deepEqual(
      changed.map(({ state, reason }) => [state, reason]),
      Array(count).fill(["skipped", `Replaced by ${by}`]),
    );
    assert.equal(after.tally.skipped, before.tally.skipped + count);
  }
});

Deno.test("Replacing keeps what was recorded of the first mail", async () => {
  using folder = new Folder();
  await make(folder.file());
  const [before] = (await read(folder.file())).rows;
  replaced(folder.file(), "failed@x.test");
  const [after] = (await read(folder.file())).rows;
  const { state: _, reason: _r, at: _at, ...kept } = before!;
  const { state: _s, reason: _s2, at: _s3, ...found } = after!;
  assert.deepEqual(found, kept);
});

Deno.test("A replacement can be replaced, but nobody by someone who is replaced", async () => {
  using folder = new Folder();
  const path = folder.file();
  await make(path);
  replaced(path, "failed@x.test", "doubted@x.test");
  assert.deepEqual(replaced(path, "doubted@x.test", "failed@x.test"), {
    kind: "passed-on",
    to: "doubted@x.test",
  });
  assert.equal(replaced(path, "doubted@x.test").kind, "replaced");
  assert.deepEqual(replaced(path, "failed@x.test", "sent@x.test"), {
    kind: "replaced",
    before: "skipped",
  });
  const [failed, , doubted] = (await read(path)).rows;
  assert.deepEqual([failed!.reason, doubted!.reason], [
    "Replaced by sent@x.test",
    `Replaced by ${NEW}`,
  ]);
});

/** Whatever a later run may do to get the replaced ones mailed. */
const LATER = {
  "the same list": {},
  "a changed list": { list: "list 2" },
  "a changed list with other places": { list: "list 3", shift: 20 },
  "--retry of the states": { retry: ["failed", "invalid"] },
  "--retry of the states with a changed list": { list: "list 4", retry: ["failed", "invalid"] },
  "--retry by name": { keys: true },
  "--retry by name with a changed list": { list: "list 5", keys: true },
} as const;
const OLD = ["failed@x.test", "doubted@x.test", "unmade@x.test", "bob@@x"];

for (
  const [what, later] of Object.entries<
    { list?: string; shift?: number; retry?: readonly ("failed" | "invalid")[]; keys?: boolean }
  >(LATER)
) {
  Deno.test(`Who was replaced is not claimed again by ${what}, nor invalid again`, async () => {
    using folder = new Folder();
    const path = folder.file();
    await make(path);
    for (const old of OLD) assert.equal(replaced(path, old).kind, "replaced");
    const { list = FACTS.list, shift = 0, retry = [], keys = false } = later;
    for (const _ of ["once", "twice"]) {
      await using ledger = new SqliteLedger({
        path,
        facts: { ...FACTS, list },
        retry: { states: retry, keys: keys ? [...OLD, " bob@@x"] : [] },
      });
      const entries = LIST.map(({ row, skip }) => ({
        row: { ...row, line: row.line + shift },
        skip,
      }));
      await ledger.claim(entries, undefined);
      await ledger.claimRows("in-doubt", await ledger.inDoubt(), 2_000_000);
      await ledger.claimDue(2_000_000, 100);
      const states = (await statesOf(ledger)).filter((line) =>
        OLD.some((old) => line.startsWith(old))
      );
      // failed@x.test and the malformed address are in the list twice.
      assert.deepEqual(
        states.map((line) => line.split(" ").at(-1)),
        Array(6).fill("skipped"),
        states.join(),
      );
      await ledger.release();
      assert.equal((await ledger.tally()).invalid, 0);
    }
    const { tally } = await read(path);
    assert.deepEqual([tally.failed, tally.invalid, tally.inDoubt], [0, 0, 0]);
  });
}

Deno.test("A person cannot queue who was replaced, nor does a bounce change it, and nobody counts it as to be retried", async () => {
  using folder = new Folder();
  const path = folder.file();
  await make(path);
  for (const old of OLD) replaced(path, old);
  const names = ["failed@x.test", " bob@@x"];
  for (const exact of [true, false]) {
    assert.deepEqual(
      settleByHand(path, exact ? names : ["failed@x.test"], "queued", ["skipped"], exact)
        .map(({ kind }) => kind),
      exact ? ["replaced", "replaced"] : ["replaced"],
    );
  }
  {
    using record = new SqliteBounceRecord(path, true);
    const [doubted] = await record.byMailbox("doubted@x.test");
    const bounce = { kind: "hard", report: "r", at: 5, status: "5.1.1", code: 550, diagnostic: "" };
    const [effect] = await record.note([{ ...bounce, kind: "hard", recipient: doubted! }]);
    assert.equal(effect!.kind, "noted");
  }
  using reader = openLedgerReader(path);
  assert.equal((await reader.countRetried({ states: ["failed", "invalid"], keys: OLD })).size, 0);
  assert.ok(
    (await rowsOf(reader)).filter(({ reason }) => reason === `Replaced by ${NEW}`).length > 4,
  );
});

Deno.test("A row that was invalid for another reason than its address is not mailed when the list completes it", async () => {
  using folder = new Folder();
  const path = folder.file();
  const incomplete = entry({ ...badRow(2, "Column 'Name' is empty"), address: "Ann@x.test" });
  {
    await using ledger = openAt(path);
    await ledger.claim([incomplete, entry(recipient(3, NEW))], 3);
  }
  assert.equal(replaced(path, "Ann@x.test").kind, "replaced");
  for (
    const [list, row] of [["list 2", incomplete], [
      "list 3",
      entry(recipient(2, "ann@x.test")),
    ]] as const
  ) {
    await using ledger = openAt(path, { facts: { list } });
    const [claim] = await ledger.claim([row, entry(recipient(3, NEW))], 3);
    assert.ok(claim?.kind === "known" && claim.state === "skipped", JSON.stringify(claim));
  }
});

Deno.test("With a key column, a mailbox of several recipients must be named with a key, and an invalid row has none", async () => {
  using folder = new Folder();
  const path = folder.file();
  const keyed = (line: number, address: string, key: string) =>
    entry({ ...recipient(line, address), key: `${address} ${key}` });
  {
    await using ledger = openAt(path, { facts: { key: "Invoice" } });
    await ledger.claim([
      keyed(2, "ann@x.test", "7"),
      keyed(3, "ann@x.test", "8"),
      keyed(4, "bob@x.test", "7"),
      entry({ ...badRow(5), address: "cy@x.test" }),
    ], 5);
    await ledger.write([settled(1, OUTCOMES.failed), settled(2, OUTCOMES.sent)]);
  }
  assert.deepEqual(replaced(path, "ann@x.test", "bob@x.test"), { kind: "several", which: "old" });
  assert.deepEqual(replaced(path, "bob@x.test", "ann@x.test"), { kind: "several", which: "by" });
  assert.deepEqual(replaced(path, "cy@x.test", "bob@x.test"), { kind: "no-key" });
  assert.deepEqual(replaced(path, "ann@x.test 7", "bob@x.test"), {
    kind: "replaced",
    before: "failed",
  });
  const [first, second] = (await read(path)).rows;
  assert.deepEqual([first!.reason, second!.state], ["Replaced by bob@x.test 7", "sent"]);
});

Deno.test("Invalid rows of a ledger whose keys are indexed are found again after they were replaced", async () => {
  using folder = new Folder();
  const path = folder.file();
  const many = Array.from({ length: 40_000 }, (_, at) => entry(recipient(at + 3)));
  {
    await using ledger = openAt(path);
    await ledger.claim([malformed(2), ...many], undefined);
    await ledger.claim([entry(recipient(50_000, NEW))], undefined);
  }
  assert.equal(replaced(path, "bob@@x").kind, "replaced");
  await using ledger = openAt(path, { facts: { list: "list 2" } });
  const [claim] = await ledger.claim([malformed(2)], undefined);
  assert.ok(claim?.kind === "known" && claim.state === "skipped", JSON.stringify(claim));
});
