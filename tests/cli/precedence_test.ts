import assert from "node:assert/strict";
import { join } from "node:path";
import {
  resolveMailingList,
  resolveUnsubscribeSecret,
} from "../../src/cli/options/mailing_list.ts";
import { hasRelay, resolveRelays } from "../../src/cli/options/relays.ts";
import { resolveReporter } from "../../src/cli/options/shared_options.ts";
import type { FileType } from "../../src/cli/settings/setting.ts";
import {
  SETTING_NAMES,
  type SettingName,
  settingOf,
  variableOf,
} from "../../src/cli/settings/settings.ts";
import type { Flags } from "../../src/cli/settings/sources.ts";
import { inFolder } from "../support/folder.ts";
import { type Env, fault, sourcesOf } from "../support/settings.ts";

/** How a value of each type is written in the campaign file, and what is read. */
const VALUES: Readonly<Record<FileType, readonly [written: string, read: string]>> = {
  text: ['"of-file"', "of-file"],
  texts: ['["of-file"]', "of-file"],
  count: ["3", "3"],
  switch: ["true", "true"],
  moment: ['"of-file"', "of-file"],
};

function valueOf(name: SettingName): readonly [written: string, read: string] {
  return VALUES[settingOf(name).type ?? "text"];
}

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function tomlOf(name: SettingName, key: string): string {
  const [table, inner] = key.includes(".") ? key.split(".") : [undefined, key];
  const [value] = valueOf(name);
  return `${table === undefined ? "" : `[${table}]\n`}${inner} = ${value}\n`;
}

Deno.test("Every setting comes from its flag, then its variable, then the campaign file", async () => {
  for (const name of SETTING_NAMES) {
    const { key } = settingOf(name);
    const variable = variableOf(name);
    // "wait" is only a key. The URLs of relays, which can contain a password, have rules of their own (below).
    if (variable === undefined || name === "smtp") continue;
    const toml = key === undefined ? "" : tomlOf(name, key);
    const env: Env = { [variable]: "of-env" };
    const flags: Flags = { [camelCase(name)]: "of-flag" };
    const found = async (flags: Flags, env: Env) => (await sourcesOf(flags, env, toml)).one(name);
    assert.equal((await found(flags, env))?.text, "of-flag", name);
    assert.equal((await found({}, env))?.text, "of-env", name);
    assert.equal(
      (await found({}, {}))?.text,
      key === undefined ? undefined : valueOf(name)[1],
      name,
    );
    // An empty variable counts as none.
    assert.equal((await found(flags, { [variable]: "" }))?.text, "of-flag", name);
  }
});

Deno.test("A relay comes from --smtp, then SMTP_URL, then the campaign file", async () => {
  const toml = 'smtp = "smtp://file.test?tls=off"';
  const relay = async (flags: Flags, env: Env) =>
    resolveRelays(await sourcesOf(flags, env, toml)).relays.map(({ host }) => host);
  const env = { SMTP_URL: "smtp://env.test?tls=off" };
  assert.deepEqual(await relay({ smtp: ["smtp://flag.test?tls=off"] }, env), ["flag.test"]);
  assert.deepEqual(await relay({}, env), ["env.test"]);
  assert.deepEqual(await relay({}, {}), ["file.test"]);
  assert.deepEqual(
    await relay({ smtp: ["smtp://flag.test?tls=off"] }, { SMTP_URL: "", SMTP_URI: "x" }),
    ["flag.test"],
    "what the flag replaces need not be valid",
  );
});

Deno.test("The unsubscribe secret comes from its flag, then the environment, then the campaign file", async () => {
  const secretOf = (letter: string) => letter.repeat(40);
  const files = Object.fromEntries(
    ["flag", "env", "file"].map((name) => [`${name}.secret`, secretOf(name[1]!)]),
  );
  await inFolder(files, async (folder) => {
    const at = (name: string) => join(folder, `${name}.secret`);
    const toml = `[unsubscribe]\nsecret_file = "${at("file")}"`;
    const found = async (flags: Flags, env: Env) => {
      const warnings: string[] = [];
      const secret = resolveUnsubscribeSecret(await sourcesOf(flags, env, toml), warnings)!;
      const { makeToken, readToken } = await import(
        "../../src/compose/unsubscribe/unsubscribe_token.ts"
      );
      const { TokenSecret } = await import("../../src/compose/unsubscribe/unsubscribe_token.ts");
      const token = makeToken(secret, { campaign: "c", key: "k" });
      return ["direct", "flag", "env", "file"].find((name) =>
        readToken(new TokenSecret(secretOf(name === "direct" ? "D" : name[1]!), "x"), token)
      );
    };
    const flag = { unsubscribeSecretFile: at("flag") };
    const direct = { UNSUBSCRIBE_SECRET: secretOf("D") };
    const file = { UNSUBSCRIBE_SECRET_FILE: at("env") };
    assert.equal(await found(flag, { ...direct, ...file }), "flag");
    assert.equal(await found({}, { ...direct, ...file }), "direct");
    assert.equal(await found({}, file), "env");
    assert.equal(
      await found({}, { EMAIL_DISPATCHER_UNSUBSCRIBE_SECRET_FILE: at("env") }),
      "env",
    );
    assert.equal(await found({}, {}), "file");
  });
});

