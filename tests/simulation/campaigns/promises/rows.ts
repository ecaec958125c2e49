import assert from "node:assert/strict";
import type { LedgerRow } from "../../../../src/ledger/ledger.ts";
import type { Summary } from "../../../../src/report/summary.ts";
import type { MailingList } from "../mailing_list.ts";
import type { Observation } from "../observation.ts";
import { OPEN, type Told } from "./told.ts";

/** Promise 1: a row has a state and a reason, whenever it is looked at; and nobody is there whom no list has named. */
export function assertReasons({ after, met }: Told): void {
  for (const { key, line, state, reason } of after.rows) {
    const needsNone = state === "sent" || state === "queued" || state === "claimed";
    assert.ok(needsNone || reason, `line ${line} is ${state} for no reason`);
    assert.ok(key === undefined || met.has(key), `${key} is in the ledger and was in no list`);
  }
}

/** What a summary says is what the ledger holds, and "done" means that nobody is owed a mail. */
export function assertVerdict(told: Told, summary: Summary): void {
  const { after, before, lists, options } = told;
  const { tally, exitCode, state, stop } = summary;
  const { total, ...counts } = tally;
  assert.deepEqual(counts, {
    queued: after.count("queued"),
    claimed: 0,
    deferred: after.count("deferred"),
    sent: after.count("sent"),
    failed: after.count("failed"),
    invalid: after.count("invalid"),
    skipped: after.count("skipped"),
    inDoubt: after.count("in-doubt"),
  });
  assert.equal(total, after.rows.length);
  const owed = tally.queued + tally.deferred > 0 || stop !== undefined;
  const trouble = tally.failed + tally.invalid + tally.inDoubt > 0;
  assert.equal(exitCode, owed ? 3 : trouble ? 1 : 0);
  if (state === "done") {
    assert.notEqual(exitCode, 3);
    for (const row of after.rows) assert.ok(!OPEN.has(row.state), `done: ${row.line} ${row.state}`);
    assertEverybodySettled(after, lists.at(-1)!);
  } else if (exitCode !== 3) {
    assert.ok(options.limit !== undefined || options.offset > 0, `${state} for no reason`);
    assertChosenSettled(told, before);
  }
}

/** Promises 1 and 3: each row of the list has a state and a reason, and of several that name somebody one counts. */
function assertEverybodySettled({ rows, byKey }: Observation, list: MailingList, from = 0): void {
  const byLine = new Map(rows.map((row) => [row.line, row]));
  list.rows.forEach(({ key, cell }, at) => {
    if (at < from) return;
    const line = at + 2;
    const row = byLine.get(line);
    assert.ok(row !== undefined, `line ${line} of the list is not in the ledger: ${cell}`);
    assertSettled(row);
    if (key === undefined) return assert.equal(row.state, "invalid");
    const own = byKey.get(key)?.line;
    assert.ok(own !== undefined, `${key} is not in the ledger`);
    const says = `${row.state}: ${row.reason}`;
    if (own !== line) assert.equal(says, `skipped: Duplicate of line ${own}`);
  });
}

function assertSettled({ state, line, reason }: LedgerRow): void {
  assert.ok(!OPEN.has(state), `line ${line} is ${state} in a campaign that is done`);
  assert.ok(state === "sent" || reason, `line ${line} is ${state} for no reason`);
}

/** A run of a part of the list ends when everybody of the part is settled: whoever stands behind `--offset`, or as many as `--limit` says. */
function assertChosenSettled({ after, lists, options }: Told, before: Observation): void {
  const { limit = Infinity, offset } = options;
  const news = after.rows.filter(({ key }) => key !== undefined)
    .filter(({ key, state }) => {
      const was = before.byKey.get(key!)?.state;
      return !OPEN.has(state) && (was === undefined || OPEN.has(was) || was === "in-doubt");
    });
  if (news.length >= limit) return;
  assertEverybodySettled(after, lists.at(-1)!, offset);
}
