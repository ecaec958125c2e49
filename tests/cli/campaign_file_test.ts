import assert from "node:assert/strict";
import { readCampaignFile } from "../../src/cli/settings/campaign_file.ts";
import { InputError } from "../../src/model/input_error.ts";

const read = (text: string, env: Record<string, string> = {}) =>
  readCampaignFile("campaign.toml", text, (name) => env[name]);

function describe(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof InputError) return error.describe();
    throw error;
  }
  return "no error";
}

Deno.test("readCampaignFile() returns values as text, by dotted key", () => {
  const file = read([
    'id = "hello"',
    "connections = 5",
    'smtp = ["smtp://a", "smtp://b"]',
    "strict = true",
    "start_at = 2026-11-02T09:00:00Z",
    "until = 18:30:00",
    "[retry]",
    'for = "4h"',
    "wait = false",
  ].join("\n"));
  assert.deepEqual(file.values("id"), ["hello"]);
  assert.deepEqual(file.values("connections"), ["5"]);
  assert.deepEqual(file.values("smtp"), ["smtp://a", "smtp://b"]);
  assert.deepEqual(file.values("strict"), ["true"]);
  assert.deepEqual(file.values("start_at"), ["2026-11-02T09:00:00.000Z"]);
  assert.deepEqual(file.values("until"), ["18:30:00.000"]);
  assert.deepEqual(file.values("retry.for"), ["4h"]);
  assert.deepEqual(file.values("retry.wait"), ["false"]);
  assert.equal(file.values("template"), undefined);
});

Deno.test("readCampaignFile() accepts a byte order mark and CRLF, as Windows editors write them", () => {
  const file = read('\uFEFFid = "hello"\r\nconnections = 5\r\n');
  assert.deepEqual(file.values("id"), ["hello"]);
  assert.equal(file.place("connections").line, 2);
  assert.equal(
    describe('\uFEFFida = "x"'),
    "campaign.toml:1: Unknown key 'ida'\n  Did you mean 'id'?",
  );
});

Deno.test("readCampaignFile() points at the line of what is wrong", () => {
  const table: [text: string, error: string][] = [
    [
      'id = "a"\n\nconections = 5\n',
      "campaign.toml:3: Unknown key 'conections'\n  Did you mean 'connections'?",
    ],
    [
      '[retry]\nretries = 3\nfro = "4h"\n',
      "campaign.toml:3: Unknown key 'retry.fro'\n  Did you mean 'for'?",
    ],
    ['[rety]\nfor = "4h"\n', "campaign.toml:1: Unknown key 'rety'\n  Did you mean 'retry'?"],
    [
      "[retry]\nxyzzy = 1\n",
      "campaign.toml:2: Unknown key 'retry.xyzzy'\n  Known keys: retries, for, first, patience, in_doubt, wait.",
    ],
    ['retry.fro = "4h"', "campaign.toml:1: Unknown key 'retry.fro'\n  Did you mean 'for'?"],
    [
      '\nretry = { fro = "4h" }',
      "campaign.toml:2: Unknown key 'retry.fro'\n  Did you mean 'for'?",
    ],
    [
      '"conections" = 5',
      "campaign.toml:1: Unknown key 'conections'\n  Did you mean 'connections'?",
    ],
    [
      '# connections = 1\nconnections = "5"\n',
      "campaign.toml:2: 'connections' must be a whole number: found a string",
    ],
    ["connections = 5.5", "campaign.toml:1: 'connections' must be a whole number: found 5.5"],
    ["strict = 1", "campaign.toml:1: 'strict' must be true or false: found 1"],
    ["from = 5", "campaign.toml:1: 'from' must be a string in quotes: found 5"],
    [
      "smtp = [1]",
      "campaign.toml:1: 'smtp' must be a string in quotes, or a list of them: found Array",
    ],
    [
      "start_at = 5",
      "campaign.toml:1: 'start_at' must be a date with a time, or a string in quotes: found 5",
    ],
  ];
  for (const [text, error] of table) assert.equal(describe(text), error);
});

Deno.test("readCampaignFile() gives line and column of broken TOML", () => {
  assert.match(
    describe('id = "a"\nfrom = Acme\n'),
    /^campaign\.toml:2:\d+: Cannot read the campaign file as TOML: /,
  );
  assert.match(describe('id = "a"\nid = "b"\n'), /^campaign\.toml:2:\d+: /);
  assert.doesNotMatch(describe('id = "a\n'), /\n.*\n/, "one line, no picture");
});

Deno.test("readCampaignFile() treats names of Object.prototype as unknown keys", () => {
  assert.match(describe("__proto__ = 1"), /^campaign\.toml:1: Unknown key '__proto__'/);
  assert.match(describe("[constructor]\nx = 1"), /^campaign\.toml:1: Unknown key 'constructor'/);
});

Deno.test("readCampaignFile() fills in environment variables and refuses unset ones", () => {
  const file = read('smtp = "smtp://${SMTP_USER}@host"\nid = "$x{y}"', { SMTP_USER: "ann" });
  assert.deepEqual(file.values("smtp"), ["smtp://ann@host"]);
  assert.deepEqual(file.values("id"), ["$x{y}"]);
  assert(file.fromEnvironment("smtp"));
  const unset = read('\nfrom = "${SENDER}"\nid = "a"');
  assert.deepEqual(unset.values("id"), ["a"], "what is not used needs no variable");
  assert.throws(() => unset.values("from"), (error: InputError) => {
    assert.equal(
      error.describe(),
      "campaign.toml:2: The environment variable SENDER is not set\n" +
        "  Set it, or write the value in place of ${SENDER}.",
    );
    return true;
  });
});
