import assert from "node:assert/strict";
import { dirname, join, resolve } from "node:path";
import { inFolder } from "../support/folder.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { FILES, GIVEN } from "./files.ts";

const COMMANDS = [
  "send",
  "check",
  "preview",
  "status",
  "stop",
  "settle",
  "export",
  "bounces",
  "unsubscribe",
  "sandbox",
];

Deno.test("email-dispatcher without a command shows every command and four examples on stderr, and exits with 2", async () => {
  const { code, stdout, stderr } = await runProgram([]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  for (const command of COMMANDS) assert.match(stderr, new RegExp(`^  ${command}\\b`, "m"));
  assert.equal(stderr.split("Examples:")[1]?.match(/^ {2}email-dispatcher /gm)?.length, 4);
});

Deno.test("--help prints to stdout, with examples for every command, and exits with 0", async () => {
  for (const args of [[], ...COMMANDS.map((command) => [command])]) {
    const { code, stdout, stderr } = await runProgram([...args, "--help"]);
    assert.equal(code, 0, args.join());
    assert.equal(stderr, "");
    assert.match(stdout, /^Usage: email-dispatcher/);
    const examples = stdout.split("Examples:")[1]?.match(/^ {2}email-dispatcher /gm)?.length ?? 0;
    assert(examples >= 2 && examples <= 4, `${args.join()}: ${examples} examples`);
  }
});

Deno.test("send --help lists its flags, environment variables and exit codes", async () => {
  const { stdout } = await runProgram(["send", "--help"]);
  const flags = "config campaign recipients template text from reply-to smtp connections " +
    "max-per-connection rate ledger retries retry-for no-wait in-doubt limit offset only shard " +
    "start-at until encoding delimiter email-column suppress window dry-run strict yes json outbox " +
    "log log-format progress quiet verbose";
  for (const flag of flags.split(" ")) assert.match(stdout, new RegExp(`--${flag}\\b`));
  for (const name of ["SMTP_URL", "SMTP_PASSWORD", "SMTP_PASSWORD_FILE", "EMAIL_DISPATCHER_"]) {
    assert(stdout.includes(name), name);
  }
  for (const code of [0, 1, 2, 3]) assert.match(stdout, new RegExp(`^ {2}${code} {2}\\S`, "m"));
});

Deno.test("--version prints only the version", async () => {
  const { code, stdout } = await runProgram(["--version"]);
  assert.equal(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

Deno.test("A mistyped command, flag or key is rejected with a suggestion, exit code 2 and nothing on stdout", async () => {
  await inFolder({ ...FILES, "campaign.toml": 'id = "x"\nconections = 5\n' }, async (cwd) => {
    const table: [args: string[], stderr: RegExp][] = [
      [["sned"], /unknown command 'sned'\n\(Did you mean send\?\)/],
      [
        ["send", "--conections", "5"],
        /unknown option '--conections'\n\(Did you mean --connections\?\)/,
      ],
      [["send", "stray"], /too many arguments/],
      [["send", "--smtp"], /option '--smtp <url>' argument missing/],
      [
        ["send"],
        /^campaign\.toml:2: Unknown key 'conections'\n {2}Did you mean 'connections'\?\n$/,
      ],
      [["check"], /^campaign\.toml:2: /],
      [["preview"], /^campaign\.toml:2: /],
      [["sandbox"], /^campaign\.toml:2: /],
    ];
    for (const [args, expected] of table) {
      const { code, stdout, stderr } = await runProgram(args, { cwd });
      assert.equal(code, 2, args.join(" "));
      assert.equal(stdout, "", args.join(" "));
      assert.match(stderr, expected);
    }
  });
});

Deno.test("A password in the wrong place is not echoed", async () => {
  await inFolder(FILES, async (cwd) => {
    const url = "smtp://ann:geheim@mx.example.com";
    const table = [[url], ["send", url], ["send", `--smpt=${url}`], ["check", "--recipients", url]];
    for (const args of table) {
      const { code, stderr } = await runProgram([...args, "--template", "email.txt"], { cwd });
      assert.equal(code, 2, stderr);
      assert.doesNotMatch(stderr, /geheim/);
    }
  });
});

Deno.test("send exits with 2 and leaves nothing behind if a setting cannot be used", async () => {
  await inFolder(FILES, async (cwd) => {
    const smtp = ["--smtp", "smtp://127.0.0.1:1?tls=off"];
    const table: [args: string[], stderr: RegExp][] = [
      [[], /^error: No SMTP server is given\n/],
      [[...smtp, "--connections", "0"], /^error: --connections must be a whole number from 1 to/],
      [[...smtp, "--connections", "-1"], /--connections must be .*found '-1'/],
      [[...smtp, "--rate", "10/fortnight"], /^error: Cannot use --rate .*\n.*14\/s/],
      [["--smtp", "smtp://127.0.0.1:70000"], /70000/],
      [[...smtp, "--config", "gone.toml"], /^gone\.toml: Cannot read the campaign file: no such/],
      [[...smtp, "--ledger", "postgres://db/x"], /^error: --ledger must be a file/],
      [[...smtp, "--campaign", "\x1b[31m/"], /found '\\x1b\[31m\/'/],
    ];
    for (const [args, expected] of table) {
      const { code, stdout, stderr } = await runProgram(["send", ...GIVEN, ...args], { cwd });
      assert.match(stderr, expected);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
    }
    const left = (await Array.fromAsync(Deno.readDir(cwd))).map((entry) => entry.name).sort();
    assert.deepEqual(left, Object.keys(FILES).sort());
  });
});

Deno.test("send --json ends with one object on stdout, and continues where it stopped", async () => {
  const toml =
    'id = "spring"\nrecipients = "emails.csv"\ntemplate = "email.txt"\nsmtp = "sandbox:"\n';
  await inFolder({ ...FILES, "campaign.toml": toml }, async (cwd) => {
    const first = await runProgram(["send", "--json"], { cwd });
    assert.equal(first.code, 1, first.stderr);
    const { duration_s, per_second, ...result } = JSON.parse(first.stdout);
    assert(duration_s > 0 && per_second > 0);
    assert.deepEqual(result, {
      campaign: "spring",
      state: "done",
      total: 4,
      sent: 2,
      failed: 0,
      invalid: 1,
      skipped: 1,
      suppressed: 0,
      in_doubt: 0,
      deferred: 0,
      queued: 0,
      not_chosen: 0,
      exit_code: 1,
      relay: "sandbox:",
      reason: null,
      hint: null,
      kind: null,
      retryable: null,
    });
    assert.match(first.stderr, /nothing leaves this machine/);
    assert.equal((await Array.fromAsync(Deno.readDir(join(cwd, "outbox")))).length, 2);
    const again = await runProgram(["send", "--json", "--quiet"], { cwd });
    assert.equal(again.code, 1);
    assert.equal(JSON.parse(again.stdout).per_second, 0);
    assert.equal((await Array.fromAsync(Deno.readDir(join(cwd, "outbox")))).length, 2);
  });
});

Deno.test("send keeps its exit code when nobody reads its output", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["send", ...GIVEN, "--smtp", "sandbox:", "--json"];
    const { code } = await runProgram(args, { cwd, deaf: true });
    assert.equal(code, 1);
    assert.equal((await Array.fromAsync(Deno.readDir(join(cwd, "outbox")))).length, 2);
  });
});

Deno.test("send takes settings from the environment, and reveals no secrets", async () => {
  await inFolder(FILES, async (cwd) => {
    const env = {
      EMAIL_DISPATCHER_RECIPIENTS: "emails.csv",
      EMAIL_DISPATCHER_TEMPLATE: "email.txt",
      EMAIL_DISPATCHER_DRY_RUN: "1",
      SMTP_URL: "smtp://ann@mx.example.com:587",
      SMTP_PASSWORD: "geheim",
    };
    const quiet = await runProgram(["send", "-vv", "--json"], { cwd, env });
    assert.equal(quiet.code, 0, quiet.stderr);
    assert.equal(JSON.parse(quiet.stdout).state, "planned");
    assert.match(quiet.stderr, /mx\.example\.com:587/);
    assert.doesNotMatch(quiet.stderr, /warning/);
    const url = ["--smtp", "smtp://ann:geheim@mx.example.com:587"];
    const warned = await runProgram(["send", ...url, "-vv", "--json"], { cwd, env });
    assert.match(warned.stderr, /warning: The password in --smtp can be read by others/);
    const said = quiet.stdout + quiet.stderr + warned.stdout + warned.stderr;
    assert.doesNotMatch(said, /geheim/);
    assert(!said.includes(btoa("geheim")));
  });
});

Deno.test("sandbox says where it listens, and exits with 0 on a signal", async () => {
  await inFolder({}, async (cwd) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const sandbox = startProgram(["sandbox", "--listen", "127.0.0.1:0"], { cwd });
      await sandbox.seen(/smtp:\/\/127\.0\.0\.1:[1-9]\d*\?tls=off.*nothing leaves the machine/);
      sandbox.kill(signal);
      const { code, stdout, stderr } = await sandbox.ended;
      assert.equal(code, 0, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /0 mails received/);
    }
  });
});

Deno.test("--help loads no package but the parser of flags", async () => {
  const source = resolve(import.meta.dirname!, "..", "..", "src", "main.ts");
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path) || path.endsWith(".json")) return;
    seen.add(path);
    const text = await Deno.readTextFile(path);
    for (const [, clause, target] of text.matchAll(/^(?:import|export) ([^;]*?)from "([^"]+)"/gm)) {
      if (clause!.startsWith("type ")) continue;
      if (target!.startsWith(".")) await visit(resolve(dirname(path), target!));
      else packages.add(target!);
    }
  };
  await visit(source);
  assert(seen.size > 5, "the walk has found the commands");
  assert.deepEqual([...packages], ["@commander-js/extra-typings"]);
});
