import assert from "node:assert/strict";
import { join } from "node:path";
import { resolveSend } from "../../src/cli/options/send_options.ts";
import type { DkimSettings } from "../../src/compose/dkim/dkim_settings.ts";
import { ed25519Pem, rsaPem } from "../compose/dkim_support.ts";
import { inFolder } from "../support/folder.ts";
import { fault, NEEDED, NOW, resolve, sourcesOf } from "../support/settings.ts";

const RSA = rsaPem();
const ED25519 = ed25519Pem();
const FLAGS = { ...NEEDED, dkimDomain: "Example.com", dkimSelector: ["s1"] };

/** Runs `action` with key files of these texts, which nobody else can read; `path` returns a file's path. */
async function withKeys(
  texts: Readonly<Record<string, string>>,
  action: (path: (name: string) => string) => Promise<void>,
): Promise<void> {
  await inFolder(texts, async (folder) => {
    for (const name of Object.keys(texts)) await Deno.chmod(join(folder, name), 0o600);
    await action((name) => join(folder, name));
  });
}

function summary(dkim: DkimSettings | undefined): unknown {
  return dkim &&
    [dkim.domain, ...dkim.keys.map(({ selector, algorithm }) => [selector, algorithm])];
}

Deno.test("resolveSend() leaves DKIM off if none of its settings is given", async () => {
  const { options, warnings } = await resolve(NEEDED);
  assert.equal(options.dkim, undefined);
  assert.equal(options.threads, undefined);
  assert.deepEqual(warnings, []);
});

Deno.test("resolveSend() takes DKIM from flags, one selector for each key", async () => {
  await withKeys({ "rsa.pem": RSA, "ed.pem": ED25519 }, async (path) => {
    const one = await resolve({ ...FLAGS, dkimKey: [path("rsa.pem")], threads: "3" });
    assert.deepEqual(summary(one.options.dkim), ["example.com", ["s1", "rsa-sha256"]]);
    assert.equal(one.options.threads, 3);
    assert.deepEqual(one.warnings, []);
    const two = await resolve({
      ...FLAGS,
      dkimSelector: ["s1", "s2"],
      dkimKey: [path("rsa.pem"), path("ed.pem")],
    });
    assert.deepEqual(summary(two.options.dkim), [
      "example.com",
      ["s1", "rsa-sha256"],
      ["s2", "ed25519-sha256"],
    ]);
  });
});

Deno.test("resolveSend() takes DKIM from the campaign file", async () => {
  await withKeys({ "rsa.pem": RSA, "ed.pem": ED25519 }, async (path) => {
    const toml = `threads = 2\n[dkim]\ndomain = "example.com"\nselector = ["s1", "s2"]\n` +
      `key = ["${path("ed.pem")}", "${path("rsa.pem")}"]`;
    const { options } = await resolve(NEEDED, {}, toml);
    assert.deepEqual(summary(options.dkim), [
      "example.com",
      ["s1", "ed25519-sha256"],
      ["s2", "rsa-sha256"],
    ]);
    assert.equal(options.threads, 2);
  });
});

Deno.test("resolveSend() looks for a key of the campaign file beside it", async () => {
  const toml = `[dkim]\ndomain = "example.com"\nselector = "s1"\nkey = "rsa.pem"`;
  await withKeys({ "rsa.pem": RSA, "campaign.toml": toml }, async (path) => {
    const sources = await sourcesOf({ ...NEEDED, config: path("campaign.toml") });
    assert.equal(resolveSend(sources, NOW).options.dkim?.keys.length, 1);
  });
  assert.match(await fault({}, {}, toml), /rsa\.pem: Cannot read the DKIM key: no such file/);
});

Deno.test("DKIM_KEY holds the key itself, and takes precedence over the campaign file but not over flags", async () => {
  await withKeys({ "ed.pem": ED25519 }, async (path) => {
    const toml = `[dkim]\ndomain = "example.com"\nselector = "s1"\nkey = "none.pem"`;
    const file = await resolve(NEEDED, { DKIM_KEY: RSA }, toml);
    assert.deepEqual(summary(file.options.dkim), ["example.com", ["s1", "rsa-sha256"]]);
    const flag = await resolve({ ...FLAGS, dkimKey: [path("ed.pem")] }, { DKIM_KEY: RSA });
    assert.deepEqual(summary(flag.options.dkim), ["example.com", ["s1", "ed25519-sha256"]]);
  });
  const oneLine = { DKIM_KEY: RSA.replaceAll("\n", "\\n") };
  assert.equal((await resolve(FLAGS, oneLine)).options.dkim?.keys.length, 1);
  const both = { ...FLAGS, dkimSelector: ["s1", "s2"] };
  assert.equal((await resolve(both, { DKIM_KEY: RSA + ED25519 })).options.dkim?.keys.length, 2);
});

Deno.test("resolveSend() refuses incomplete DKIM settings, and what is no domain or selector", async () => {
  const env = { DKIM_KEY: ED25519 };
  assert.match(await fault({ dkimDomain: "a.example" }), /^DKIM lacks its selector and key: /);
  assert.match(await fault({}, env), /^DKIM lacks its domain and selector: .*\n.*--dkim-domain/);
  assert.match(
    await fault({ dkimDomain: "a", dkimSelector: ["b"] }, env),
    /--dkim-domain must be a domain/,
  );
  assert.match(
    await fault({ dkimDomain: "a.example", dkimSelector: ["b c"] }, env),
    /--dkim-selector must be a selector/,
  );
  const toml = `[dkim]\ndomain = "a.example"\nselectors = "b"`;
  assert.match(
    await fault({}, env, toml),
    /^campaign\.toml:3: Unknown key 'dkim\.selectors'\n.*'selector'/,
  );
});

Deno.test("resolveSend() names the file of a key that cannot be used, and shows no key", async () => {
  const body = RSA.replace(/-----.*-----|\n/g, "");
  const texts = { "weak.pem": rsaPem(512), "none.pem": "hello" };
  await withKeys(texts, async (path) => {
    const given = (dkimKey: string) => fault({ ...FLAGS, dkimKey: [dkimKey] });
    assert.match(
      await given(path("weak.pem")),
      /weak\.pem: The DKIM key in .*weak\.pem has 512 bits/,
    );
    assert.match(await given(path("none.pem")), /none\.pem: .* is not in PEM format/);
    assert.match(
      await given(path("absent.pem")),
      /absent\.pem: Cannot read the DKIM key: no such file/,
    );
    for (const text of [RSA, body, ED25519, RSA.replaceAll("\n", "\\n"), body.slice(0, 64)]) {
      const said = await given(text);
      assert.match(said, /^--dkim-key must be the name of a file: found what looks like a key\n/);
      assert.ok(!said.includes(body.slice(0, 20)), said);
    }
  });
  const said = await fault(FLAGS, { DKIM_KEY: body });
  assert.match(said, /^The DKIM key in DKIM_KEY is not in PEM format/);
  assert.ok(!said.includes(body.slice(0, 20)));
});

Deno.test("resolveSend() warns of a short key, and of one that everybody can read", async () => {
  await withKeys({ "short.pem": rsaPem(1024) }, async (path) => {
    const file = path("short.pem");
    await Deno.chmod(file, 0o644);
    const { warnings } = await resolve({ ...FLAGS, dkimKey: [file] });
    assert.equal(warnings.length, 2);
    assert.equal(warnings[0], `The DKIM key ${file} can be read by everybody; chmod 600 ${file}`);
    assert.match(warnings[1]!, /has 1024 bits, and RSA keys should have at least 2048/);
  });
});
