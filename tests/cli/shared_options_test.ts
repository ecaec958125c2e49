import assert from "node:assert/strict";
import { resolveCampaign, resolveChoice, resolveLedger } from "../../src/cli/shared_options.ts";
import type { Flags } from "../../src/cli/sources.ts";
import { NEEDED, sourcesOf } from "../support/settings.ts";

Deno.test("resolveLedger() finds the ledger by campaign, list or its own name", async () => {
  const ledger = async (flags: Flags, toml?: string) =>
    resolveLedger(await sourcesOf(flags, {}, toml)).replace(/.*[\\/]/, "");
  assert.equal(await ledger({ ledger: "x.db" }), "x.db");
  assert.equal(await ledger({ campaign: "spring" }, ""), "spring.ledger");
  assert.equal(await ledger({ recipients: "a/b.csv" }, ""), "b.ledger");
  assert.equal(await ledger({}, 'id = "hello"'), "hello.ledger");
  await assert.rejects(ledger({}, ""), /No campaign, ledger or list is given/);
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
