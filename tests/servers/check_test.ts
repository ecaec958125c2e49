import assert from "node:assert/strict";
import { DnsServer, type Zone } from "../support/dns_server.ts";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";
import { Postfix, USER } from "./postfix.ts";

// `check` against Postfix: it reports each fault, and nothing if there is none.

const ZONE: Zone = {
  "acme.test": { MX: ["10 mx.acme.test"], TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
  "mx.acme.test": { A: ["192.0.2.1"] },
  "_dmarc.acme.test": { TXT: ["v=DMARC1; p=none"] },
};
const FILES = {
  "list.csv": "Email\nann@example.test\nbob@example.test\n",
  "mail.txt":
    "From: Acme <news@acme.test>\nSubject: News\nList-Unsubscribe: <https://acme.test/u>\n" +
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n\nLeave: https://acme.test/u\n",
};

/** The only finding about the sender's domain: nothing is signed here. */
const NOTHING_ELSE = "note dkim.unsigned";

interface Checked {
  readonly code: number;
  readonly findings: readonly string[];
  readonly whats: string;
  readonly relay: Record<string, unknown>;
}

async function check(
  url: string,
  files: Readonly<Record<string, string>> = {},
  password = USER.password,
): Promise<Checked> {
  let checked: Checked | undefined;
  await using dns = await DnsServer.start(ZONE);
  await inFolder({ ...FILES, ...files }, async (cwd) => {
    const args = [
      ...["check", "--recipients", "list.csv", "--template", "mail.txt", "--smtp", url],
      ...["--dns", dns.address, "--json"],
    ];
    const { code, stdout, stderr } = await runProgram(args, {
      cwd,
      env: url.includes("@") ? { SMTP_PASSWORD: password } : {},
    });
    assert.notEqual(stdout, "", stderr);
    assert(!stderr.includes(password) && !stdout.includes(password), "no secret");
    const { findings, relays } = JSON.parse(stdout);
    checked = {
      code,
      findings: findings.map(({ level, check }: Record<string, string>) => `${level} ${check}`),
      whats: findings.map(({ what }: Record<string, string>) => what).join("\n"),
      relay: relays[0],
    };
  });
  return checked!;
}

const trust = ({ ca }: Postfix) => `ca=${encodeURIComponent(ca)}`;

Deno.test("check reports nothing wrong with a well-configured Postfix, and sends nothing", async () => {
  await using postfix = await Postfix.start({ message_size_limit: "1000000" });
  const { login, implicit } = postfix.ports;
  const well = {
    reached: true,
    tls: true,
    certificate_days: 1,
    extensions: ["PIPELINING", "CHUNKING", "8BITMIME", "SMTPUTF8", "SIZE"],
    max_size: 1_000_000,
    mail_max: null,
  };
  const user = `smtp://${USER.name}@localhost:${login}?${trust(postfix)}`;
  for (
    const [url, expected] of [
      [user, { ...well, name: `localhost:${login}`, login: "cram-md5" }],
      [
        `smtps://localhost:${implicit}?${trust(postfix)}`,
        { ...well, name: `localhost:${implicit}`, login: null },
      ],
    ] as const
  ) {
    const { code, findings, relay, whats } = await check(url);
    // The certificate of the tests is valid for two days.
    assert.deepEqual(findings.toSorted(), [NOTHING_ELSE, "warning relay.certificate"], whats);
    assert.match(whats, /The certificate of localhost expires in 1 day/);
    assert.equal(code, 0);
    assert.deepEqual(relay, expected);
  }
  const wrong = await check(user, {}, "forgotten");
  assert.equal(wrong.code, 2);
  assert.deepEqual(wrong.findings, ["error relay.login", NOTHING_ELSE]);
  assert.match(wrong.whats, /refuses the login: 535 5\.7\.8/);
  const log = await postfix.log();
  assert.match(log, /disconnect from .* mail=1 rcpt=1 rset=1 quit=1/);
  assert.doesNotMatch(log, / data=|bdat=|message-id=/);
  assert.deepEqual(await postfix.delivered(), []);
});

Deno.test("check reports if Postfix refuses sender, recipient or size, or has an untrusted certificate", async () => {
  await using postfix = await Postfix.start({
    smtpd_relay_restrictions:
      "check_sender_access inline:{ {far@acme.test = reject_unauth_destination} }, permit_mynetworks, reject",
    smtpd_delay_reject: "no",
    smtpd_sender_restrictions: "check_sender_access inline:{ {bad@acme.test = REJECT not yours} }",
    smtpd_recipient_restrictions:
      "check_recipient_access inline:{ {grey@example.test = 450 4.2.0 greylisted} {gone@example.test = 550 5.1.1 unknown} }, permit",
    message_size_limit: "1500",
    smtputf8_enable: "no",
  });
  const from = (address: string) => ({
    "mail.txt": FILES["mail.txt"].replace("news@acme.test", address),
  });
  const list = (...rows: string[]) => ({ "list.csv": `Email,Note\n${rows.join("\n")}\n` });
  const url = `smtp://127.0.0.1:${postfix.ports.open}?tls=off`;

  const denied = await check(url, from("far@acme.test"));
  assert.deepEqual(denied.findings.toSorted(), ["error relay.recipient", NOTHING_ELSE]);
  assert.match(denied.whats, /554 5\.7\.1 .*Relay access denied/);
  assert.equal(denied.code, 2);

  const refused = await check(url, from("bad@acme.test"));
  assert.deepEqual(refused.findings.toSorted(), ["error relay.sender", NOTHING_ELSE]);
  assert.match(refused.whats, /sender bad@acme\.test: 554 5\.7\.1 .*not yours/);

  const unknown = await check(url, list("gone@example.test,"));
  assert.deepEqual(unknown.findings.toSorted(), [NOTHING_ELSE, "warning relay.recipient"]);
  assert.equal(unknown.code, 0);

  const many = await check(url, {
    ...list("grey@example.test,x", "боб@example.test,x", `cy@example.test,${"long ".repeat(500)}`),
    "mail.txt": `${FILES["mail.txt"]}{{ Note | default: "" }}\n`,
  });
  assert.deepEqual(many.findings.toSorted(), [
    NOTHING_ELSE,
    "note relay.recipient",
    "warning relay.size",
    "warning relay.smtputf8",
  ]);
  assert.match(
    many.whats,
    /largest mail is 3\.\d kB \(line 4\), but the relay accepts only 1\.5 kB/,
  );
  assert.match(many.whats, /1 address, the first on line 3, is not ASCII/);
  assert.equal(many.code, 0);

  const untrusted = await check(
    `smtp://localhost:${postfix.ports.otherName}?${trust(postfix)}`,
  );
  assert.deepEqual(untrusted.findings, ["error relay.certificate", NOTHING_ELSE]);
  assert.match(untrusted.whats, /The certificate of localhost was issued for DNS:other\.test/);
});

Deno.test("check reports if Postfix lacks STARTTLS or a login", async () => {
  await using postfix = await Postfix.start({
    smtpd_tls_security_level: "none",
  });
  const clear = await check(`smtp://localhost:${postfix.ports.open}?${trust(postfix)}`);
  assert.deepEqual(clear.findings, ["error relay.tls", NOTHING_ELSE]);
  const login = await check(`smtp://ann@localhost:${postfix.ports.open}?tls=off`);
  assert.deepEqual(login.findings, ["error relay.login", NOTHING_ELSE]);
  assert.match(login.whats, /does not offer AUTH/);
  const inTls = await check(`smtps://localhost:${postfix.ports.open}?${trust(postfix)}`);
  assert.deepEqual(inTls.findings, ["error relay.tls", NOTHING_ELSE]);
});
