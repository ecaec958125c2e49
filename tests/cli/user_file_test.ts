import assert from "node:assert/strict";
import { join } from "node:path";
import { resolveSuppressionList } from "../../src/cli/options/suppression.ts";
import { resolveCampaign } from "../../src/cli/options/shared_options.ts";
import { openSources } from "../../src/cli/settings/sources.ts";
import { readUserFile, userFilePath } from "../../src/cli/settings/user_file.ts";
import { InputError } from "../../src/model/input_error.ts";
import { inFolder } from "../support/folder.ts";
import { type Env, NEEDED } from "../support/settings.ts";

const envOf = (env: Env) => (name: string) => env[name] || undefined;

Deno.test("userFilePath() is in the user's configuration folder", () => {
  const table: [os: string, env: Env, path: string | undefined][] = [
    ["linux", { HOME: "/home/ann" }, "/home/ann/.config/email-dispatcher/config.toml"],
    ["darwin", { HOME: "/Users/ann" }, "/Users/ann/.config/email-dispatcher/config.toml"],
    [
      "linux",
      { HOME: "/home/ann", XDG_CONFIG_HOME: "/etc/ann" },
      "/etc/ann/email-dispatcher/config.toml",
    ],
    [
      "linux",
      { HOME: "/home/ann", XDG_CONFIG_HOME: "conf" },
      "/home/ann/.config/email-dispatcher/config.toml",
    ],
    ["linux", {}, undefined],
    [
      "windows",
      { APPDATA: "/Users/ann/AppData/Roaming", HOME: "/home/ann" },
      "/Users/ann/AppData/Roaming/email-dispatcher/config.toml",
    ],
    ["windows", { HOME: "/home/ann", XDG_CONFIG_HOME: "/etc/ann" }, undefined],
  ];
  for (const [os, env, path] of table) assert.equal(userFilePath(envOf(env), os), path);
});

/** What the file says about the list, or why it cannot be used. */
async function read(text: string): Promise<string | undefined> {
  let result: string | undefined;
  await inFolder({ "email-dispatcher/config.toml": text }, async (folder) => {
    try {
      const env = envOf({ HOME: "/home/ann", XDG_CONFIG_HOME: folder });
      result = (await readUserFile(env))?.suppressionList?.text;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      result = error.describe().replace(`${folder}/email-dispatcher/`, "");
    }
  });
  return result;
}

Deno.test("readUserFile() takes an absolute path or one in the home folder, and refuses everything else with its line", async () => {
  const table: [text: string, result: string | undefined][] = [
    ['suppression_list = "/var/lib/mail/left.db"', "/var/lib/mail/left.db"],
    ['\uFEFF# ours\nsuppression_list = "~/left.db"\n', "/home/ann/left.db"],
    ["", undefined],
    [
      '\nsuppression_list = "left.db"',
      "config.toml:2: 'suppression_list' must be an absolute path, or one that begins with ~/: found 'left.db'",
    ],
    [
      'suppression_list = "~bob/left.db"',
      "config.toml:1: 'suppression_list' must be an absolute path, or one that begins with ~/: found '~bob/left.db'",
    ],
    [
      'suppression_list = ""',
      "config.toml:1: 'suppression_list' must be an absolute path, or one that begins with ~/: found ''",
    ],
    [
      "suppression_list = 7",
      "config.toml:1: 'suppression_list' must be a string in quotes: found number",
    ],
    [
      '# ours\nsupression_list = "/left.db"',
      "config.toml:2: Unknown key 'supression_list'\n  Did you mean 'suppression_list'?",
    ],
    [
      '[unsubscribe]\nlist = "/left.db"',
      "config.toml:1: Unknown key 'unsubscribe'\n  The only key of this file is suppression_list.",
    ],
  ];
  for (const [text, result] of table) assert.equal(await read(text), result, text);
  assert.match(
    await read('suppression_list = "/left.db') ?? "",
    /^config\.toml:1:\d+: Cannot read the user-wide configuration file as TOML: /,
  );
});

Deno.test("readUserFile() finds nothing where there is no such file, and says why a file cannot be read", async () => {
  await inFolder({ file: "" }, async (folder) => {
    for (const XDG_CONFIG_HOME of [join(folder, "none"), join(folder, "file")]) {
      assert.equal(await readUserFile(envOf({ XDG_CONFIG_HOME })), undefined);
    }
    await Deno.mkdir(join(folder, "y/email-dispatcher/config.toml"), { recursive: true });
    await assert.rejects(
      readUserFile(envOf({ XDG_CONFIG_HOME: join(folder, "y") })),
      /Cannot read the user-wide configuration file: it is a folder/,
    );
  });
});

Deno.test("The suppression list comes from flag, variable, campaign file and user-wide file, in this order", async () => {
  const files = {
    "email-dispatcher/config.toml": 'suppression_list = "/of/user.db"\n',
    "plain.toml": "",
    "campaign.toml": '[unsubscribe]\nlist = "/of/campaign.db"\n',
  };
  await inFolder(files, async (folder) => {
    const resolved = async (
      flag: boolean,
      variable: boolean,
      file: string,
      wants?: "user-file",
    ) => {
      const env: Env = {
        XDG_CONFIG_HOME: folder,
        ...(variable && { EMAIL_DISPATCHER_SUPPRESSION_LIST: "/of/variable.db" }),
      };
      const flags = {
        config: join(folder, file),
        ...(flag && { suppressionList: "/of/flag.db" }),
      };
      const context = { env: envOf(env), envNames: () => Object.keys(env) };
      return resolveSuppressionList(await openSources(flags, context, wants));
    };
    assert.equal((await resolved(true, true, "campaign.toml", "user-file")).path, "/of/flag.db");
    assert.equal(
      (await resolved(false, true, "campaign.toml", "user-file")).path,
      "/of/variable.db",
    );
    assert.equal(
      (await resolved(false, false, "campaign.toml", "user-file")).path,
      "/of/campaign.db",
    );
    assert.deepEqual(await resolved(false, false, "plain.toml", "user-file"), {
      path: "/of/user.db",
      named: true,
      place: { file: join(folder, "email-dispatcher/config.toml"), line: 1 },
      unused: undefined,
      userFile: join(folder, "email-dispatcher/config.toml"),
    });
    // A command that has nothing to do with the list does not read the file.
    assert.deepEqual(await resolved(false, false, "plain.toml"), {
      path: join(folder, "suppressed.db"),
      named: false,
      place: undefined,
      unused: undefined,
      userFile: join(folder, "email-dispatcher/config.toml"),
    });
  });
});

Deno.test("The user-wide file and its list are never mailed, even if another list is used", async () => {
  const text = 'suppression_list = "/of/user.db"\n';
  await inFolder({ "email-dispatcher/config.toml": text }, async (folder) => {
    const context = { env: envOf({ XDG_CONFIG_HOME: folder }), envNames: () => [] };
    const flags = { ...NEEDED, suppressionList: "/of/flag.db" };
    const sources = await openSources(flags, context, "user-file");
    const { withheld } = resolveCampaign(sources, []);
    for (
      const path of [
        join(folder, "email-dispatcher/config.toml"),
        "/of/user.db",
        "/of/user.db-wal",
        "/of/flag.db",
      ]
    ) assert.ok(withheld.files.includes(path), path);
  });
});
