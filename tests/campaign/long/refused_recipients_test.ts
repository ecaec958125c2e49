/** Recipients that a relay refuses among others that it accepts: only they fail, wherever they are in the list. */
import assert from "node:assert/strict";
import { RuleServer } from "../../pipeline/relays.ts";
import { assertOnce, ListCampaign, rows } from "./list_campaign.ts";

const COUNT = 3_000;

/** `count` recipients of one domain. */
function ofOneDomain(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `h${at + 1}@old.test`);
}

const REST = rows(COUNT);
const SUPPRESSED = "550 5.7.1 Recipient is on our suppression list";

for (
  const [what, reply, list, refused] of [
    ["15 suppressed at the head", SUPPRESSED, REST, REST.slice(0, 15)],
    ["15 suppressed at the head of one domain", SUPPRESSED, ofOneDomain(COUNT), ofOneDomain(15)],
    ["30 unknown at the head", "550 5.1.1 No such user", REST, REST.slice(0, 30)],
    [
      "30 of one domain at the head, without an enhanced code",
      "550 Not here",
      [...ofOneDomain(30), ...REST.slice(30)],
      ofOneDomain(30),
    ],
    [
      "one of a hundred, the first and the last",
      SUPPRESSED,
      REST,
      REST.filter((_, at) => at % 100 === 0 || at === COUNT - 1),
    ],
  ] as const
) {
  Deno.test(`runCampaign() fails ${what}, and mails all others`, async () => {
    const those = new Set<string>(refused);
    await using server = new RuleServer({
      rcpt: ({ recipient }) => those.has(recipient!) ? reply : undefined,
    });
    using campaign = new ListCampaign(list);
    const { exitCode, state } = await campaign.send([server.port]);
    assert.deepEqual([exitCode, state], [1, "done"]);
    assert.deepEqual(await campaign.states(), { sent: COUNT - those.size, failed: those.size });
    assertOnce(server.accepted, COUNT - those.size);
    assert(server.accepted.every((address) => !those.has(address)));
  });
}

for (const count of [8, COUNT]) {
  for (const taken of [0, 3]) {
    Deno.test(`runCampaign() mails all ${count} rows through the relay that accepts them if another refuses after ${taken}`, async () => {
      await using healthy = new RuleServer();
      await using refusing = new RuleServer({
        rcpt: ({ server }) =>
          server.accepted.length >= taken ? "554 5.7.1 Relay access denied" : undefined,
      });
      using campaign = new ListCampaign(rows(count));
      const { exitCode } = await campaign.send([healthy.port, refusing.port]);
      assert.equal(exitCode, 0);
      assertOnce([...healthy.accepted, ...refusing.accepted], count);
    });
  }
}

Deno.test("runCampaign() tries the other relay for recipients that one refuses", async () => {
  const each = (share: number) =>
    new RuleServer({
      rcpt: ({ recipient }) =>
        parseInt(recipient!.slice(1)) % 500 === share ? SUPPRESSED : undefined,
    });
  await using one = each(0);
  await using other = each(50);
  using campaign = new ListCampaign(rows(COUNT));
  assert.equal((await campaign.send([one.port, other.port])).exitCode, 0);
  assertOnce([...one.accepted, ...other.accepted], COUNT);
});

Deno.test("runCampaign() starts with other recipients than the run before if all are set aside", async () => {
  const list = rows(60);
  const those = new Set<string>(list.slice(0, 30));
  let takesNobody = true;
  await using server = new RuleServer({
    rcpt: ({ recipient }) => takesNobody || those.has(recipient!) ? SUPPRESSED : undefined,
  });
  using campaign = new ListCampaign(list);
  for (let run = 0; run < 3; run++) await campaign.send([server.port]);
  assert.deepEqual(await campaign.states(), { deferred: 60 });
  takesNobody = false;
  for (let run = 0; run < 3; run++) await campaign.send([server.port]);
  assertOnce(server.accepted, 30);
});

Deno.test("runCampaign() stops at many suppressed recipients at the head of a short list, and fails them in the second run", async () => {
  const list = rows(40);
  const those = new Set<string>(list.slice(0, 30));
  await using server = new RuleServer({
    rcpt: ({ recipient }) => those.has(recipient!) ? SUPPRESSED : undefined,
  });
  using campaign = new ListCampaign(list);
  const codes = [];
  for (let run = 0; run < 2; run++) codes.push((await campaign.send([server.port])).exitCode);
  assert.deepEqual(codes, [3, 1]);
  assert.deepEqual(await campaign.states(), { sent: 10, failed: 30 });
});
