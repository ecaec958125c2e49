/** A relay that accepts nobody for a while: nobody loses a try or time for retries, and the run ends when its patience runs out. */
import assert from "node:assert/strict";
import { type Rules, RuleServer } from "../../pipeline/relays.ts";
import { assertOnce, ListCampaign, rows } from "./list_campaign.ts";

const COUNT = 3_000;
/** Short patience, and a time for retries that is over at once. */
const SHORT = { patienceMs: 200, retryForMs: 1, retries: 1 };

type When = (server: RuleServer) => boolean;

/** What the relay replies to all, and after how many mails. A 4yz that can be about one mailbox says nothing about the relay once it has accepted others. */
const NOTHING: readonly (readonly [string, readonly number[], (when: When) => Rules])[] = [
  ["454 at RCPT", [0, 1_000], always("rcpt", "454 4.7.0 Quota exceeded")],
  ["452 after the body", [0, 1_000], always("body", "452 4.3.1 Insufficient storage")],
  ["450 at MAIL", [0, 1_000], always("mail", "450 4.7.1 Not now")],
  ["421 as greeting", [0], always("greeting", "421 4.3.2 Closed")],
  ["421 at MAIL", [0, 1_000], always("mail", "421 4.3.2 Closed")],
  ["450 at RCPT", [0], always("rcpt", "450 Come back later")],
  ["451 4.3.0 at RCPT", [0], always("rcpt", "451 4.3.0 Temporary lookup failure")],
  ["451 after the body", [0], always("body", "451 4.3.0 Queue file write error")],
];

function always(stage: "greeting" | "mail" | "rcpt" | "body", reply: string) {
  return (when: When): Rules => ({
    [stage]: ({ server }: { server: RuleServer }) => when(server) ? reply : undefined,
  });
}

for (const [what, onsets, rules] of NOTHING) {
  Deno.test(`runCampaign() counts no try if a relay replies ${what} to all after ${onsets.join(" or ")} mails`, async () => {
    using campaign = new ListCampaign(rows(COUNT));
    const accepted: string[] = [];
    for (const taken of onsets) {
      await using bad = new RuleServer(rules(({ accepted }) => accepted.length >= taken));
      const { exitCode, stop } = await campaign.send([bad.port], SHORT);
      accepted.push(...bad.accepted);
      assert.equal(exitCode, 3, stop?.reason);
      assert.match(stop!.reason, /: 4\d\d /);
      assert.equal(await campaign.waiting(), COUNT - accepted.length);
      assert.deepEqual(await campaign.tried(), []);
    }
    await using good = new RuleServer();
    assert.equal((await campaign.send([good.port], SHORT)).exitCode, 0);
    assertOnce([...accepted, ...good.accepted], COUNT);
  });
}
