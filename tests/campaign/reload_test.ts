import assert from "node:assert/strict";
import type { Reloaded } from "../../src/campaign/relays/rates.ts";
import type { Rate, Relay } from "../../src/model/relay.ts";
import { RuleServer } from "../pipeline/relays.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { Campaign } from "./campaign.ts";

const HOURLY: Rate = { count: 60, perMs: 3_600_000 };

/** Longer than the mails take without a limit, and shorter than one of them waits under `HOURLY`. */
const GIVE_UP_MS = 20_000;

/** Sends three mails; the campaign file is read again when the first one is accepted. */
async function sendThree(before: Reloaded, after: Reloaded) {
  let apply: ((news: Reloaded) => void) | undefined;
  let listening = false;
  await using server = new RuleServer({
    body: () => void (apply?.(after), apply = undefined),
  });
  using campaign = new Campaign(3);
  const relays = before.relays.map(({ rate }) => relayAt(server.port, { rate, name: "mx:25" }));
  const given = setTimeout(() => campaign.stop(), GIVE_UP_MS);
  const { exitCode, sentNow } = await campaign.send([], { rate: before.rate, relays }, {
    onReload: (given) => {
      apply = given;
      listening = true;
      return { [Symbol.dispose]: () => void (listening = false) };
    },
  });
  clearTimeout(given);
  assert.equal(listening, false, "a run that is over hears of no reload");
  return { exitCode, sentNow, news: campaign.told.news };
}

const mx = (rate?: Rate): readonly Relay[] => [relayAt(25, { rate, name: "mx:25" })];

for (
  const [what, before, after, said] of [
    [
      "the run",
      { rate: HOURLY, relays: mx() },
      { rate: undefined, relays: mx() },
      "Rate is now unlimited",
    ],
    [
      "a relay",
      { rate: undefined, relays: mx(HOURLY) },
      { rate: undefined, relays: mx() },
      "Rate of mx:25 is now unlimited",
    ],
  ] as const satisfies readonly (readonly [string, Reloaded, Reloaded, string])[]
) {
  Deno.test(`runCampaign() applies the rate of ${what} that a reload gives, and says so`, async () => {
    assert.deepEqual(await sendThree(before, after), { exitCode: 0, sentNow: 3, news: [said] });
  });
}

Deno.test("runCampaign() says that a reload has changed no rate", async () => {
  const same = { rate: undefined, relays: mx() };
  assert.deepEqual(await sendThree(same, same), {
    exitCode: 0,
    sentNow: 3,
    news: ["Campaign file read again: no rate has changed"],
  });
});

Deno.test("runCampaign() keeps to the rate of the run", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(3);
  assert.equal(
    (await campaign.send([server.port], { rate: { count: 600, perMs: 60_000 } })).sentNow,
    3,
  );
  const [first, , third] = server.acceptedAt;
  // Ten a second: the third comes two tenths after the first, less what a late timer can catch up on.
  assert.ok(third! - first! > 150, `${third! - first!} ms`);
});