Deno.test("The base URL in the environment takes precedence over the campaign file's, even for links in mails", async () => {
  const toml = '[unsubscribe]\nurl = "https://x.test/{{ Email }}"';
  const url = async (flags: Flags, env: Env) =>
    resolveMailingList(await sourcesOf(flags, env, toml), []).unsubscribeUrl;
  const base = { EMAIL_DISPATCHER_BASE_URL: "https://env.test/{{ Email }}" };
  assert.equal(await url({}, base), base.EMAIL_DISPATCHER_BASE_URL);
  assert.equal(await url({}, {}), "https://x.test/{{ Email }}");
});

Deno.test("--quiet and --verbose have variables, which flags replace", async () => {
  const verbosity = async (flags: Flags, env: Env) =>
    resolveReporter(await sourcesOf(flags, env, "")).verbosity;
  assert.equal(await verbosity({}, { EMAIL_DISPATCHER_QUIET: "1" }), -1);
  assert.equal(await verbosity({}, { EMAIL_DISPATCHER_VERBOSE: "2" }), 2);
  assert.equal(await verbosity({ verbose: 1 }, { EMAIL_DISPATCHER_QUIET: "true" }), 1);
  assert.equal(await verbosity({ quiet: true }, { EMAIL_DISPATCHER_VERBOSE: "2" }), -1);
  assert.equal(await verbosity({}, { EMAIL_DISPATCHER_QUIET: "false" }), 0);
  const both = { EMAIL_DISPATCHER_QUIET: "1", EMAIL_DISPATCHER_VERBOSE: "1" };
  await assert.rejects(
    verbosity({}, both),
    /EMAIL_DISPATCHER_QUIET and .*_VERBOSE cannot be used together/,
  );
});

Deno.test("A variable that the campaign file names is needed only if its setting is used", async () => {
  const sources = await sourcesOf({}, {}, 'id = "spring"\nsmtp = "smtp://${NOWHERE}@host"');
  assert.equal(sources.one("campaign")?.text, "spring");
  assert(hasRelay(sources));
  assert.throws(() => resolveRelays(sources), /The environment variable NOWHERE is not set/);
});

Deno.test("A missing secret, a mistaken variable, and a password without a user are refused with a hint at what was meant", async () => {
  const url = "smtp://ann@relay.test:587";
  const table: [env: Env, told: RegExp][] = [
    [{ SMTP_URL: "" }, /^SMTP_URL must not be empty: found ''\n {2}.*is the secret set\?/],
    [{ SMTP_URI: url }, /^Unknown environment variable SMTP_URI\n {2}Did you mean SMTP_URL\?/],
    [{ SMTP_URL: url, SMTP_PASS: "x" }, /variable SMTP_PASS\n {2}Did you mean SMTP_PASSWORD\?/],
    [{ SMTP_URL: url, SMTP_PASSWORD: "" }, /^SMTP_PASSWORD must not be empty/],
    [{ EMAIL_DISPATCHER_SMTP: url }, /EMAIL_DISPATCHER_SMTP\n {2}Did you mean SMTP_URL\?/],
    [{ EMAIL_DISPATCHER_SMTP_URL: url }, /Did you mean SMTP_URL\?/],
    [{ EMAIL_DISPATCHER_CONECTIONS: "" }, /Did you mean EMAIL_DISPATCHER_CONNECTIONS\?/],
    [{ EMAIL_DISPATCHER_WAIT: "no" }, /^Unknown environment variable EMAIL_DISPATCHER_WAIT\n/],
    [{ EMAIL_DISPATCHER_ZZZZZZ: "1" }, /EMAIL_DISPATCHER_CONNECTIONS for --connections\.$/],
    [
      { SMTP_URL: "smtp://relay.test:587", SMTP_PASSWORD: "geheim" },
      /^SMTP_PASSWORD is given without a user: .*\n {2}Did you mean smtp:\/\/USER@relay\.test:587\?/,
    ],
    [{ SMTP_URL: url, SMTP_PASSWORD: "x", DKIM_KEY: "" }, /^DKIM_KEY must not be empty/],
  ];
  for (const [env, told] of table) {
    const text = await fault({ smtp: undefined }, env);
    assert.match(text, told);
    assert.doesNotMatch(text, /geheim/);
  }
  assert.equal(await fault({}, { SMTP_PASSWORD: "x" }), "no error", "a trial needs no login");
});
