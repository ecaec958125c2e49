import assert from "node:assert/strict";
import { join } from "node:path";
import type { Flags } from "../../src/cli/settings/sources.ts";
import { inFolder } from "../support/folder.ts";
import { type Env, fault, NEEDED, resolve } from "../support/settings.ts";

Deno.test("resolveRelays() takes the relay from --smtp, then SMTP_URL, then the campaign file", async () => {
  const toml = 'smtp = ["smtp://c.example.com", "smtp://d.example.com:2525"]';
  const env = { SMTP_URL: "smtp://b.example.com:25" };
  const names = async (flags: Flags, env: Env) =>
    (await resolve({ ...NEEDED, smtp: undefined, ...flags }, env, toml)).options.relays
      .map((relay) => relay.host);
  assert.deepEqual(await names({}, {}), ["c.example.com", "d.example.com"]);
  assert.deepEqual(await names({}, env), ["b.example.com"]);
  assert.deepEqual(await names({ smtp: ["smtp://a.example.com"] }, env), ["a.example.com"]);
});

Deno.test("resolveRelays() names three ways to give a relay, and the sandbox", async () => {
  const text = await fault({ smtp: undefined });
  assert.match(text, /^No SMTP server is given\n/);
  for (const way of ["--smtp smtp://", "SMTP_URL=", 'smtp = "', "--smtp sandbox:"]) {
    assert(text.includes(way), way);
  }
});

Deno.test("A password is taken from the environment or a file, with a warning if others can see it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "password");
    await Deno.writeTextFile(path, "geheim\n", { mode: 0o600 });
    const smtp = ["smtp://ann@mx.example.com:587"];
    const reveal = async (flags: Flags, env: Env, toml = "") => {
      const { options, warnings } = await resolve({ ...NEEDED, ...flags }, env, toml);
      assert(!JSON.stringify([options, warnings]).includes("geheim"), "no secret in the options");
      assert(!Deno.inspect(options, { depth: 9 }).includes("geheim"), "nor in what is inspected");
      return [options.relays[0]?.auth?.password.reveal(), warnings.length];
    };
    const open = "smtp://ann:geheim@mx.example.com:587";
    assert.deepEqual(await reveal({ smtp }, { SMTP_PASSWORD: "geheim" }), ["geheim", 0]);
    assert.deepEqual(await reveal({ smtp }, { SMTP_PASSWORD_FILE: path }), ["geheim", 0]);
    assert.deepEqual(await reveal({ smtp: undefined }, { SMTP_URL: open }), ["geheim", 0]);
    assert.deepEqual(await reveal({ smtp: [open, open] }, {}), ["geheim", 1]);
    const toml = `smtp = "${open}"`;
    assert.deepEqual(await reveal({ smtp: undefined }, {}, toml), ["geheim", 1]);
    const filled = 'smtp = "smtp://ann:${PW}@mx.example.com:587"';
    assert.deepEqual(await reveal({ smtp: undefined }, { PW: "geheim" }, filled), ["geheim", 0]);
    if (Deno.build.os !== "windows") {
      await Deno.chmod(path, 0o644);
      assert.deepEqual(await reveal({ smtp }, { SMTP_PASSWORD_FILE: path }), ["geheim", 1]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("A user without a password and an unreadable password file are refused", async () => {
  const smtp = ["smtp://ann@mx.example.com:587"];
  assert.match(await fault({ smtp }), /password/i);
  assert.match(
    await fault({ smtp }, { SMTP_PASSWORD_FILE: "/nowhere/password" }),
    /^\/nowhere\/password: Cannot read the password file: no such file/,
  );
  await inFolder({ "empty": "", "blank": "\r\n" }, async (folder) => {
    for (const name of ["empty", "blank"]) {
      const path = `${folder}/${name}`;
      const message = await fault({ smtp }, { SMTP_PASSWORD_FILE: path });
      assert.equal(message.split("\n")[0], `${path}: The password file is empty`);
    }
  });
});

Deno.test("resolveRelays() refuses the sandbox beside a real relay, because its share would reach nobody", async () => {
  const smtp = ["smtp://relay.test:25?tls=off", "sandbox:"];
  const message = await fault({ smtp });
  assert.match(
    message,
    /^Cannot combine sandbox: with another relay, because .*'relay\.test:25'\n/,
  );
});
