import assert from "node:assert/strict";
import { join } from "node:path";
import { DnsServer, type Zone } from "../support/dns_server.ts";
import { inFolder } from "../support/folder.ts";
import { output } from "../support/process.ts";
import { runProgram } from "../support/program.ts";

const LIST =
  "Name,Email\nAnn,ann@example.com\nZoë,zoe@example.com\nBob,bob@\nAnn,ANN@example.com\n";
const TEMPLATE = "From: Acme <news@acme.test>\nSubject: Hello, {{ Name }}\n\nDear {{ Name }}!\n";
const FILES = { "emails.csv": LIST, "email.txt": TEMPLATE };
const GIVEN = ["check", "--recipients", "emails.csv", "--template", "email.txt"];
const OFFLINE = [...GIVEN, "--offline"];

interface Found {
  readonly level: string;
  readonly check: string;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  readonly line?: number;
}

Deno.test("check names every row that will not be mailed, and exits with 1", async () => {
  await inFolder(FILES, async (cwd) => {
    const { code, stdout, stderr } = await runProgram(OFFLINE, { cwd });
    assert.equal(code, 1, stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /^warning +list\.invalid\n +emails\.csv:4: .*'bob@'$/m);
    assert.match(stdout, /^ +emails\.csv:5: ANN@example\.com is a duplicate of line 2$/m);
    assert.match(stdout, /^Result +2 can be mailed, 1 invalid, 1 duplicate$/m);
    assert.match(stdout, /^Found 1 warning, \d notes$/m);
  });
});

Deno.test("check --json puts one object on stdout", async () => {
  await inFolder(FILES, async (cwd) => {
    const { code, stdout, stderr } = await runProgram([...OFFLINE, "--json", "--quiet"], { cwd });
    assert.equal(code, 1);
    assert.equal(stderr, "");
    assert.equal(stdout.trimEnd().split("\n").length, 1);
    const result = JSON.parse(stdout);
    assert.equal(result.recipients, 2);
    assert.equal(result.exit_code, 1);
    const rows = result.findings.filter(({ check }: Found) => check.startsWith("list."));
    assert.deepEqual(
      rows.map(({ level, check, line }: Found) => [level, check, line]),
      [["warning", "list.invalid", 4], ["note", "list.duplicate", 5]],
    );
    for (const { what, why, fix } of result.findings) {
      assert(what !== "" && why !== "" && fix !== "");
    }
  });
});

Deno.test("check shows no control characters from a list, as text or as JSON", async () => {
  const evil = "b\u009b2Jb\u202eo\u007f";
  const list = `Name,Email\nAnn,ann@example.com\nBob,${evil}\n`;
  await inFolder({ ...FILES, "emails.csv": list }, async (cwd) => {
    const { stdout, stderr } = await runProgram([...OFFLINE, "--json"], { cwd });
    // deno-lint-ignore no-control-regex -- these are what is looked for
    const raw = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/;
    assert.doesNotMatch(stdout, raw);
    assert.doesNotMatch(stderr, raw);
    assert(JSON.parse(stdout).findings.length > 0);
  });
});

Deno.test("check reports a variable that the list lacks, as text and as JSON, and exits with 2", async () => {
  const template = TEMPLATE.replace("Dear {{ Name }}", "Dear {{ Nmae }}");
  await inFolder({ ...FILES, "email.txt": template }, async (cwd) => {
    const { code, stdout, stderr } = await runProgram([...OFFLINE, "--json"], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /email\.txt:4:\d+: .*Nmae/);
    const { findings, rows, exit_code } = JSON.parse(stdout);
    assert.deepEqual([findings[0].check, findings[0].file, findings[0].line], [
      "input",
      "email.txt",
      4,
    ]);
    assert.deepEqual([rows, exit_code], [null, 2]);
  });
});

Deno.test("check exits with 2 if the list has no recipients, or if none of them can be mailed", async () => {
  for (
    const [list, expected] of [
      ["Name,Email\n", /emails\.csv: The list has no recipients/],
      ["Name,Email\nAnn,ann\n", /list\.nobody/],
    ] as const
  ) {
    await inFolder({ ...FILES, "emails.csv": list }, async (cwd) => {
      const { code, stdout, stderr } = await runProgram(OFFLINE, { cwd });
      assert.equal(code, 2, stderr);
      assert.match(stdout, expected);
    });
  }
});

Deno.test("check reads the list from standard input", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["check", "--offline", "--recipients", "-", "--template", "email.txt"];
    const { code, stdout, stderr } = await runProgram(args, { cwd, stdin: LIST });
    assert.equal(code, 1, stderr);
    assert.match(stdout, /-:5: ANN@example\.com is a duplicate of an earlier line/);
  });
});

Deno.test("check --strict counts warnings; without it only bad rows and errors count", async () => {
  const html =
    `From: a@acme.test\nSubject: Re: x\n\n<p>Hi <img src="https://acme.test/x.png"></p>\n`;
  const files = { "emails.csv": "Email\nann@example.com\n", "email.html": html };
  await inFolder(files, async (cwd) => {
    const args = ["check", "--offline", "--recipients", "emails.csv", "--template", "email.html"];
    const lax = await runProgram(args, { cwd });
    assert.equal(lax.code, 0, lax.stderr);
    assert.match(lax.stdout, /subject\.no-reply/);
    assert.match(lax.stdout, /html\.no-alt/);
    assert.equal((await runProgram([...args, "--strict"], { cwd })).code, 1);
    const quiet = await runProgram([...args, "--strict", "--quiet"], { cwd });
    assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [1, "", ""]);
  });
});

