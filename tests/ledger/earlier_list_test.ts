import assert from "node:assert/strict";
import { openLedgerReader } from "../../src/ledger/open.ts";
import type { CampaignFacts, ListEntry } from "../../src/ledger/ledger.ts";
import type { Scan } from "../../src/model/scan.ts";
import { badRow, entries, entry, Folder, openAt, recipient } from "./ledgers.ts";

/** A list whose rows are taken for reached. */
const listOf = (list: string, recipients: number): Partial<CampaignFacts> => ({
  list,
  scan: { rows: 0, recipients, columns: { names: ["Email"], email: 0 } } as unknown as Scan,
});

/** One run that enters these rows. */
interface Round {
  readonly facts: Partial<CampaignFacts>;
  readonly rows?: readonly ListEntry[];
  readonly drops?: boolean;
  /** How many are left behind then. */
  readonly left: number;
}

async function leftAfter(folder: Folder, { facts, rows = [], drops }: Round): Promise<number> {
  {
    await using ledger = openAt(folder.file(), { facts });
    await ledger.claim(rows, undefined);
    if (drops) await ledger.skipMissing("list.csv");
    const { leftBehind = 0 } = await ledger.missing();
    await using reader = await openLedgerReader(folder.file());
    assert.equal(await reader.countLeftBehind(), leftBehind, "the reader knows it as well");
  }
  await using reader = await openLedgerReader(folder.file());
  return await reader.countLeftBehind();
}

const LONG = listOf("long", 10);
const SHORT = listOf("short", 2);

const table: [name: string, rounds: readonly Round[]][] = [
  ["nobody while the list is the same", [
    { facts: LONG, rows: entries(2, 4), left: 0 },
    { facts: LONG, left: 0 },
  ]],
  ["who is in the list and in no ledger, until the list comes again", [
    { facts: LONG, rows: entries(2, 4), left: 0 },
    { facts: SHORT, rows: entries(2, 3), left: 7 },
    { facts: SHORT, left: 7 },
    { facts: LONG, rows: entries(2, 5), left: 0 },
    { facts: SHORT, left: 6 },
  ]],
  ["as few as can be known if others are new", [
    { facts: LONG, rows: entries(2, 4), left: 0 },
    { facts: SHORT, rows: [entry(recipient(2)), entry(recipient(99))], left: 6 },
  ]],
  ["nobody once the ledger has as many recipients, and duplicates are none", [
    { facts: LONG, rows: entries(2, 4), left: 0 },
    { facts: SHORT, rows: [...entries(2, 3), entry(recipient(99, "r2@x.test"))], left: 7 },
    { facts: listOf("other", 7), rows: entries(20, 26), left: 0 },
    { facts: SHORT, left: 0 },
    { facts: listOf("third", 3), rows: entries(2, 4), left: 0 },
  ]],
  ["nobody of rows that were appended to", [
    { facts: LONG, rows: entries(2, 4), left: 0 },
    { facts: { ...listOf("longer", 12), continues: "long" }, left: 0 },
  ]],
  ["nobody of a list of which no row was entered", [
    { facts: LONG, left: 0 },
    { facts: SHORT, rows: entries(2, 3), left: 0 },
  ]],
  ["nobody who is invalid now for want of a cell", [
    { facts: listOf("two", 2), rows: entries(2, 2), left: 0 },
    { facts: SHORT, rows: [entry(recipient(2)), entry(badRow(3))], left: 0 },
  ]],
  ["nobody whom --drop-missing has given up on", [
    { facts: LONG, rows: entries(2, 4), left: 0 },
    { facts: SHORT, rows: entries(2, 3), drops: true, left: 0 },
    { facts: SHORT, left: 0 },
  ]],
  ["nobody of a shard, whose size no scan tells", [
    { facts: { ...LONG, shard: "1/2" }, rows: entries(2, 4), left: 0 },
    { facts: { ...SHORT, shard: "1/2" }, left: 0 },
  ]],
  ["nobody under another kind of keys", [
    { facts: LONG, rows: entries(2, 4), left: 0 },
    { facts: { ...SHORT, key: "Invoice" }, left: 0 },
  ]],
];

for (const [name, rounds] of table) {
  Deno.test(`A ledger knows who was left behind: ${name}`, async () => {
    using folder = new Folder();
    for (const [at, round] of rounds.entries()) {
      assert.equal(await leftAfter(folder, round), round.left, `run ${at + 1}`);
    }
  });
}
