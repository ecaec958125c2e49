/** What `runCampaign()` leaves behind. Deno 2.8 and later look for leaks only if a test asks for it. */
import assert from "node:assert/strict";
import { Server } from "node:net";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import { stateNumber } from "../../src/ledger/sqlite/state_numbers.ts";
import { InputError } from "../../src/model/input_error.ts";
import { RSA } from "../compose/dkim_support.ts";
import { RuleServer } from "../pipeline/relays.ts";
import { fullDisk } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { Campaign } from "./campaign.ts";

const LEAKS = { sanitizeOps: true, sanitizeResources: true };
const MONTH_MS = 30 * 86_400_000;

for (
  const [what, options] of [
    ["sends to all", {}],
    ["has a time at which to end", { until: Date.now() + MONTH_MS }],
    ["reads a list that is not copied", { copyUpTo: 0 }],
    ["copies its list", { copyUpTo: 0, snapshot: true }],
    ["signs on threads", { dkim: { domain: "acme.test", keys: [RSA] }, threads: 1 }],
    ["ends at a limit", { limit: 1, copyUpTo: 0 }],
    ["is only planned", { dryRun: true, copyUpTo: 0 }],
    ["ends while retries are due", { wait: false }],
  ] as const satisfies readonly (readonly [string, Partial<SendOptions>])[]
) {
  Deno.test({
    ...LEAKS,
    name: `runCampaign() leaves no file, timer, thread or connection behind if it ${what}`,
    async fn() {
      await using server = new RuleServer({
        rcpt: ({ recipient }) => recipient === "r2@x.test" ? "450 4.2.0 later" : undefined,
      });
      using campaign = new Campaign(3);
      const { sentNow } = await campaign.send([server.port], { retries: 0, ...options });
      assert.equal(sentNow, server.accepted.length);
    },
  });
}

/** Whether somebody listens for a second signal. */
class SecondSignal {
  isHeard = false;
  readonly onSecondSignal = (): Disposable => {
    this.isHeard = true;
    return { [Symbol.dispose]: () => void (this.isHeard = false) };
  };
}

Deno.test({
  ...LEAKS,
  name:
    "runCampaign() leaves nothing behind when it is stopped, and no longer listens for a second signal",
  async fn() {
    const second = new SecondSignal();
    let heard = false;
    await using server = new RuleServer({
      body: () => {
        heard = second.isHeard;
        campaign.stop();
      },
    });
    using campaign = new Campaign(20);
    const { onSecondSignal } = second;
    const until = Date.now() + MONTH_MS;
    const { exitCode } = await campaign.send([server.port], { until }, { onSecondSignal });
    assert.deepEqual([exitCode, heard, second.isHeard], [3, true, false]);
  },
});

Deno.test({
  ...LEAKS,
  name:
    "runCampaign() leaves nothing behind when it throws, and no longer listens for a second signal",
  async fn() {
    const second = new SecondSignal();
    await using server = new RuleServer();
    using campaign = new Campaign(0);
    const stdin = ReadableStream.from([new TextEncoder().encode("Email\na@x.test\n")]);
    const options = { recipients: "-", only: ["b@x.test"], until: Date.now() + MONTH_MS };
    const { onSecondSignal } = second;
    const sending = campaign.send([server.port], options, { stdin, onSecondSignal });
    await assert.rejects(sending, InputError);
    assert.equal(second.isHeard, false);
  },
});

Deno.test("runCampaign() closes the sandbox when it ends", async () => {
  const { listen } = Server.prototype;
  const servers: Server[] = [];
  Server.prototype.listen = function (this: Server, ...given: Parameters<typeof listen>) {
    servers.push(this);
    return listen.apply(this, given);
  } as typeof listen;
  try {
    using campaign = new Campaign(1);
    const relays = [relayAt(1, { name: "sandbox:", sandbox: true })];
    await campaign.send([], { relays, outbox: campaign.folder.file("outbox") });
  } finally {
    Server.prototype.listen = listen;
  }
  assert.deepEqual(servers.map(({ listening }) => listening), [false]);
});

Deno.test("runCampaign(), once all connections are closed, tries again to record replies that a full disk refused, and only then reports losses", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(60);
  await campaign.send([server.port], { limit: 20 });
  using full = new DisposableStack();
  full.use(fullDisk(campaign.ledger, "UPDATE", `NEW.state = ${stateNumber("sent")}`));
  const { exitCode, stop, tally } = await campaign.send([server.port], {}, {
    // A run that has closed its connections no longer listens.
    onSecondSignal: () => full,
  });
  assert.equal(exitCode, 3);
  assert.match(stop!.reason, /database or disk is full/);
  assert.equal(stop!.hint, "Check that the ledger can be written, then run again to continue.");
  assert.ok(server.accepted.length > 20);
  assert.deepEqual([tally.sent, tally.inDoubt], [server.accepted.length, 0]);
  assert.deepEqual(campaign.told.warnings, []);
});

for (
  const [lost, said] of [
    [1, "1 reply could not be recorded in the ledger: its recipient is in doubt"],
    [2, "2 replies could not be recorded in the ledger: their recipients are in doubt"],
  ] as const
) {
  Deno.test(`runCampaign() warns of replies that the ledger could not record: ${lost}`, async () => {
    const answered = Promise.withResolvers<undefined>();
    let unanswered = 0;
    await using server = new RuleServer({
      body: ({ recipient }) => {
        if (lost > 1 && recipient === "r1@x.test") return undefined;
        // The replies on that many connections leave together.
        if (++unanswered === lost) answered.resolve(undefined);
        return answered.promise;
      },
    });
    using campaign = new Campaign(20);
    // This run ends before its first mail, and leaves a ledger.
    await campaign.send([server.port], { until: 0 });
    const when = `NEW.state = ${stateNumber("sent")} AND NEW.id >= ${lost}`;
    using _full = fullDisk(campaign.ledger, "UPDATE", when);
    const { tally } = await campaign.send([server.port], { connections: lost });
    assert.deepEqual(campaign.told.warnings, [said]);
    assert.equal(tally.inDoubt, lost);
  });
}
