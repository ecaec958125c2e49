import assert from "node:assert/strict";
import { holdLedger, requestStop } from "../../src/ledger/open.ts";
import { FACTS, Folder } from "./ledgers.ts";

const NO_RETRY = { states: [], keys: [] };

Deno.test("requestStop() asks the process that holds the ledger, once, before and after it has begun", async () => {
  using folder = new Folder();
  const ledger = folder.file();
  {
    await using held = await holdLedger({ ledger, retry: NO_RETRY });
    assert.equal(await held.isStopRequested(), false);
    const request = (await requestStop(ledger))!;
    assert.equal(request.holder.pid, Deno.pid);
    assert.deepEqual([await held.isStopRequested(), await held.isStopRequested()], [true, false]);
    assert.deepEqual([await request.hasEnded(), await request.withdraw()], [false, false]);
    await using _ledger = await held.begin(FACTS);
    const again = (await requestStop(ledger))!;
    assert.equal(await held.isStopRequested(), true);
    assert.equal(await again.hasEnded(), false);
  }
  assert.equal(await requestStop(ledger), undefined, "nobody holds it");
});

Deno.test("A stop request can be taken back, is private, and is over when its process has ended", async () => {
  using folder = new Folder();
  const ledger = folder.file();
  const { hasEnded, withdraw } = await (async () => {
    await using held = await holdLedger({ ledger, retry: NO_RETRY });
    const request = (await requestStop(ledger))!;
    assert.equal(Deno.statSync(`${ledger}.stop`).mode! & 0o777, 0o600);
    assert.equal(await request.withdraw(), true);
    assert.equal(await held.isStopRequested(), false);
    return (await requestStop(ledger))!;
  })();
  assert.equal(await hasEnded(), true);
  await using next = await holdLedger({ ledger, retry: NO_RETRY });
  assert.equal(await hasEnded(), true, "another run is not the one that was asked");
  assert.equal(await next.isStopRequested(), false, "nor is it meant by the request");
  assert.equal(await withdraw(), false, "which is removed");
});

Deno.test("requestStop() refuses a ledger that is not there, and a folder that it cannot write to", async () => {
  using folder = new Folder();
  await assert.rejects(requestStop(folder.file()), /because there is none/);
  const ledger = folder.file();
  await using _held = await holdLedger({ ledger, retry: NO_RETRY });
  Deno.mkdirSync(`${ledger}.stop.part`);
  await assert.rejects(requestStop(ledger), {
    name: "StorageError",
    message: /^Cannot ask the process that is sending from '.*' to stop: /,
  });
});
