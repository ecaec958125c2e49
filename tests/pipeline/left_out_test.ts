import assert from "node:assert/strict";
import { Folder } from "../ledger/ledgers.ts";
import type { LedgerRow } from "../../src/ledger/ledger.ts";
import type { Recipient } from "../../src/model/recipient.ts";
import { rowsFrom, Run } from "./producer_run.ts";

const LEFT_OUT = { state: "invalid", reason: "No file" } as const;
const SUPPRESSED = ["r4@x.test", "r5@x.test"];

/** Rows 2 to 7: sent, invalid, suppressed twice, invalid, sent. */
async function firstRun(path: string): Promise<void> {
  await using run = new Run(path, {}, SUPPRESSED);
  const producing = run.produce(rowsFrom(2, 7));
  await run.drain(({ recipient: { line } }) =>
    line === 3 || line === 6 ? LEFT_OUT : { state: "sent" }
  );
  await producing;
}

async function rowsOf(run: Run): Promise<readonly LedgerRow[]> {
  await run.recorder.flush();
  return await Array.fromAsync(run.ledger.rows());
}

Deno.test("Who was left out for a reason that still holds is not claimed, and keeps that reason with its time", async () => {
  using folder = new Folder();
  await firstRun(folder.file());
  await using run = new Run(folder.file(), {}, SUPPRESSED);
  const before = await rowsOf(run);
  let claims = 0;
  const { returns } = run;
  const claim = returns.claimLeftOut.bind(returns);
  returns.claimLeftOut = (ids, now) => (claims++, claim(ids, now));
  const producing = run.produce(rowsFrom(2, 7), { unmailable: () => "No file" });
  assert.deepEqual(await run.drain(), []);
  await producing;
  assert.equal(claims, 0);
  assert.deepEqual(await rowsOf(run), before);
});

Deno.test("Those left out get their mail, or the reason that holds now", async () => {
  using folder = new Folder();
  await firstRun(folder.file());
  await using run = new Run(folder.file(), {}, ["r3@x.test", "r5@x.test"]);
  const unmailable = ({ line }: Recipient) => line === 4 ? "Another file is missing" : undefined;
  const producing = run.produce(rowsFrom(2, 7), { unmailable });
  assert.deepEqual(await run.drain(), [6]);
  await producing;
  assert.deepEqual(
    (await rowsOf(run)).map(({ line, state, reason }) => `${line} ${state}: ${reason ?? ""}`),
    [
      "2 sent: ",
      "3 skipped: Suppressed by no.csv:1",
      "4 invalid: Another file is missing",
      "5 skipped: Suppressed by no.csv:1",
      "6 sent: ",
      "7 sent: ",
    ],
  );
});

Deno.test("--limit counts those left out who get a mail now, and no others; the next run goes on with the rest", async () => {
  using folder = new Folder();
  await firstRun(folder.file());
  const mailed: number[][] = [];
  for (let round = 0; round < 4; round++) {
    await using run = new Run(folder.file(), { limit: 1 }, ["r5@x.test"]);
    const producing = run.produce(rowsFrom(2, 7));
    mailed.push(await run.drain());
    await producing;
  }
  assert.deepEqual(mailed, [[3], [6], [4], []]);
});

Deno.test("Who is suppressed while those left out are judged has been looked up in the list as it was then, so that the consumer looks again", async () => {
  using folder = new Folder();
  await firstRun(folder.file());
  await using run = new Run(folder.file(), {}, []);
  let version = 1;
  const suppression = {
    why: () => undefined,
    get version() {
      return version;
    },
  };
  const unmailable = () => (version = 2, undefined);
  const producing = run.produce(rowsFrom(2, 7), { unmailable, suppression });
  const job = await run.channel.receive();
  assert.equal(job?.clearedBy, 1);
  run.stop.request("signal", "enough");
  await producing;
});
