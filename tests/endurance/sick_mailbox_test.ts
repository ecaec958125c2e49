import assert from "node:assert/strict";
import { TestCampaign } from "../support/campaigns.ts";
import { CountingServer, GROUPS } from "../support/counting_server.ts";
import { runProgram } from "../support/program.ts";

const COUNT = 3_000;
const SICK = "p50@x.test";
/** Runs of each kind, by turns, so that other load on the machine affects both. */
const ROUNDS = 3;

/**
 * Mails a second by the server's clock, and who failed. The last twentieth is left out: if 421 closes a connection, the next
 * mail on it waits for up to a second, which near the end would count as if all had waited.
 */
async function send(
  extensions: readonly string[],
  reply?: string,
): Promise<{ readonly perSecond: number; readonly failed: readonly string[] }> {
  await using server = await CountingServer.start({
    extensions,
    latencyMs: 1,
    ...(reply !== undefined && { refuse: { [SICK]: reply } }),
  });
  await using campaign = await TestCampaign.make(COUNT);
  const { code, stderr } = await runProgram([
    ...["send", ...campaign.args, "--smtp", server.url, "--connections", "4"],
    ...["--retries", "0"],
  ], { cwd: campaign.folder, env: { EMAIL_DISPATCHER_RETRY_FIRST: "1s" } });
  assert.equal(code, reply === undefined ? 0 : 1, stderr);
  const taken = (await server.log()).filter(({ what }) => what === "accepted");
  const addresses = new Set(taken.map(({ of }) => of));
  assert.equal(addresses.size, taken.length, "nobody twice");
  assert.equal(taken.length, reply === undefined ? COUNT : COUNT - 1);
  const measured = taken.slice(0, 0.95 * COUNT);
  return {
    perSecond: measured.length * 1_000 / (measured.at(-1)!.at - measured[0]!.at),
    failed: await campaign.exported("failed"),
  };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

for (
  const [reply, extensions] of [
    ["452 4.3.1 Out of storage", GROUPS],
    ["452 Try later", GROUPS],
    ["451 4.3.2 Not accepting now", GROUPS],
    ["421 4.3.2 Closing", GROUPS],
  ] as const
) {
  Deno.test(`One mailbox that always gets '${reply}' slows nobody down, and only it fails`, async () => {
    // Other load on the machine can spoil one measurement; a mailbox that slows others down spoils them all.
    for (let tries = 2;; tries--) {
      const ratio = await ratioWith(extensions, reply);
      if (tries > 1 && ratio < 0.9) continue;
      assert(ratio >= 0.9, `${ratio.toFixed(2)} of the rate without it`);
      return;
    }
  });
}

/** The rate beside the sick mailbox, as a share of the rate without it. */
async function ratioWith(extensions: readonly string[], reply: string): Promise<number> {
  const [without, beside]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    without.push((await send(extensions)).perSecond);
    const { perSecond, failed } = await send(extensions, reply);
    beside.push(perSecond);
    assert.deepEqual(failed, [SICK]);
  }
  return medianOf(beside) / medianOf(without);
}
