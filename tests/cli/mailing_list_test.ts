import assert from "node:assert/strict";
import { join } from "node:path";
import { makeToken } from "../../src/compose/unsubscribe/unsubscribe_token.ts";
import { inFolder } from "../support/folder.ts";
import { fault, NEEDED, resolve } from "../support/settings.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const URL = "https://news.example";

Deno.test("resolveSend() takes mailing list settings from flags and from the campaign file", async () => {
  const flags = {
    unsubscribeUrl: "https://x.example/?e={{ Email }}",
    unsubscribeMailto: "leave@acme.example",
    listId: "news.example",
    feedbackId: "a:b",
  };
  const expected = { ...flags, unsubscribeSecret: undefined };
  assert.deepEqual((await resolve({ ...NEEDED, ...flags })).options.mailingList, expected);
  const toml = `list_id = "news.example"\nfeedback_id = "a:b"\n[unsubscribe]\n` +
    `url = "https://x.example/?e={{ Email }}"\nmailto = "leave@acme.example"`;
  assert.deepEqual((await resolve(NEEDED, {}, toml)).options.mailingList, expected);
});

Deno.test("resolveSend() prefers the link secret in the environment to one in a file, and reads it only for links it makes", async () => {
  await inFolder(
    { "a.secret": `${SECRET}\n`, "b.secret": `${SECRET.toUpperCase()}\n` },
    async (folder) => {
      const [a, b] = [join(folder, "a.secret"), join(folder, "b.secret")];
      for (const path of [a, b]) await Deno.chmod(path, 0o600);
      const tokenOf = async (flags: object, env: Record<string, string>, toml?: string) => {
        const { options, warnings } = await resolve({ ...NEEDED, ...flags }, env, toml);
        assert.deepEqual(warnings, []);
        const secret = options.mailingList.unsubscribeSecret;
        return secret && makeToken(secret, { campaign: "a", key: "b" });
      };
      const flags = { unsubscribeUrl: URL };
      const first = await tokenOf(flags, { UNSUBSCRIBE_SECRET: SECRET });
      assert.ok(first !== undefined);
      assert.equal(await tokenOf(flags, { UNSUBSCRIBE_SECRET_FILE: a }), first);
      assert.equal(await tokenOf({ ...flags, unsubscribeSecretFile: a }, {}), first);
      assert.equal(
        await tokenOf({}, {}, `[unsubscribe]\nurl = "${URL}"\nsecret_file = "${a}"`),
        first,
      );
      assert.notEqual(await tokenOf(flags, { UNSUBSCRIBE_SECRET_FILE: b }), first);
      assert.equal(
        await tokenOf(flags, { UNSUBSCRIBE_SECRET: SECRET, UNSUBSCRIBE_SECRET_FILE: b }),
        first,
      );
      assert.equal(
        await tokenOf({ unsubscribeUrl: "https://x/{{ Email }}" }, { UNSUBSCRIBE_SECRET: "short" }),
        undefined,
      );
    },
  );
});

Deno.test("resolveSend() refuses a secret that is short or missing without repeating it", async () => {
  const short = await fault({ unsubscribeUrl: URL }, { UNSUBSCRIBE_SECRET: "geheim" });
  assert.match(short, /^UNSUBSCRIBE_SECRET must be at least 32 bytes: found 6/);
  assert.doesNotMatch(short, /geheim/);
  const missing = await fault({ unsubscribeUrl: URL }, { UNSUBSCRIBE_SECRET_FILE: "none.secret" });
  assert.match(missing, /^none\.secret: Cannot read the unsubscribe secret: no such file/);
});
