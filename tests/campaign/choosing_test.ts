import assert from "node:assert/strict";
import fc from "fast-check";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { RuleServer } from "../pipeline/relays.ts";
import { Campaign } from "./campaign.ts";

/** A row: whose, where, and what its relay does at first. */
interface Row {
  readonly name: number | undefined;
  readonly country: string;
}

const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    // Few names, so that some rows are duplicates; no name: no address.
    name: fc.option(fc.nat(30), { nil: undefined, freq: 8 }),
    country: fc.constantFrom("AT", "DE", "CH", ""),
  }),
  { minLength: 1, maxLength: 30 },
);

const CONDITIONS: Readonly<Record<string, (country: string) => boolean>> = {
  [`Country == "AT"`]: (country) => country === "AT",
  [`Country == "DE" or Country == "CH"`]: (country) => country === "DE" || country === "CH",
  [`Country != blank`]: (country) => country !== "",
  [`not Country`]: (country) => country === "",
};

const listText = (list: readonly Row[]): string =>
  `Email,Country,Id\n${
    list.map(({ name, country }) => `${name === undefined ? "" : `r${name}@x.test`},${country},1\n`)
      .join("")
  }`;

Deno.test("Whatever is chosen run by run, everybody gets one mail, and rows are chosen or not", async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.array(fc.constantFrom(...Object.keys(CONDITIONS)), { minLength: 1, maxLength: 3 }),
      fc.nat(30),
      async (list, expressions, slow) => {
        let busy = true;
        await using server = new RuleServer({
          rcpt: ({ recipient }) =>
            busy && recipient === `r${slow}@x.test` ? "451 4.7.1 later" : undefined,
        });
        using campaign = new Campaign(0);
        campaign.write("list.csv", listText(list));
        const chosenSoFar = new Set<Row>();
        let waiting: Row | undefined;
        for (const expression of expressions) {
          const chosen = list.filter(({ country }) => CONDITIONS[expression]!(country));
          chosen.forEach((row) => chosenSoFar.add(row));
          const summary = await campaign.send([server.port], {
            where: { expression },
            wait: false,
          });
          const { scan } = campaign.told.plans.at(-1)!;
          assert.deepEqual([scan!.rows, scan!.notChosen], [
            chosen.length,
            list.length - chosen.length,
          ]);
          assert.equal(summary.tally.total, chosenSoFar.size);
          assert.equal(summary.notChosen, list.length - chosenSoFar.size);
          // Another row with that address is a duplicate of the one that was chosen first.
          waiting ??= chosen.find(({ name }) => name === slow);
          const waits = waiting !== undefined && chosen.includes(waiting);
          assert.equal(summary.exitCode === 3, waits);
          using reader = openLedgerReader(campaign.ledger);
          assert.deepEqual(await reader.rowsLeft(), {
            notReached: 0,
            notChosen: summary.notChosen,
          });
        }
        busy = false;
        const last = await campaign.send([server.port]);
        assert.deepEqual([last.tally.total, last.notChosen], [list.length, 0]);
        const names = new Set(list.flatMap(({ name }) => name ?? []));
        const everybody = [...names].map((name) => `r${name}@x.test`).sort();
        assert.deepEqual([...server.accepted].sort(), everybody);
      },
    ),
    { numRuns: 25 },
  );
});

Deno.test("The scan of an earlier run counts for the same condition only", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(0);
  campaign.write("list.csv", "Email,Country\na@x.test,AT\nb@x.test,DE\nc@x.test,DE\n");
  const send = async (expression?: string) => {
    await campaign.send([server.port], { ...(expression && { where: { expression } }), limit: 1 });
    const { scan, toSend } = campaign.told.plans.at(-1)!;
    return [scan!.rows, scan!.notChosen, toSend];
  };
  assert.deepEqual(await send(`Country == "DE"`), [2, 1, 1]);
  assert.deepEqual(await send(`Country == "DE"`), [2, 1, 1]);
  assert.deepEqual(await send(`Country == "AT"`), [1, 2, undefined]);
  assert.deepEqual(await send(), [3, undefined, 0]);
});
