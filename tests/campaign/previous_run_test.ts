import assert from "node:assert/strict";
import { readPreviousRun } from "../../src/campaign/previous/previous_run.ts";
import { InputError } from "../../src/model/input_error.ts";
import { entries, Folder, openAt } from "../ledger/ledgers.ts";

const NOBODY = { states: [], keys: [] };
const PART = (index: number, count: number) => ({ index, count });

Deno.test("readPreviousRun() finds nothing if there is no ledger yet, or only an empty file", async () => {
  using folder = new Folder();
  const ledger = folder.file();
  assert.equal(
    await readPreviousRun({ ledger, shard: undefined, relays: [], retry: NOBODY }),
    undefined,
  );
  await Deno.writeTextFile(ledger, "");
  assert.equal(
    await readPreviousRun({ ledger, shard: PART(1, 2), relays: [], retry: NOBODY }),
    undefined,
  );
});

Deno.test("readPreviousRun() refuses the ledger of another part of the list, because those waiting in it would be mailed twice", async () => {
  using folder = new Folder();
  for (const [name, shard] of [["whole", undefined], ["part", "1/4"]] as const) {
    const path = folder.file(name);
    {
      await using ledger = openAt(path, { facts: shard === undefined ? {} : { shard } });
      await ledger.claim(entries(2, 5), 5);
    }
    const own = shard === undefined ? undefined : PART(1, 4);
    assert.equal(
      (await readPreviousRun({ ledger: path, shard: own, relays: [], retry: NOBODY }))?.tally.total,
      4,
    );
    for (const other of [PART(2, 4), PART(1, 2), shard === undefined ? PART(1, 4) : undefined]) {
      await assert.rejects(
        readPreviousRun({ ledger: path, shard: other, relays: [], retry: NOBODY }),
        InputError,
      );
    }
  }
});
