import assert from "node:assert/strict";
import { buildSettingsPage, SETTINGS_PAGE } from "../../build/settings.ts";
import { SETTING_NAMES, settingOf, variableOf } from "../../src/cli/settings/settings.ts";

Deno.test("docs/settings.md matches the table of settings (if not, run deno task settings)", async () => {
  assert.equal(await Deno.readTextFile(SETTINGS_PAGE), await buildSettingsPage());
});

Deno.test("docs/settings.md has each setting's flag, variable and key in one row", async () => {
  const rows = (await buildSettingsPage()).split("\n").filter((line) => line.startsWith("|"));
  const absent = SETTING_NAMES.filter((name) => {
    const { key, noFlag } = settingOf(name);
    const written = [
      noFlag ? undefined : new RegExp(`\`(?:-\\w, )?--${name}(?: <[^>]+>)?\``),
      variableOf(name) && new RegExp(`\`${variableOf(name)}\``),
      key && new RegExp(`\`${key}\``),
    ].filter((pattern) => pattern !== undefined);
    return !rows.some((row) => written.every((pattern) => new RegExp(pattern).test(row)));
  });
  assert.deepEqual(absent, []);
});
