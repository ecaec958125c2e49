import assert from "node:assert/strict";
import { SqliteBounceRecord } from "../../src/ledger/sqlite/bounces/bounce_record.ts";
import { badRow, entries, entry, FACTS, Folder, idsOf, openAt, recipient } from "./ledgers.ts";

Deno.test("SqliteLedger makes the secret of its return paths once: reports of earlier runs' mails are recognised", async () => {
  const secrets = new Set<string>();
  for (let ledgers = 0; ledgers < 2; ledgers++) {
    using folder = new Folder();
    let made: string | undefined;
    for (const list of ["list 1", "list 1", "list 2"]) {
      await using ledger = openAt(folder.file(), { facts: { list } });
      const { verpSecret } = ledger.opened;
      assert.match(verpSecret, /^[0-9a-f]{64}$/, "32 octets");
      made ??= verpSecret;
      assert.equal(verpSecret, made);
    }
    using record = new SqliteBounceRecord(folder.file(), false);
    assert.equal(record.verpSecret, made, "whoever reads reports knows it");
    secrets.add(made!);
  }
  assert.equal(secrets.size, 2, "each ledger has its own");
});

Deno.test("SqliteLedger returns the facts of the last run, and keeps those of this one", async () => {
  using folder = new Folder();
  const runs = [FACTS, { ...FACTS, template: "template 2" }, { ...FACTS, relays: ["b.test:25"] }];
  let before: unknown;
  for (const facts of runs) {
    await using ledger = openAt(folder.file(), { facts });
    assert.deepEqual(ledger.opened.before, before);
    before = facts;
  }
});

Deno.test("SqliteLedger continues in a list that begins with the one before, and in no other", async () => {
  for (
    const [facts, resumeAfterLine] of [
      [{ list: "longer", continues: "list 1" }, 4],
      [{ list: "longer", continues: "list 0" }, 0],
      [{ list: "list 1", continues: "list 0" }, 4],
      [{ list: "longer" }, 0],
    ] as const
  ) {
    using folder = new Folder();
    {
      await using ledger = openAt(folder.file());
      await ledger.claim(entries(2, 3), 3);
      await ledger.claim([entry(badRow(4))], 4);
    }
    await using ledger = openAt(folder.file(), { facts });
    assert.equal(ledger.opened.resumeAfterLine, resumeAfterLine, JSON.stringify(facts));
    assert.equal(
      (await ledger.tally()).invalid,
      resumeAfterLine === 0 ? 0 : 1,
      "judged again, or kept",
    );
    assert.equal(await ledger.countListRows(), resumeAfterLine === 0 ? 0 : 3);
  }
});

Deno.test("SqliteLedger counts lists: after three of them, recipients of only the first two are missing", async () => {
  using folder = new Folder();
  const met = [[2, 3, 4], [3], [4]];
  for (const [at, lines] of met.entries()) {
    await using ledger = openAt(folder.file(), { facts: { list: `list ${at}` } });
    const claims = await ledger.claim(lines.map((line) => entry(recipient(line))), lines.at(-1)!);
    assert.equal(idsOf(claims).length, at === 0 ? 3 : 0);
    if (at < 2) continue;
    assert.deepEqual(await ledger.missing(), { count: 2, examples: ["r2@x.test", "r3@x.test"] });
    assert.deepEqual((await ledger.claimDue(1, 9)).map(({ id }) => id), [3]);
  }
});
