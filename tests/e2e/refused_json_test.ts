import assert from "node:assert/strict";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";
import { FILES, GIVEN } from "./files.ts";

const SEND = ["send", ...GIVEN, "--smtp", "smtp://127.0.0.1:9", "--json"];

interface Case {
  readonly what: string;
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What the object on stdout says; the other fields are as in `REFUSED`. */
  readonly says: Readonly<Record<string, unknown>>;
}

const REFUSED = {
  campaign: null,
  state: "refused",
  exit_code: 2,
  hint: null,
  retryable: false,
  file: null,
  line: null,
  column: null,
  running: null,
};

const CASES: readonly Case[] = [
  {
    what: "an unknown flag",
    args: [...SEND, "--conections", "5"],
    says: {
      kind: "usage",
      reason: "unknown option '--conections'",
      hint: "Did you mean --connections?",
    },
  },
  {
    what: "an unknown command",
    args: ["sned", "--json"],
    says: { kind: "usage", reason: "unknown command 'sned'", hint: "Did you mean send?" },
  },
  {
    what: "a wrong key of the campaign file",
    args: SEND,
    files: { "campaign.toml": 'id = "x"\nconections = 5\n' },
    says: {
      kind: "configuration",
      reason: "Unknown key 'conections'",
      hint: "Did you mean 'connections'?",
      file: "campaign.toml",
      line: 2,
    },
  },
  {
    what: "a fault in From, although the template is where it shows",
    args: SEND,
    files: { "campaign.toml": 'id = "x"\nfrom = "nobody"\n' },
    says: { campaign: "x", kind: "configuration", file: "campaign.toml", line: 2 },
  },
  {
    what: "a list that is not there",
    args: [...SEND, "--recipients", "gone.csv"],
    says: { campaign: "gone", kind: "list", file: "gone.csv" },
  },
  {
    what: "a template that cannot be compiled",
    args: SEND,
    files: { "email.txt": "From: a@example.com\nSubject: Hi\n\nHello {{ Nmae }}\n" },
    says: { campaign: "emails", kind: "template", file: "email.txt", line: 4, column: 10 },
  },
  {
    what: "an empty secret",
    args: ["send", ...GIVEN, "--json"],
    env: { SMTP_URL: "" },
    says: {
      kind: "secret",
      reason: "SMTP_URL must not be empty: found ''",
      hint: "Set its value (in CI: is the secret set?), or unset SMTP_URL.",
    },
  },
  {
    what: "a suppression list that is not there",
    args: [...SEND, "--suppression-list", "gone.db"],
    says: { campaign: "emails", kind: "suppression-list" },
  },
  {
    what: "a file that is no ledger",
    args: [...SEND, "--ledger", "emails.csv"],
    says: { campaign: "emails", kind: "ledger" },
  },
  {
    what: "status without a ledger",
    args: ["status", "--json", "--campaign", "spring"],
    says: {
      campaign: "spring",
      kind: "ledger",
      reason: "Cannot open the ledger because there is none: found no file 'spring.ledger'",
      hint: "The send command creates it. Choose another one with --campaign or --ledger.",
    },
  },
  {
    what: "check that cannot read its settings, with --json from the environment",
    args: ["check", ...GIVEN, "--offline"],
    files: { "campaign.toml": "id = \n" },
    env: { EMAIL_DISPATCHER_JSON: "1" },
    says: { kind: "configuration", file: "campaign.toml", line: 1 },
  },
];

for (const { what, args, files, env = {}, says } of CASES) {
  Deno.test(`Exit code 2 with --json has one object on stdout: ${what}`, async () => {
    await inFolder({ ...FILES, ...files }, async (cwd) => {
      const { code, stdout, stderr } = await runProgram(args, { cwd, env });
      assert.equal(code, 2, stderr);
      const given: Record<string, unknown> = JSON.parse(stdout);
      assert.deepEqual(Object.keys(given), [
        ...["campaign", "state", "exit_code", "kind", "reason", "hint", "retryable"],
        ...["file", "line", "column", "running"],
      ]);
      assert.equal(stdout.trimEnd().split("\n").length, 1);
      const expected = { ...REFUSED, ...pick(given, says), ...says };
      const { reason } = given;
      assert.deepEqual(given, expected);
      assert(stderr.includes(String(reason)), "people read the same reason on stderr");
    });
  });
}

/** Fields that a case leaves open because their words are another test's. */
function pick(given: Record<string, unknown>, says: Case["says"]): Record<string, unknown> {
  const open = ["reason", "hint", "column"].filter((name) => !(name in says));
  return Object.fromEntries(open.map((name) => [name, given[name]]));
}

Deno.test("Exit code 2 without --json has nothing on stdout, and an object has no password", async () => {
  await inFolder(FILES, async (cwd) => {
    const url = "smtp://ann:hunter2@exa mple.com";
    const plain = await runProgram(["send", ...GIVEN, "--smtp", url], { cwd });
    assert.deepEqual([plain.code, plain.stdout], [2, ""]);
    const json = await runProgram(["send", ...GIVEN, "--smtp", url, "--json", url], { cwd });
    assert.equal(JSON.parse(json.stdout).state, "refused");
    assert.doesNotMatch(plain.stderr + json.stdout + json.stderr, /hunter2/);
  });
});
