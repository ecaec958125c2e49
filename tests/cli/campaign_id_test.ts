import assert from "node:assert/strict";
import { campaignIdOf, resolveCampaignId } from "../../src/cli/options/campaign_id.ts";
import { resolveSend } from "../../src/cli/options/send_options.ts";
import { resolveLedger } from "../../src/cli/options/shared_options.ts";
import { resolveWithheld } from "../../src/cli/options/withheld.ts";
import { type Flags, openSources, type Sources } from "../../src/cli/settings/sources.ts";
import { InputError } from "../../src/model/input_error.ts";
import { inFolder } from "../support/folder.ts";

/** Half an hour before midnight in Vienna, and after it in Auckland. */
const NOW = Date.parse("2026-11-27T22:30:00Z");

async function sourcesOf(
  flags: Flags,
  { env = {}, toml = "", now = NOW }: {
    readonly env?: Readonly<Record<string, string>>;
    readonly toml?: string;
    readonly now?: number;
  } = {},
): Promise<Sources> {
  let sources: Sources | undefined;
  await inFolder({ "campaign.toml": toml }, async (cwd) => {
    sources = await openSources({ config: `${cwd}/campaign.toml`, ...flags }, {
      env: (name) => env[name],
      envNames: () => Object.keys(env),
      now: () => now,
    });
  });
  return sources!;
}

for (
  const [sentence, given, id] of [
    ["is today in UTC", { campaign: "digest-{date}" }, "digest-2026-11-27"],
    [
      "is today in the time zone of the flag",
      { campaign: "digest-{date}", timezone: "Pacific/Auckland" },
      "digest-2026-11-28",
    ],
    [
      "is yesterday where the day has not begun",
      { campaign: "{date}", timezone: "America/New_York", now: "2026-11-28T04:59:00Z" },
      undefined,
    ],
    ["can be anywhere, and twice", { campaign: "a{date}.{date}" }, "a2026-11-27.2026-11-27"],
    ["is the day of --date", { campaign: "d-{date}", date: "2024-02-29" }, "d-2024-02-29"],
  ] as const
) {
  Deno.test(`{date} in the campaign's id ${sentence}`, async () => {
    const { now, ...flags } = { now: undefined, ...given };
    const sources = await sourcesOf(flags, now === undefined ? {} : { now: Date.parse(now) });
    assert.equal(resolveCampaignId(sources, "emails.csv"), id ?? "2026-11-27");
  });
}

Deno.test("{date} of campaign.toml takes zone and day from file and environment, and names the default ledger", async () => {
  const toml = 'id = "digest-{date}"\ntimezone = "Pacific/Auckland"\n';
  const byFile = await sourcesOf({}, { toml });
  assert.equal(campaignIdOf(byFile), "digest-2026-11-28");
  const env = { EMAIL_DISPATCHER_DATE: "2026-11-20" };
  const byVariable = await sourcesOf({ recipients: "l.csv" }, { toml, env });
  assert.equal(campaignIdOf(byVariable), "digest-2026-11-20");
  assert.match(resolveLedger(byVariable), /\/digest-2026-11-20\.ledger$/);
  const flags = { recipients: "l.csv", template: "m.txt", smtp: "smtp://mx.test" };
  const { options } = resolveSend(await sourcesOf(flags, { toml }), NOW);
  assert.equal(options.campaign, "digest-2026-11-28");
  assert.match(options.ledger, /\/digest-2026-11-28\.ledger$/);
});

Deno.test("{date} in the path of the ledger is the same day, so that no two days share a ledger, and that file is never mailed", async () => {
  const toml = 'id = "digest-{date}"\nledger = "ledgers/{date}.{x}.ledger"\n';
  const sources = await sourcesOf({ date: "2026-11-20" }, { toml });
  assert.match(resolveLedger(sources), /\/ledgers\/2026-11-20\.\{x\}\.ledger$/);
  const { files } = resolveWithheld(sources, "m.txt", { databases: [], folders: [] });
  assert(files.some((path) => path.endsWith("/ledgers/2026-11-20.{x}.ledger-wal")), files.join());
  assert.equal(resolveLedger(await sourcesOf({ ledger: "a{date}" })), "a2026-11-27");
});

for (
  const [sentence, flags, message, hint] of [
    [
      "another placeholder",
      { campaign: "digest-{data}" },
      "--campaign must be a name without placeholders other than {date}: found 'digest-{data}'",
      "Did you mean {date}?",
    ],
    [
      "Liquid",
      { campaign: "digest-{{ date }}" },
      "--campaign must be a name without placeholders other than {date}: found 'digest-{{ date }}'",
      "Did you mean {date}?",
    ],
    [
      "a placeholder unlike any",
      { campaign: "x-{weekday}" },
      "--campaign must be a name without placeholders other than {date}: found 'x-{weekday}'",
      undefined,
    ],
    [
      "a day that is none",
      { campaign: "x-{date}", date: "2026-02-30" },
      "--date must be a day such as 2026-11-27: found '2026-02-30'",
      undefined,
    ],
    [
      "an unclosed brace",
      { campaign: "x-{date" },
      "--campaign must be 1 to 60 letters, digits, '.', '_' and '-', beginning with a letter or digit: found 'x-{date'",
      undefined,
    ],
    [
      "--date without {date}",
      { campaign: "digest", date: "2026-11-27" },
      "--date needs {date} in the campaign's id: found none",
      "Write id = \"digest-{date}\" in campaign.toml, or --campaign 'digest-{date}'.",
    ],
  ] as const
) {
  Deno.test(`The campaign's id is refused for ${sentence}`, async () => {
    const sources = await sourcesOf(flags);
    assert.throws(() => resolveCampaignId(sources, "emails.csv"), (error) => {
      assert(error instanceof InputError);
      assert.deepEqual([error.message, error.hint], [message, hint]);
      return true;
    });
  });
}

Deno.test("EMAIL_DISPATCHER_DATE may be set for campaigns that do not use it", async () => {
  const sources = await sourcesOf({}, { env: { EMAIL_DISPATCHER_DATE: "2026-11-20" } });
  assert.equal(resolveCampaignId(sources, "emails.csv"), "emails");
  assert.equal(campaignIdOf(sources), undefined);
});
