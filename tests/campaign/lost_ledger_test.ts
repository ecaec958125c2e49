import assert from "node:assert/strict";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import { RuleServer } from "../pipeline/relays.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { NEEDED, resolve } from "../support/settings.ts";
import { Campaign } from "./campaign.ts";

const CI = { ci: true };

for (
  const [what, options, files, warned] of [
    ["a new ledger in CI", CI, [], true],
    ["a new ledger beside one of the sandbox", CI, ["other.sandbox.ledger"], true],
    ["a new ledger beside another one", CI, ["other.ledger"], false],
    ["a new ledger outside CI", { ci: false }, [], false],
    ["a dry run", { ci: true, dryRun: true }, [], false],
    ["a trial in the sandbox", { ci: true, sandbox: true }, [], false],
  ] as readonly (readonly [
    string,
    Partial<SendOptions> & { sandbox?: boolean },
    readonly string[],
    boolean,
  ])[]
) {
  Deno.test(`runCampaign() ${warned ? "warns" : "does not warn"} of a lost ledger: ${what}`, async () => {
    await using server = new RuleServer();
    using campaign = new Campaign(1);
    for (const name of files) campaign.write(name, "");
    const { sandbox = false, ...more } = options;
    const relays = [relayAt(server.port, { sandbox })];
    const outbox = campaign.folder.file("outbox");
    const told: number[] = [];
    await campaign.send([server.port], { ...more, relays, outbox }, {
      confirm: () => (told.push(campaign.told.warnings.length), Promise.resolve(true)),
    });
    const expected = warned
      ? [
        `The ledger '${campaign.ledger}' is new, and CI is set: everybody on the list will be mailed. ` +
        `If an earlier job has mailed them, its ledger was lost: keep '${campaign.ledger}' between jobs (see docs/ci.md)`,
      ]
      : [];
    assert.deepEqual(campaign.told.warnings, expected);
    if (warned) assert.deepEqual(told, [1], "before anybody is asked or mailed");
    if (options.dryRun || sandbox) return;
    await campaign.send([server.port], more);
    assert.deepEqual(campaign.told.warnings, expected, "the ledger is there");
  });
}

for (const [value, ci] of [["true", true], ["1", true], ["false", false], ["0", false]] as const) {
  Deno.test(`resolveSend() takes CI=${value} for ${ci ? "a" : "no"} CI job`, async () => {
    const { options } = await resolve(NEEDED, { CI: value });
    assert.equal(options.ci, ci);
  });
}
