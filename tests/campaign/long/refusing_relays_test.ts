/** Relays that refuse us, from the first mail or in mid-run: nobody fails for that, and a healthy relay then accepts everybody, once. */
import assert from "node:assert/strict";
import { type Rules, RuleServer } from "../../pipeline/relays.ts";
import { assertOnce, ListCampaign, rows } from "./list_campaign.ts";

const COUNT = 3_000;
/** Mails accepted before the relay refuses. */
const ONSET = 1_000;
/** Limits and 4yz rest the relay until patience runs out. */
const PATIENCE_MS = 200;
/** How many tries the refusal costs at most: about 20 alike, those under way beside them, and some more than once. */
const MOST_ASKED = 60;

/** Replies about us that name a recipient: promise 8. */
const REFUSALS: readonly (readonly [stage: "rcpt" | "body", reply: string])[] = [
  ["rcpt", "550 5.4.5 Daily user sending limit exceeded"],
  ["body", "550 5.4.5 Daily user sending limit exceeded"],
  ["body", "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException"],
  ["body", "554 5.2.252 SendAsDenied; not allowed to send as this sender"],
  ["rcpt", "550 5.1.8 Access denied, bad outbound sender"],
  ["rcpt", "550 5.1.90 Your message can't be sent because you've reached your daily limit"],
  ["rcpt", "550 5.4.6 Routing loop detected"],
  ["rcpt", "550 relay not permitted"],
  ["rcpt", "550 authentication required"],
  ["rcpt", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"],
  ["rcpt", "550 Domain acme.test has exceeded its 24-hour limit"],
  ["rcpt", "550 5.1.0 <news@acme.test>: Sender address rejected: User unknown in local table"],
  ["rcpt", "450 4.1.8 <news@acme.test>: Sender address rejected: Domain not found"],
];

/** Refuses once it has accepted `taken` mails. */
function refusing(stage: "rcpt" | "body", reply: string, taken: number): Rules {
  return {
    [stage]: ({ server }: { server: RuleServer }) =>
      server.accepted.length >= taken ? reply : undefined,
  };
}

for (const [stage, reply] of REFUSALS) {
  Deno.test(`runCampaign() fails nobody for '${reply}' (${stage}), from the first mail or from a later one`, async () => {
    using campaign = new ListCampaign(rows(COUNT));
    const accepted: string[] = [];
    for (const taken of [0, ONSET]) {
      await using bad = new RuleServer(refusing(stage, reply, taken));
      const { exitCode, stop } = await campaign.send([bad.port], { patienceMs: PATIENCE_MS });
      accepted.push(...bad.accepted);
      assert.equal(exitCode, 3);
      assert(stop!.reason.includes(reply), stop!.reason);
      assert(bad.named.length <= accepted.length + MOST_ASKED, `${bad.named.length} were asked`);
      assert.equal(await campaign.waiting(), COUNT - accepted.length);
    }
    await using good = new RuleServer();
    assert.equal((await campaign.send([good.port])).exitCode, 0);
    assertOnce([...accepted, ...good.accepted], COUNT);
  });
}
