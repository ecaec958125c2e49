import assert from "node:assert/strict";
import type { Change } from "../../src/ledger/ledger.ts";
import { LONGEST_DEFERRAL_MS } from "../../src/model/outcome.ts";
import * as sql from "../../src/ledger/sqlite/statements.ts";
import { openDatabase } from "../support/database.ts";
import { deferred, entries, Folder, idsOf, openAt, OUTCOMES, settled } from "./ledgers.ts";

const NOW = Date.UTC(2026, 10, 25);
const MONTH = 30 * 86_400_000;

Deno.test("SqliteLedger treats a due time further ahead than the longest pause as due: the clock was set back", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const ids = idsOf(await ledger.claim(entries(2, 5), 5));
  const due = [NOW + LONGEST_DEFERRAL_MS, NOW + MONTH, NOW + LONGEST_DEFERRAL_MS + 1, NOW - 1];
  await ledger.write(ids.map((id, at) => settled(id, deferred(due[at]!), NOW)));
  const owed = await ledger.claimDue(NOW, 3);
  assert.deepEqual(owed.map(({ id }) => id), [ids[3], ids[2], ids[1]]);
  assert.equal(await ledger.nextDue(NOW), NOW + LONGEST_DEFERRAL_MS, "the pause that can be one");
  assert.deepEqual(await ledger.claimDue(NOW, 3), []);
});

Deno.test("SqliteLedger.claimDue() keeps to its limit where both kinds are due", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const ids = idsOf(await ledger.claim(entries(2, 7), 7));
  await ledger.write(ids.map((id, at) => settled(id, deferred(at % 2 ? NOW : NOW + MONTH), NOW)));
  const counts: number[] = [];
  for (const limit of [2, 2, 2, 2]) counts.push((await ledger.claimDue(NOW, limit)).length);
  assert.deepEqual(counts, [2, 2, 2, 0]);
});

Deno.test("SqliteLedger.nextDue() returns now if all due times were written before the clock was set back, also for selected recipients", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const ids = idsOf(await ledger.claim(entries(2, 3), 3));
  await ledger.write(ids.map((id) => settled(id, deferred(NOW + MONTH), NOW)));
  assert.equal(await ledger.nextDue(NOW), NOW);
  const owed = await ledger.claimRows("due", [ids[1]!], NOW);
  assert.deepEqual(owed.map(({ id }) => id), [ids[1]]);
});

Deno.test("SqliteLedger treats a first try in the future as made now, and keeps that", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const [id] = idsOf(await ledger.claim(entries(2, 2), 2));
  await ledger.write([settled(id!, deferred(NOW), NOW + MONTH)]);
  const [owed] = await ledger.claimDue(NOW, 1);
  assert.equal(owed?.firstTriedAt, NOW);
  await ledger.write([settled(id!, deferred(NOW + 60_000), NOW + 1)]);
  const [again] = await ledger.claimDue(NOW + 60_000, 1);
  assert.equal(again?.firstTriedAt, NOW, "or the time for retries would never be over");
});

Deno.test("SqliteLedger measures the time for retries by the run's clock, and shows people the wall clock's", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const [id, other] = idsOf(await ledger.claim(entries(2, 3), 3));
  await ledger.write([
    { ...settled(id!, deferred(NOW), NOW - MONTH), triedAt: NOW } as Change,
    settled(other!, OUTCOMES.sent, NOW - MONTH),
  ]);
  const [owed] = await ledger.claimDue(NOW + 1, 1);
  assert.equal(owed?.firstTriedAt, NOW);
  for await (const { at } of ledger.rows()) assert.equal(at, NOW - MONTH);
});

Deno.test("Due recipients are found by the index, on both sides of the longest pause", async () => {
  using folder = new Folder();
  await openAt(folder.file())[Symbol.asyncDispose]();
  using database = openDatabase(folder.file());
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql.DUE}`).all(0, 1, 1, 1);
  const steps = plan.map((step) => (step as unknown as { detail: string }).detail);
  assert.equal(steps.length, 1, steps.join("; "));
  assert.match(
    steps[0]!,
    /^SEARCH recipient USING INDEX recipient_due \(.*not_before>\? AND not_before<\?\)$/,
  );
});
