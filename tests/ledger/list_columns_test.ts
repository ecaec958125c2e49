import assert from "node:assert/strict";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import type { Recipient } from "../../src/model/recipient.ts";
import { entry, Folder, idsOf, openAt, OUTCOMES, rowsOf, settled } from "./ledgers.ts";

function person(line: number, address: string, fields: readonly string[]): Recipient {
  return { kind: "recipient", key: address, line, address, fields };
}

/** A run over a list with these columns: everybody in it is sent to. */
async function run(
  path: string,
  list: string,
  columns: readonly string[],
  people: readonly Recipient[],
): Promise<void> {
  const scan = { columns: { names: columns, email: columns.indexOf("Email") } };
  await using ledger = openAt(path, { facts: { list, columns, scan: scan as never } });
  const ids = idsOf(await ledger.claim(people.map((one) => entry(one)), 9));
  await ledger.write(ids.map((id) => settled(id, OUTCOMES.sent)));
}

Deno.test("LedgerReader.rows() puts each cell under the column of its name, also for recipients of only an earlier list", async () => {
  using folder = new Folder();
  const path = folder.file();
  await run(path, "1", ["Name", "Email", "Referrer"], [
    person(2, "ann@x.test", ["Ann", "ann@x.test", "boss@y.test"]),
    person(3, "bob@x.test", ["Bob", "bob@x.test", "boss2@y.test"]),
  ]);
  await run(path, "2", ["Name", "Referrer", "Email"], [
    person(2, "bob@x.test", ["Bob", "boss3@y.test", "bob@x.test"]),
  ]);
  {
    using reader = openLedgerReader(path);
    assert.deepEqual((await rowsOf(reader)).map(({ fields }) => fields), [
      ["Ann", "boss@y.test", "ann@x.test"],
      ["Bob", "boss3@y.test", "bob@x.test"],
    ]);
  }
  await run(path, "3", ["Email", "Town"], [
    person(2, "cid@x.test", ["cid@x.test", "Rome"]),
  ]);
  await run(path, "4", ["Town", "Email", "Name"], []);
  using reader = openLedgerReader(path);
  assert.deepEqual(reader.facts.columns, ["Town", "Email", "Name"]);
  assert.deepEqual((await rowsOf(reader)).map(({ fields }) => fields), [
    ["", "ann@x.test", "Ann"],
    ["", "bob@x.test", "Bob"],
    ["Rome", "cid@x.test", ""],
  ]);
});

Deno.test("LedgerReader.rows() keeps the cells that no column of an earlier list held", async () => {
  using folder = new Folder();
  await run(folder.file(), "1", ["Email", "Name"], [
    person(2, "ann@x.test", ["ann@x.test", "Lee", " Ann"]),
  ]);
  await run(folder.file(), "2", ["Name", "Town", "Email"], []);
  using reader = openLedgerReader(folder.file());
  assert.deepEqual((await rowsOf(reader)).map(({ fields }) => fields), [
    ["Lee", "", "ann@x.test", " Ann"],
  ]);
});

Deno.test("LedgerReader.rows() gives the address where an earlier list had no column of that name", async () => {
  using folder = new Folder();
  await run(folder.file(), "1", ["E-mail", "Name"], [
    person(2, "ann@x.test", ["ann@x.test", "Ann"]),
  ]);
  await run(folder.file(), "2", ["Name", "Email"], []);
  using reader = openLedgerReader(folder.file());
  assert.deepEqual((await rowsOf(reader)).map(({ fields }) => fields), [["Ann", "ann@x.test"]]);
});
