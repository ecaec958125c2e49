import assert from "node:assert/strict";
import { Recorder } from "../../src/ledger/recorder.ts";
import { timersOf } from "../support/late_timers.ts";
import { entries, Folder, handedOver, idsOf, openAt } from "./ledgers.ts";

Deno.test("A timer of the ledger or its recorder that is called after they were closed does nothing", async () => {
  using folder = new Folder();
  const failures: Error[] = [];
  const late = await timersOf(async () => {
    await using ledger = openAt(folder.file());
    await using _recorder = new Recorder(ledger, {
      mostHandedOver: 10,
      onFailure: (error) => failures.push(error),
    });
    await ledger.write(idsOf(await ledger.claim(entries(2, 3), 3)).map(handedOver));
  });
  assert(late.length >= 2, `${late.length} timers`);
  Deno.removeSync(folder.file());
  for (const call of late) call();
  await new Promise((next) => setTimeout(next, 20));
  assert.deepEqual(failures, []);
});
