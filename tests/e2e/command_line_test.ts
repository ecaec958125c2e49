import assert from "node:assert/strict";
import { dirname, join, resolve } from "node:path";
import PostalMime from "postal-mime";

const LIST =
  "Name,Email\nAnn,ann@example.com\nZoë,zoe@example.com\nBob,bob@\nAnn,ANN@example.com\n";
const TEMPLATE = "From: Acme <news@example.com>\nSubject: Hello, {{ Name }}\n\nDear {{ Name }}!\n";
const FILES = { "emails.csv": LIST, "email.txt": TEMPLATE };
const GIVEN = ["--recipients", "emails.csv", "--template", "email.txt"];
const COMMANDS = ["send", "check", "preview", "sandbox"];

/** Runs the program from its sources, in `cwd`. */
async function runProgram(
  args: readonly string[],
  { cwd, stdin = "", deaf = false }: {
    readonly cwd?: string;
    readonly stdin?: string;
    /** Nobody reads stdout and stderr: both pipes are closed at once. */
    readonly deaf?: boolean;
  } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const main = join(import.meta.dirname!, "..", "..", "src", "main.ts");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", main, ...args],
    ...(cwd !== undefined && { cwd }),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (deaf) {
    await Promise.all([child.stdout.cancel(), child.stderr.cancel(), child.stdin.close()]);
    return { code: (await child.status).code, stdout: "", stderr: "" };
  }
  const output = child.output();
  await ReadableStream.from([new TextEncoder().encode(stdin)]).pipeTo(child.stdin).catch(() => {});
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A folder with `files` for the time of `action`. */
async function inFolder(
  files: Readonly<Record<string, string>>,
  action: (cwd: string) => Promise<void>,
): Promise<void> {
  const cwd = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(cwd, name), text);
    }
    await action(cwd);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

