import assert from "node:assert/strict";
import { join, resolve as absolute } from "node:path";
import * as groups from "../../src/cli/settings/flags.ts";
import { resolveCampaign } from "../../src/cli/options/shared_options.ts";
import { openSources } from "../../src/cli/settings/sources.ts";
import { OWN_FILES, OWN_FOLDERS } from "../../src/cli/options/withheld.ts";
import { inFolder } from "../support/folder.ts";
import { type Env, fault, NEEDED, sourcesOf } from "../support/settings.ts";

Deno.test("Every setting that takes a file or folder is classified as content or as the campaign's own", () => {
  const content = ["config", "template", "attachments"];
  const flags = Object.values(groups).flat().filter((option) => typeof option !== "function");
  const names = flags.filter(({ flags }) => /<(?:file|dir|folder)>/.test(flags))
    .map((option) => option.long!.slice(2));
  assert.ok(names.length > 8);
  const known: readonly string[] = [...content, ...OWN_FILES, ...OWN_FOLDERS];
  assert.deepEqual([...new Set(names)].filter((name) => !known.includes(name)), []);
});

Deno.test("Every file that flags, environment or campaign file name is withheld, whichever of them counts", async () => {
  const url = "smtps://mx.example?ca=ca.txt&cert=cert.txt&key=tls.txt";
  const toml =
    `smtp = "smtps://mx.example?key=other-tls.txt"\nledger = "old.db"\nlog = "run.txt"\n`;
  const env: Env = {
    SMTP_URL: url,
    SMTP_PASSWORD_FILE: "password.txt",
    EMAIL_DISPATCHER_LEDGER: "env.db",
    EMAIL_DISPATCHER_OUTBOX: "mails",
    EMAIL_DISPATCHER_OUTPUT: "previews",
  };
  await inFolder({ "campaign.toml": toml }, async (cwd) => {
    const config = join(cwd, "campaign.toml");
    const sources = await openSources(
      { ...NEEDED, smtp: undefined, config, ledger: "new.db", suppress: ["a.txt", "b.txt"] },
      { env: (name) => env[name], envNames: () => Object.keys(env) },
    );
    const { withheld } = resolveCampaign(sources, []);
    const files = new Set(withheld.files.map((file) => absolute(file)));
    const here = ["new.db", "new.db-wal", "new.db-shm", "new.db-journal", "new.db.lock", "env.db"];
    const secrets = ["password.txt", "ca.txt", "cert.txt", "tls.txt", "a.txt", "b.txt"];
    const beside = ["old.db", "old.db-wal", "run.txt", "other-tls.txt", "campaign.toml"]
      .concat("suppressed.db", "suppressed.db-wal").map((name) => join(cwd, name));
    for (const file of [...here, ...secrets, ...beside]) assert.ok(files.has(absolute(file)), file);
    for (const folder of ["mails", "previews"]) {
      assert.ok(withheld.folders.includes(folder), folder);
    }
  });
});

Deno.test("An unreadable value of a setting that the command does not use is no error", async () => {
  const toml = 'ledger = "postgres://db/mails"\nsmtp = "nonsense"\n';
  const options = resolveCampaign(await sourcesOf({ ...NEEDED, smtp: undefined }, {}, toml), []);
  assert.ok(options.withheld.files.some((file) => file.endsWith("suppressed.db-wal")));
});

Deno.test("--attachments must be a folder within the template's", async () => {
  await inFolder({ "mail.md": "", "file.txt": "" }, async (cwd) => {
    await Deno.mkdir(join(cwd, "bills"));
    await Deno.symlink("/", join(cwd, "leads-out"));
    const template = join(cwd, "mail.md");
    const withFolder = (name: string) => fault({ template, attachments: join(cwd, name) });
    assert.equal(await withFolder("bills"), "no error");
    assert.equal(await withFolder("."), "no error");
    for (const name of ["none", "file.txt", "..", "leads-out"]) {
      assert.match(
        await withFolder(name),
        /^--attachments must be a folder within the template's folder: found '/,
        name,
      );
    }
  });
});
