import assert from "node:assert/strict";
import { TestCampaign } from "../support/campaigns.ts";
import { CHUNKS, CountingServer, GROUPS } from "../support/counting_server.ts";
import { runProgram } from "../support/program.ts";

const COUNT = 3_000;
const SICK = "p50@x.test";
/** Runs of each kind, one after the other by turns: what else the machine does meets both. */
const ROUNDS = 5;

/** Mails a second from the first one taken to the last, by the server's clock; and the state of the sick mailbox at the end. */
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
    ...["--retries", "1"],
  ], { cwd: campaign.folder, env: { EMAIL_DISPATCHER_RETRY_FIRST: "100ms" } });
  assert.equal(code, reply === undefined ? 0 : 1, stderr);
  const taken = (await server.log()).filter(({ what }) => what === "accepted");
  const addresses = new Set(taken.map(({ of }) => of));
  assert.equal(addresses.size, taken.length, "nobody twice");
  assert.equal(taken.length, reply === undefined ? COUNT : COUNT - 1);
  return {
    perSecond: taken.length * 1_000 / (taken.at(-1)!.at - taken[0]!.at),
    failed: await campaign.exported("failed"),
  };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

for (
  const [reply, extensions] of [
    ["452 4.3.1 Out of storage", GROUPS],
    ["452 Try later", CHUNKS],
    ["451 4.3.2 Not accepting now", CHUNKS],
    ["421 4.3.2 Closing", GROUPS],
  ] as const
) {
  Deno.test(`One mailbox that is always answered '${reply}' slows nobody, and fails alone`, async () => {
    const [without, beside]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      without.push((await send(extensions)).perSecond);
      const { perSecond, failed } = await send(extensions, reply);
      beside.push(perSecond);
      assert.deepEqual(failed, [SICK]);
    }
    const ratio = medianOf(beside) / medianOf(without);
    assert(ratio >= 0.9, `${ratio.toFixed(2)} of the rate without it`);
  });
}
