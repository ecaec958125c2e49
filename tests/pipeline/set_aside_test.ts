import assert from "node:assert/strict";
import type { RelayDoubts } from "../../src/pipeline/producer/relay_doubts.ts";
import { Reserve } from "../../src/pipeline/producer/reserve.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import { deferred, Folder, OUTCOMES } from "../ledger/ledgers.ts";
import { rowsFrom, Run } from "./producer_run.ts";

const ASIDE = deferred(SET_ASIDE, false);

/** Relays that have accepted mail or not, and a record of what the producer reports at its end. */
class NotedDoubts implements RelayDoubts {
  readonly open = false;
  readonly learnt = 0;
  readonly rounds: boolean[] = [];
  concluded = 0;
  readonly #taken: () => boolean;

  constructor(taken: () => boolean) {
    this.#taken = taken;
  }

  get taken(): boolean {
    return this.#taken();
  }

  lastRound(othersFollow: boolean): void {
    this.rounds.push(othersFollow);
  }

  conclude(): boolean {
    this.concluded++;
    return false;
  }
}

const CHOICES = [
  {},
  { limit: 3 },
  { limit: 9 },
  { only: ["r2@x.test", "r3@x.test", "r4@x.test"] },
] as const;

for (const choice of CHOICES) {
  Deno.test(`produce() concludes what refusals leave open while somebody is set aside, and only then: ${JSON.stringify(choice)}`, async () => {
    for (const [line, outcome] of [[3, ASIDE], [undefined, OUTCOMES.failed]] as const) {
      using folder = new Folder();
      await using run = new Run(folder.file(), choice);
      const doubts = new NotedDoubts(() => true);
      const producing = run.produce(rowsFrom(2, 4), { doubts });
      await run.drain(({ recipient }) => recipient.line === line ? ASIDE : outcome);
      await producing;
      assert.equal(doubts.concluded, line === undefined ? 0 : 1, String(line));
    }
  });
}

Deno.test("produce() asks those held back one by one before the round of those set aside, until a relay has taken mail", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using before = new Run(path);
    const producing = before.produce(rowsFrom(2, 6));
    await before.drain(() => ASIDE);
    await producing;
  }
  for (const takes of [false, true]) {
    using copy = new Folder();
    Deno.copyFileSync(path, copy.file());
    let sent = 0;
    await using run = new Run(copy.file());
    const doubts = new NotedDoubts(() => takes || sent > 0);
    const producing = run.produce(rowsFrom(2, 9), { doubts, reserve: new Reserve(3) });
    const lines = await run.drain(({ recipient }) => {
      if (recipient.line <= 6) return ASIDE;
      sent++;
      return OUTCOMES.sent;
    });
    await producing;
    assert.deepEqual(lines, takes ? [2, 3, 4, 5, 6, 7, 8, 9] : [7, 2, 3, 4, 5, 6, 8, 9]);
    assert.deepEqual(doubts.rounds, [true], "some were held back");
  }
});

Deno.test("produce() tries those set aside once more, and again only if something was learnt since", async () => {
  for (const learns of [false, true]) {
    using folder = new Folder();
    await using run = new Run(folder.file());
    const doubts = { open: false, taken: true, learnt: 0, lastRound() {}, conclude: () => false };
    const producing = run.produce(rowsFrom(2, 3), { doubts });
    let tries = 0;
    const lines = await run.drain(({ recipient: { line } }) => {
      if (line === 2) return ASIDE;
      if (tries++ === 0) return deferred(Date.now() + 150);
      if (learns) doubts.learnt++;
      return OUTCOMES.sent;
    });
    await producing;
    assert.deepEqual(lines, learns ? [2, 3, 2, 3, 2] : [2, 3, 2, 3]);
  }
});
