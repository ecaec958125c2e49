import assert from "node:assert/strict";
import type { LedgerRow } from "../../../../src/ledger/ledger.ts";
import type { Summary } from "../../../../src/report/summary.ts";
import type { MailingList } from "../mailing_list.ts";
import type { Observation } from "../observation.ts";
import { OPEN, type RunFacts } from "./run_facts.ts";

/** Promise 1: every row has a state and a reason at any time, and every recipient in the ledger was in a list. */
export function assertReasons({ after, everListed }: RunFacts): void {
  for (const { key, line, state, reason } of after.rows) {
    const needsNone = state === "sent" || state === "queued" || state === "claimed";
    assert.ok(needsNone || reason, `line ${line} is ${state} without a reason`);
    assert.ok(
      key === undefined || everListed.has(key),
      `${key} is in the ledger and was in no list`,
    );
  }
}

/** The summary agrees with the ledger, and "done" means that nobody is waiting. */
export function assertVerdict(facts: RunFacts, summary: Summary): void {
  const { after, before, lists, options } = facts;
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
  const waiting = tally.queued + tally.deferred > 0 || stop !== undefined;
  const trouble = tally.failed + tally.invalid + tally.inDoubt > 0;
  assert.equal(exitCode, waiting ? 3 : trouble ? 1 : 0);
  if (state === "done") {
    assert.notEqual(exitCode, 3);
    for (const row of after.rows) assert.ok(!OPEN.has(row.state), `done: ${row.line} ${row.state}`);
    assertEverybodySettled(after, lists.at(-1)!);
    assertJudgedAgain(facts);
  } else if (exitCode !== 3) {
    assert.ok(options.limit !== undefined || options.offset > 0, `${state} without a reason`);
    assertChosenSettled(facts, before);
  }
}

/** Promises 1 and 3: each row of the list has a state and a reason, and of several rows for one recipient, one counts. */
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

/** Nobody stays left out for a reason that holds no longer: a suppression list or a template that has changed. */
function assertJudgedAgain({ after, lists, options, plan, suppressed }: RunFacts): void {
  // A run over a part of the list judges that part.
  if (options.limit !== undefined || options.offset > 0) return;
  const { keys, mailable } = lists.at(-1)!;
  for (const { key, state, reason } of after.rows) {
    if (key === undefined || !keys.has(key)) continue;
    const isJust = state !== "skipped" || suppressed.includes(key);
    assert.ok(isJust, `${key} is skipped, but nobody suppresses them: ${reason}`);
    const isInvalid = !plan.lenient && !mailable.has(key);
    assert.ok(state !== "invalid" || isInvalid, `${key} is invalid without need: ${reason}`);
  }
}

function assertSettled({ state, line, reason }: LedgerRow): void {
  assert.ok(!OPEN.has(state), `line ${line} is ${state} in a campaign that is done`);
  assert.ok(state === "sent" || reason, `line ${line} is ${state} without a reason`);
}

/** A run over a part of the list ends when that part is settled: the rows after `--offset`, or as many as `--limit` allows. */
function assertChosenSettled({ after, lists, options }: RunFacts, before: Observation): void {
  const { limit = Infinity, offset } = options;
  const news = after.rows.filter(({ key }) => key !== undefined)
    .filter(({ key, state }) => {
      const was = before.byKey.get(key!)?.state;
      return !OPEN.has(state) && (was === undefined || OPEN.has(was) || was === "in-doubt");
    });
  if (news.length >= limit) return;
  assertEverybodySettled(after, lists.at(-1)!, offset);
}
