import assert from "node:assert/strict";
import {
  resolveCampaign,
  resolveChoice,
  resolveLedger,
} from "../../src/cli/options/shared_options.ts";
import { join, relative } from "node:path";
import { type Flags, openSources } from "../../src/cli/settings/sources.ts";
import { inFolder } from "../support/folder.ts";
import { NEEDED, sourcesOf } from "../support/settings.ts";

Deno.test("resolveLedger() finds the ledger by campaign, list or its own name", async () => {
  const ledger = async (flags: Flags, toml?: string) =>
    resolveLedger(await sourcesOf(flags, {}, toml)).replace(/.*[\\/]/, "");
  assert.equal(await ledger({ ledger: "x.db" }), "x.db");
  assert.equal(await ledger({ campaign: "spring" }, ""), "spring.ledger");
  assert.equal(await ledger({ recipients: "a/b.csv" }, ""), "b.ledger");
  assert.equal(await ledger({}, 'id = "hello"'), "hello.ledger");
  await assert.rejects(ledger({}, ""), /No campaign, ledger or list is given/);
  await assert.rejects(
    ledger({ ledger: "-" }, ""),
    /--ledger must be the name of a file: found '-'/,
  );
});

Deno.test("resolveLedger() gives a trial in the sandbox a ledger of its own, beside its outbox", async () => {
  const REAL = "smtp://relay.test:25";
  const table: [flags: Flags, env: Record<string, string>, toml: string, ledger: string][] = [
    [{ smtp: ["sandbox:"] }, {}, "", "spring.sandbox.ledger"],
    [{ smtp: ["Sandbox:?rate=5/s"] }, {}, "", "spring.sandbox.ledger"],
    [{ smtp: ["sandbox:"], outbox: "a/mails/" }, {}, "", "a/spring.sandbox.ledger"],
    [{}, { SMTP_URL: "sandbox:" }, `smtp = "${REAL}"`, "spring.sandbox.ledger"],
    [{}, {}, 'smtp = "sandbox:"\noutbox = "a/mails"', "a/spring.sandbox.ledger"],
    [{ smtp: [REAL] }, {}, 'smtp = "sandbox:"', "spring.ledger"],
    [{ smtp: ["sandbox:"], ledger: "mine.db" }, {}, "", "mine.db"],
    [{}, {}, "", "spring.ledger"],
  ];
  for (const [flags, env, toml, expected] of table) {
    const sources = await sourcesOf({ campaign: "spring", ...flags }, env, toml);
    for (const campaign of [undefined, "spring"]) {
      const found = relative(flags.outbox ? "." : sources.folder, resolveLedger(sources, campaign));
      assert.equal(flags.ledger ?? found, expected);
    }
  }
});

Deno.test("resolveLedger() for status picks the trial's only if no relay is named and there is no real ledger", async () => {
  await inFolder({ "spring.sandbox.ledger": "" }, async (folder) => {
    const ledger = async (toml: string) => {
      const config = join(folder, "campaign.toml");
      await Deno.writeTextFile(config, `id = "spring"\n${toml}`);
      const sources = await openSources({ config }, { env: () => undefined, envNames: () => [] });
      return relative(folder, resolveLedger(sources));
    };
    assert.equal(await ledger(""), "spring.sandbox.ledger");
    const smtp = 'smtp = "smtp://relay.test:25"';
    await assert.rejects(ledger(smtp), {
      message: /real relay because there is none: .*spring\.ledger'$/,
    });
    await Deno.writeTextFile(join(folder, "spring.ledger"), "");
    for (const toml of ["", smtp]) assert.equal(await ledger(toml), "spring.ledger");
    assert.equal(await ledger('smtp = "sandbox:"'), "spring.sandbox.ledger");
  });
});

Deno.test("resolveCampaign() needs no relay", async () => {
  const options = resolveCampaign(await sourcesOf({ ...NEEDED, smtp: undefined }, {}, ""), []);
  assert.equal(options.campaign, "emails");
});

Deno.test("resolveChoice() prints one mail, or writes many", async () => {
  const choice = async (flags: Flags) => resolveChoice(await sourcesOf(flags, {}, ""));
  assert.deepEqual(await choice({}), { choice: { rows: [], keys: [] }, folder: undefined });
  assert.deepEqual(await choice({ row: ["3"], output: "-" }), {
    choice: { rows: [3], keys: [] },
    folder: undefined,
  });
  assert.deepEqual(await choice({ row: ["1"], email: ["Ann@X.de"], output: "out" }), {
    choice: { rows: [1], keys: ["ann@x.de"] },
    folder: "out",
  });
  await assert.rejects(choice({ row: ["1", "2"] }), /Cannot print 2 mails on standard output/);
  await assert.rejects(choice({ row: ["0"] }), /--row must be a whole number of 1 or more/);
});
