import assert from "node:assert/strict";
import { openRelays } from "../../src/campaign/relays/relays.ts";
import { Folder } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";

const SANDBOX = relayAt(1, { name: "sandbox:", host: "nowhere.test", sandbox: true });
const REAL = relayAt(2, { name: "mx.test:2" });

Deno.test("openRelays() leaves real relays as they are, and creates no outbox", async () => {
  using folder = new Folder();
  const outbox = folder.file("outbox");
  const relays = [REAL, relayAt(3)];
  await using open = await openRelays({ relays, outbox }, new AbortController().signal);
  assert.deepEqual(open.relays, relays);
  await assert.rejects(Deno.stat(outbox), Deno.errors.NotFound);
});

Deno.test({
  name: "openRelays() replaces the sandbox with a server on this machine, until it is disposed of",
  // smtp-server can say that it is closed before it has cleared the timer of its close(), if a client has just left.
  sanitizeOps: false,
  async fn() {
    using folder = new Folder();
    const outbox = folder.file("outbox");
    const connect = async ({ host: hostname, port }: { host: string; port: number }) => {
      using conn = await Deno.connect({ hostname, port });
      const greeting = new Uint8Array(4);
      await conn.read(greeting);
      return new TextDecoder().decode(greeting);
    };
    const open = await openRelays(
      { relays: [SANDBOX, REAL], outbox },
      new AbortController().signal,
    );
    const [sandbox, real] = open.relays;
    assert.equal(real, REAL);
    const { host, port } = sandbox!;
    assert.deepEqual(sandbox, { ...SANDBOX, host: "127.0.0.1", port });
    assert.equal(await connect({ host, port }), "220 ");
    assert.ok((await Deno.stat(outbox)).isDirectory);
    await open[Symbol.asyncDispose]();
    await assert.rejects(connect({ host, port }), Deno.errors.ConnectionRefused);
  },
});

Deno.test("openRelays() starts no sandbox for a run that is stopped", async () => {
  using folder = new Folder();
  const reason = new DOMException("Stopped", "AbortError");
  const options = { relays: [SANDBOX], outbox: folder.file("outbox") };
  await assert.rejects(openRelays(options, AbortSignal.abort(reason)), reason);
});
