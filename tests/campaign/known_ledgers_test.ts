/** What `readPreviousRun()` finds in the ledger of an earlier run, and which ledgers it refuses. */
import assert from "node:assert/strict";
import {
  missingFrom,
  readPreviousRun,
  shardName,
} from "../../src/campaign/previous/previous_run.ts";
import { KeySet } from "../../src/keys/key_set.ts";
import type { CampaignFacts } from "../../src/ledger/ledger.ts";
import type { Retry } from "../../src/ledger/returning.ts";
import { InputError } from "../../src/model/input_error.ts";
import { deferred, entries, Folder, idsOf, openAt, OUTCOMES, settled } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";

const NOBODY: Retry = { states: [], keys: [] };
const REAL = relayAt(25, { name: "mx.test:25" });
const SANDBOX = relayAt(25, { name: "sandbox:", sandbox: true });

/** Leaves a ledger with one recipient in each state: r2 sent, r3 failed, r4 in doubt, r5 deferred, r6 queued. */
async function leave(path: string, facts: Partial<CampaignFacts> = {}): Promise<void> {
  await using ledger = openAt(path, { facts });
  const ids = idsOf(await ledger.claim(entries(2, 6), 6));
  const outcomes = [OUTCOMES.sent, OUTCOMES.failed, OUTCOMES["in-doubt"], deferred(1)];
  await ledger.write(outcomes.map((outcome, at) => settled(ids[at]!, outcome)));
}

const look = (ledger: string, retry: Retry = NOBODY, relays = [REAL]) =>
  readPreviousRun({ ledger, shard: undefined, relays, retry });

Deno.test("readPreviousRun() counts what an earlier run left, and how many of those are retried", async () => {
  using folder = new Folder();
  await leave(folder.file());
  const { facts, tally, again, waitsElsewhere } = (await look(folder.file()))!;
  assert.equal(facts.list, "list 1");
  const { total, sent, failed, inDoubt, deferred, queued } = tally;
  assert.deepEqual([total, sent, failed, inDoubt, deferred, queued], [5, 1, 1, 1, 1, 1]);
  assert.deepEqual([again.size, waitsElsewhere], [0, false]);
  const states = (await look(folder.file(), { states: ["failed"], keys: [] }))!.again;
  assert.deepEqual([...states], [["failed", 1]]);
  const keys = (await look(folder.file(), { states: [], keys: ["r4@x.test"] }))!.again;
  assert.deepEqual([...keys], [["in-doubt", 1]]);
});

Deno.test("readPreviousRun() knows whether somebody waits who is only in an earlier list", async () => {
  using folder = new Folder();
  await leave(folder.file());
  {
    await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
    await ledger.claim(entries(2, 3), 3);
  }
  assert.equal((await look(folder.file()))!.waitsElsewhere, true);
});

Deno.test("readPreviousRun() refuses to retry a recipient whose mail was accepted, and names them", async () => {
  using folder = new Folder();
  await leave(folder.file());
  const retry: Retry = { states: ["failed"], keys: ["r3@x.test", "r2@x.test"] };
  await assert.rejects(() => look(folder.file(), retry), (error) => {
    assert(error instanceof InputError);
    assert.equal(
      error.message,
      "--retry mails nobody twice: found 'r2@x.test', whose mail was accepted",
    );
    return true;
  });
});

for (
  const [what, facts, relay, sandbox, refused] of [
    ["a real campaign", { trial: false }, "mx.test:25", false, undefined],
    [
      "a real campaign",
      { trial: false },
      "mx.test:25",
      true,
      /ledger of a real campaign for a tri/,
    ],
    ["a trial", { trial: true }, "sandbox:", true, undefined],
    [
      "a trial",
      { trial: true },
      "sandbox:",
      false,
      /ledger of a trial in the sandbox for a real r/,
    ],
    ["an older campaign", {}, "mx.test:25", false, undefined],
    ["an older campaign", {}, "mx.test:25", true, /ledger of a real campaign for a trial/],
    ["an older trial", {}, "sandbox:", true, undefined],
    ["an older trial", {}, "sandbox:", false, /ledger of a trial in the sandbox for a real relay/],
  ] as const
) {
  Deno.test(`readPreviousRun() ${refused ? "refuses" : "accepts"} the ledger of ${what} for ${sandbox ? "the sandbox" : "a real relay"}`, async () => {
    using folder = new Folder();
    const path = folder.file();
    {
      await using ledger = openAt(path, { facts });
      const [id] = idsOf(await ledger.claim(entries(2, 2), 2));
      await ledger.write([{ ...settled(id!, OUTCOMES.sent), relay }]);
    }
    // With the sandbox among its relays, no campaign is real.
    const relays = sandbox ? [REAL, SANDBOX] : [REAL];
    if (refused === undefined) assert.equal((await look(path, NOBODY, relays))?.tally.sent, 1);
    else {
      await assert.rejects(() => look(path, NOBODY, relays), (error) => {
        assert(error instanceof InputError);
        assert.match(error.message, refused);
        assert.ok(error.message.endsWith(`: found '${path}'`));
        return true;
      });
    }
  });
}

Deno.test("readPreviousRun() says how many mails a real relay accepted if an older ledger was shared with the sandbox", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    const ids = idsOf(await ledger.claim(entries(2, 4), 4));
    const relays = ["mx.test:25", "sandbox:", "mx.test:25"];
    await ledger.write(
      ids.map((id, at) => ({ ...settled(id, OUTCOMES.sent), relay: relays[at]! })),
    );
  }
  const hintFor = async (relays: typeof REAL[]): Promise<string> => {
    try {
      await look(path, NOBODY, relays);
    } catch (error) {
      return (error as InputError).hint ?? "";
    }
    return "not refused";
  };
  assert.match(await hintFor([REAL]), /^A real relay accepted 2 of its mails/);
  assert.match(await hintFor([SANDBOX]), /^Omit --ledger/);
});

Deno.test("readPreviousRun() accepts an empty ledger for any part and relay", async () => {
  using folder = new Folder();
  {
    await using _ledger = openAt(folder.file(), { facts: { trial: true, shard: "1/2" } });
  }
  assert.equal((await look(folder.file()))?.tally.total, 0);
});

Deno.test("missingFrom() counts those who are waiting and not in the list, and names the first three", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    const [id] = idsOf(await ledger.claim(entries(2, 8), 8));
    await ledger.write([settled(id!, OUTCOMES.sent)]);
  }
  const known = (await look(folder.file()))!;
  const keys = new KeySet();
  keys.add("r4@x.test");
  assert.deepEqual(await missingFrom(folder.file(), known, keys), {
    count: 5,
    examples: ["r3@x.test", "r5@x.test", "r6@x.test"],
  });
  const nobody = { ...known, tally: { ...known.tally, queued: 0, deferred: 0 } };
  assert.deepEqual(await missingFrom("not read", nobody, keys), { count: 0, examples: [] });
});

Deno.test("shardName() names the part, and calls the whole list part 1 of 1", () => {
  assert.equal(shardName(undefined), "1/1");
  assert.equal(shardName({ index: 2, count: 4 }), "2/4");
});