Deno.test("email-dispatcher without a command shows every command and four examples on stderr; exit 2", async () => {
  const { code, stdout, stderr } = await runProgram([]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  for (const command of COMMANDS) assert.match(stderr, new RegExp(`^  ${command}\\b`, "m"));
  assert.equal(stderr.split("Examples:")[1]?.match(/^ {2}email-dispatcher /gm)?.length, 4);
});

Deno.test("--help is data: on stdout, exit 0, with examples for every command", async () => {
  for (const args of [[], ...COMMANDS.map((command) => [command])]) {
    const { code, stdout, stderr } = await runProgram([...args, "--help"]);
    assert.equal(code, 0, args.join());
    assert.equal(stderr, "");
    assert.match(stdout, /^Usage: email-dispatcher/);
    const examples = stdout.split("Examples:")[1]?.match(/^ {2}email-dispatcher /gm)?.length ?? 0;
    assert(examples >= 2 && examples <= 4, `${args.join()}: ${examples} examples`);
  }
});

Deno.test("send --help names its flags, the environment and the exit codes", async () => {
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

Deno.test("--version prints the version alone", async () => {
  const { code, stdout } = await runProgram(["--version"]);
  assert.equal(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

Deno.test("What is mistyped is refused with a suggestion: command, flag, key; exit 2, nothing on stdout", async () => {
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
        /^campaign\.toml:2: Unknown key 'conections'\n {2}did you mean 'connections'\?\n$/,
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

Deno.test("send with settings that cannot be used leaves nothing behind; exit 2", async () => {
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

Deno.test("check names every row that will not be mailed and sends nothing; exit 1", async () => {
  await inFolder(FILES, async (cwd) => {
    const { code, stdout, stderr } = await runProgram(["check", ...GIVEN], { cwd });
    assert.equal(code, 1, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^emails\.csv:4: .*'bob@'$/m);
    assert.match(stderr, /^emails\.csv:5: duplicate of line 2$/m);
    assert.match(stderr, /2 can be mailed, 1 invalid, 1 duplicate/);
  });
});

Deno.test("check --json puts one object on stdout", async () => {
  await inFolder(FILES, async (cwd) => {
    const { code, stdout } = await runProgram(["check", ...GIVEN, "--json", "--quiet"], { cwd });
    assert.equal(code, 1);
    const result = JSON.parse(stdout);
    assert.equal(stdout.trimEnd().split("\n").length, 1);
    assert.equal(result.recipients, 2);
    assert.equal(result.exit_code, 1);
    assert.deepEqual(
      result.findings.map(({ kind, line }: { kind: string; line: number }) => [kind, line]),
      [["invalid", 4], ["duplicate", 5]],
    );
  });
});

Deno.test("check finds a variable that the list lacks; exit 2", async () => {
  const template = TEMPLATE.replace("Dear {{ Name }}", "Dear {{ Nmae }}");
  await inFolder({ ...FILES, "email.txt": template }, async (cwd) => {
    const { code, stdout, stderr } = await runProgram(["check", ...GIVEN, "--json"], { cwd });
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^email\.txt:4:\d+: .*Nmae/);
  });
});

Deno.test("preview prints the bytes of one mail", async () => {
  await inFolder(FILES, async (cwd) => {
    const mailOf = async (...args: string[]) => {
      const { code, stdout, stderr } = await runProgram(["preview", ...GIVEN, ...args], { cwd });
      assert.equal(code, 0, stderr);
      assert(!/(^|[^\r])\n/.test(stdout), "CRLF line ends only");
      return await PostalMime.parse(stdout);
    };
    assert.equal((await mailOf()).subject, "Hello, Ann");
    assert.equal((await mailOf("--row", "2", "--output", "-")).subject, "Hello, Zoë");
    assert.equal((await mailOf("--email", "ZOE@Example.com")).text?.trim(), "Dear Zoë!");
  });
});

Deno.test("preview --output writes .eml files and names them", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["preview", ...GIVEN, "--row", "1", "--row", "2", "--output", "out/deep"];
    const { code, stdout, stderr } = await runProgram(args, { cwd });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    const names = (await Array.fromAsync(Deno.readDir(join(cwd, "out", "deep")))).map(({ name }) =>
      name
    );
    assert.deepEqual(names.sort(), ["000002-ann@example.com.eml", "000003-zoe@example.com.eml"]);
    for (const name of names) assert(stderr.includes(name));
  });
});

Deno.test("preview says why a row makes no mail, and which row is not there", async () => {
  await inFolder(FILES, async (cwd) => {
    const bad = await runProgram(["preview", ...GIVEN, "--row", "3"], { cwd });
    assert.equal(bad.code, 1);
    assert.equal(bad.stdout, "");
    assert.match(bad.stderr, /^emails\.csv:4: No mail: .*'bob@'/);
    for (const choice of [["--row", "9"], ["--email", "nobody@example.com"]]) {
      const gone = await runProgram(["preview", ...GIVEN, ...choice], { cwd });
      assert.equal(gone.code, 2);
      assert.match(
        gone.stderr,
        /^emails\.csv: The list has no (row 9|recipient nobody@example\.com)/,
      );
    }
  });
});

Deno.test("preview and check read the list from standard input", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["--recipients", "-", "--template", "email.txt"];
    const preview = await runProgram(["preview", ...args], { cwd, stdin: LIST });
    assert.match(preview.stdout, /Dear Ann!/);
    const check = await runProgram(["check", ...args], { cwd, stdin: LIST });
    assert.equal(check.code, 1, check.stderr);
  });
});

Deno.test("send --json ends with one object on stdout, and goes on where it stopped", async () => {
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
      in_doubt: 0,
      deferred: 0,
      queued: 0,
      exit_code: 1,
    });
    assert.match(first.stderr, /nothing leaves this machine/);
    assert.equal((await Array.fromAsync(Deno.readDir(join(cwd, "outbox")))).length, 2);
    const again = await runProgram(["send", "--json", "--quiet"], { cwd });
    assert.equal(again.code, 1);
    assert.equal(JSON.parse(again.stdout).per_second, 0);
    assert.equal((await Array.fromAsync(Deno.readDir(join(cwd, "outbox")))).length, 2);
  });
});

Deno.test("send keeps its verdict when nobody reads what it says", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["send", ...GIVEN, "--smtp", "sandbox:", "--json"];
    const { code } = await runProgram(args, { cwd, deaf: true });
    assert.equal(code, 1);
    assert.equal((await Array.fromAsync(Deno.readDir(join(cwd, "outbox")))).length, 2);
  });
});

Deno.test("--help loads nothing but the flags' parser", async () => {
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
