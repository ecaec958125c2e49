import assert from "node:assert/strict";
import {
  STATE_NUMBERS,
  stateNumber,
  stateOf,
  WAITS,
} from "../../src/ledger/sqlite/state_numbers.ts";
import { STATES } from "../../src/model/state.ts";
import { openDatabase } from "../support/database.ts";
import {
  entries,
  Folder,
  handedOver,
  idsOf,
  openAt,
  OUTCOMES,
  settled,
  statesOf,
} from "./ledgers.ts";

Deno.test("STATE_NUMBERS are those of every ledger made so far", () => {
  assert.deepEqual(STATE_NUMBERS, {
    "queued": 0,
    "claimed": 1,
    "handed-over": 2,
    "deferred": 3,
    "sent": 4,
    "failed": 5,
    "in-doubt": 6,
    "invalid": 7,
    "skipped": 8,
  });
});

Deno.test("stateNumber() and stateOf() are each other's inverse, and stateOf() refuses other numbers", () => {
  for (const state of STATES) assert.equal(stateOf(stateNumber(state)), state);
  for (const number of [-1, 9, 0.5, NaN]) {
    assert.throws(() => stateOf(number), {
      name: "RangeError",
      message: `Cannot read a ledger state: found ${number}`,
    });
  }
});

Deno.test("A new ledger refuses a state that has no number", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await ledger.claim(entries(2, 2), 2);
  }
  using database = openDatabase(folder.file());
  for (const number of [-1, 9]) {
    assert.throws(
      () => database.prepare("UPDATE recipient SET state = ?").run(number),
      { message: /CHECK constraint failed/ },
      `${number}`,
    );
  }
  for (const number of Object.values(STATE_NUMBERS)) {
    database.prepare("UPDATE recipient SET state = ?").run(number);
  }
});

/** The tables of a ledger of version 3 as they were before the CHECK on states. */
const WITHOUT_CHECK = `
  CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE recipient (
    id INTEGER PRIMARY KEY, key TEXT, line INTEGER NOT NULL, revision INTEGER NOT NULL,
    state INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, not_before INTEGER,
    first_tried_at INTEGER, at INTEGER, code INTEGER, address TEXT NOT NULL, fields TEXT NOT NULL,
    enhanced TEXT, reply TEXT, stage TEXT, relay TEXT, message_id TEXT, reason TEXT, room TEXT
  ) STRICT;
  CREATE TABLE recipient_of_key (key TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX recipient_line ON recipient (line) WHERE key IS NULL;
  CREATE INDEX recipient_due ON recipient (revision, not_before) WHERE state IN (0, 3);
  CREATE TABLE tally (
    one INTEGER PRIMARY KEY CHECK (one = 1), counts TEXT NOT NULL, up_to_line INTEGER NOT NULL,
    keyed_up_to INTEGER NOT NULL DEFAULT 0, exact INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO fact VALUES ('campaign',
    '{"campaign":"c","columns":["Email"],"list":"list 1","template":"t","relays":["mx.test:25"]}');
  INSERT INTO fact VALUES ('revision', '1');
  PRAGMA application_id = 0x656d6c64;
  PRAGMA user_version = 3;
`;

/** A ledger of an earlier program: one recipient in each state, from r2 on, all claimed in a run that was killed. */
function makeOldLedger(path: string): void {
  using database = openDatabase(path);
  database.exec(WITHOUT_CHECK);
  const insert = database.prepare(
    `INSERT INTO recipient (key, line, revision, state, attempts, not_before, relay, address, fields)
     VALUES (?, ?, 1, ?, 0, ?, ?, ?, ?)`,
  );
  STATES.forEach((state, number) => {
    const line = number + 2;
    const key = state === "invalid" ? null : `r${line}@x.test`;
    const relay = state === "handed-over" ? "mx.test:25" : null;
    const due = state === "deferred" || state === "queued" ? 0 : null;
    insert.run(key, line, number, due, relay, `r${line}@x.test`, `["r${line}@x.test"]`);
  });
  database.exec("INSERT INTO tally VALUES (1, '[]', 10, 0, 0)");
}

Deno.test("A ledger of version 3 made before the CHECK on states is upgraded, is sent from and keeps its states", async () => {
  using folder = new Folder();
  makeOldLedger(folder.file());
  {
    await using ledger = openAt(folder.file());
    assert.equal(ledger.opened.newlyInDoubt, 1);
    assert.deepEqual(await statesOf(ledger), [
      "r2@x.test queued",
      "r3@x.test queued",
      "r4@x.test in-doubt",
      "r5@x.test deferred",
      "r6@x.test sent",
      "r7@x.test failed",
      "r8@x.test in-doubt",
      "r9@x.test invalid",
      "r10@x.test skipped",
    ]);
    const [next] = idsOf(await ledger.claim(entries(11, 11), 11));
    await ledger.write([handedOver(next!)]);
    await ledger.write([settled(next!, OUTCOMES.sent)]);
  }
  using database = openDatabase(folder.file());
  const { user_version } = database.prepare("PRAGMA user_version").get() as {
    user_version: number;
  };
  assert.equal(user_version, 4);
  const { sql } = database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'recipient'")
    .get() as { sql: string };
  assert.doesNotMatch(sql, /CHECK/);
});

Deno.test("Asking who is due uses the index that earlier versions made", () => {
  using folder = new Folder();
  makeOldLedger(folder.file());
  using database = openDatabase(folder.file());
  const plan = database.prepare(
    `EXPLAIN QUERY PLAN SELECT id FROM recipient WHERE ${WAITS} AND revision = 1 AND not_before < 5`,
  ).all() as { detail: string }[];
  assert.match(plan[0]!.detail, /USING (?:COVERING )?INDEX recipient_due/);
});