const ZONE: Zone = {
  "acme.test": { MX: ["10 mx.acme.test"], TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
  "mx.acme.test": { A: ["192.0.2.1"] },
  "_dmarc.acme.test": { TXT: ["v=DMARC1; p=none"] },
};

async function checksOf(zone: Zone, cwd: string, ...more: string[]): Promise<readonly string[]> {
  await using dns = await DnsServer.start(zone);
  const args = [...GIVEN, "--dns", dns.address, "--json", "--quiet", ...more];
  const { stdout, stderr } = await runProgram(args, { cwd });
  assert.notEqual(stdout, "", stderr);
  const { findings } = JSON.parse(stdout) as { findings: readonly Found[] };
  return findings.filter(({ check }) => /^(?:spf|dkim|dmarc|domain|dns)\./.test(check))
    .map(({ level, check }) => `${level} ${check}`);
}

Deno.test("check --dns reports nothing wrong with a good domain, and every fault of a bad one", async () => {
  await inFolder(FILES, async (cwd) => {
    await Deno.writeTextFile(join(cwd, "dkim.pem"), await newKey());
    const signed = [
      "--dkim-domain",
      "acme.test",
      "--dkim-selector",
      "s1",
      "--dkim-key",
      "dkim.pem",
    ];
    assert.deepEqual(await checksOf(ZONE, cwd), ["note dkim.unsigned"]);
    assert.deepEqual(await checksOf(ZONE, cwd, ...signed), ["error dkim.missing"]);
    const record = await publishedKey(join(cwd, "dkim.pem"));
    const published: Zone = { ...ZONE, "s1._domainkey.acme.test": { TXT: [record] } };
    assert.deepEqual(await checksOf(published, cwd, ...signed), []);
    const bad: Zone = {
      "acme.test": { TXT: ["v=spf1 include:gone.test ?all"], A: ["192.0.2.1"] },
      "s1._domainkey.acme.test": { TXT: ["v=DKIM1; p="] },
    };
    assert.deepEqual((await checksOf(bad, cwd, ...signed)).toSorted(), [
      "error dkim.key",
      "note dmarc.missing",
      "note domain.no-mx",
      "note spf.neutral",
      "warning spf.broken",
    ]);
    const failing: Zone = Object.fromEntries(
      ["acme.test", "_dmarc.acme.test", "s1._domainkey.acme.test"].map((
        name,
      ) => [name, { fails: 2 }]),
    );
    assert.deepEqual((await checksOf(failing, cwd, ...signed)).toSorted(), [
      "warning dkim.unknown",
      "warning dmarc.unknown",
      "warning domain.unknown",
      "warning spf.unknown",
    ]);
  });
});

Deno.test("check reports nothing about a domain if the DNS server cannot resolve public names", async () => {
  await inFolder(FILES, async (cwd) => {
    assert.deepEqual(await checksOf({}, cwd), ["note dns.blind"]);
    assert.deepEqual((await checksOf({ "test": {} }, cwd)).toSorted(), [
      "error domain.unreachable",
      "note dkim.unsigned",
      "note dmarc.missing",
      "warning spf.missing",
    ]);
  });
});

Deno.test("check --offline connects to nothing, and needs no password", async () => {
  await inFolder(FILES, async (cwd) => {
    await using dns = await DnsServer.start(ZONE);
    const args = [...OFFLINE, "--smtp", "smtp://ann@127.0.0.1:1", "--dns", dns.address];
    const { code, stdout, stderr } = await runProgram(args, { cwd });
    assert.equal(code, 1, stderr);
    assert.deepEqual(dns.asked, []);
    assert.match(stdout, /^Network +not checked/m);
  });
});

Deno.test("check exits with 2 if --dns is not an IP address", async () => {
  await inFolder(FILES, async (cwd) => {
    for (const address of ["dns.example.com", "127.0.0.1:70000", "x"]) {
      const { code, stderr } = await runProgram([...GIVEN, "--dns", address], { cwd });
      assert.equal(code, 2);
      assert.match(stderr, /--dns must be/);
    }
  });
});

Deno.test("check reports a relay that cannot be reached, and exits with 2", async () => {
  await inFolder(FILES, async (cwd) => {
    await using dns = await DnsServer.start(ZONE);
    const args = [...GIVEN, "--smtp", "smtp://127.0.0.1:1?tls=off", "--dns", dns.address];
    const { code, stdout, stderr } = await runProgram(args, { cwd });
    assert.equal(code, 2, stderr);
    assert.match(stdout, /^error +relay\.connect\n +Cannot connect to 127\.0\.0\.1:1/m);
  });
});

async function newKey(): Promise<string> {
  const kind = ["-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048"];
  return await output("openssl", ["genpkey", "-quiet", ...kind]);
}

/** Makes the record as administrators do, from the PEM of the public key. */
async function publishedKey(path: string): Promise<string> {
  const pem = await output("openssl", ["pkey", "-in", path, "-pubout"]);
  const base64 = pem.replaceAll(/-----.*-----|\s/g, "");
  return `v=DKIM1; k=rsa; p=${base64}`;
}
