import assert from "node:assert/strict";
import { openSigner } from "../../src/campaign/signer.ts";
import { threadsFor } from "../../src/compose/dkim/signer.ts";
import type { DkimSettings } from "../../src/compose/dkim/dkim_settings.ts";
import { mailOfOctets, RSA } from "../compose/dkim_support.ts";
import { NEEDED, resolve } from "../support/settings.ts";
import { Campaign } from "./campaign.ts";
import { CapturingServer } from "./capturing_server.ts";

const DKIM: DkimSettings = { domain: "acme.test", keys: [RSA] };
const CORES = navigator.hardwareConcurrency;

/** Runs `body` and returns how many threads were started and ended in it. */
async function threadsOf(
  body: (running: () => number) => Promise<void>,
): Promise<{ started: number; ended: number }> {
  const { Worker } = globalThis;
  const count = { started: 0, ended: 0 };
  globalThis.Worker = class extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      count.started++;
    }
    override terminate(): void {
      count.ended++;
      super.terminate();
    }
  };
  try {
    await body(() => count.started - count.ended);
  } finally {
    globalThis.Worker = Worker;
  }
  return count;
}

Deno.test("openSigner() starts as many threads as are requested, or are worthwhile for the connections", async () => {
  const { options } = await resolve(NEEDED);
  assert.equal(openSigner(options, 3), undefined, "unsigned");
  for (
    const [threads, connections, expected] of [
      [0, 3, 0],
      [2, 1, 2],
      [undefined, 1, threadsFor(DKIM, CORES, 1)],
      [undefined, 50, threadsFor(DKIM, CORES, 50)],
    ] as const
  ) {
    const started = await threadsOf(async (running) => {
      using signer = openSigner({ ...options, dkim: DKIM, threads }, connections);
      const { bytes } = await signer!.sign(mailOfOctets("From: a@acme.test\r\n\r\nHello\r\n"));
      assert.match(new TextDecoder().decode(bytes), /^DKIM-Signature: /);
      assert.equal(running(), expected);
    });
    assert.deepEqual(started, { started: expected, ended: expected });
  }
});

Deno.test("runCampaign() signs every mail on as many threads as its connections need, and ends them", async () => {
  await using server = new CapturingServer();
  using campaign = new Campaign(3);
  const expected = threadsFor(DKIM, CORES, 1);
  const count = await threadsOf(async () => {
    await campaign.send([server.port], { dkim: DKIM, connections: 1 });
  });
  assert.equal(server.mails.length, 3);
  for (const { text } of server.mails) assert.match(text, /^DKIM-Signature: [^]*? d=acme\.test;/);
  assert.deepEqual(count, { started: expected, ended: expected });
});
