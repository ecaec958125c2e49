import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { makeCertificates } from "../support/certificates.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { TlsServer, type TlsServerOptions } from "../support/starttls_server.ts";
import { CountingServer } from "../support/counting_server.ts";
import { run } from "./run.ts";
import { type Answers, servers } from "./server.ts";

// The server's limits and extensions, and TLS.

const SENT = ["p1 sent 1", "p2 sent 1"];
const WAIT = { wait: true };

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

Deno.test("The number of mails that a server accepts per connection is learnt", async () => {
  await using server = servers({ MAIL: ["", "", "421 4.7.0 enough then !close"] });
  const result = await run({ port: server.port, count: 12, random: 0, flags: WAIT });
  assert.equal(result.exitCode, 0);
  assert.deepEqual(new Set(result.fates.map((fate) => fate.slice(-6))), new Set(["sent 1"]));
  // We end later connections ourselves, in order, after two mails.
  assert.match(server.peers.at(-2)!.text, /(?:MAIL[\s\S]*){2}QUIT\r\n$/);
  assert.equal(countOf(server.peers.at(-2)!.text, "MAIL FROM"), 2);
});

Deno.test("LIMITS MAILMAX is respected", async () => {
  await using server = servers({ offers: ["PIPELINING", "LIMITS MAILMAX=2"] });
  const result = await run({ port: server.port, count: 6 });
  assert.deepEqual(new Set(result.fates.map((fate) => fate.slice(-6))), new Set(["sent 1"]));
  assert.deepEqual(server.peers.map(({ text }) => countOf(text, "MAIL FROM")), [2, 2, 2]);
});

Deno.test("A limit on connections costs connections, not recipients", async () => {
  await using server = await CountingServer.start({ connections: 2, latencyMs: 5, events: true });
  const result = await run({ port: server.port, count: 60, flags: { connections: "6" } });
  assert.equal(result.exitCode, 0);
  assert.equal((await server.accepted()).length, 60);
});

Deno.test("432 4.3.2 counts as a limit on connections", async () => {
  await using server = servers({}, { MAIL: "432 4.3.2 too many" });
  const result = await run({ port: server.port, count: 4, flags: { ...WAIT, connections: "2" } });
  assert.equal(result.exitCode, 0);
  assert.deepEqual(new Set(result.fates.map((fate) => fate.slice(-6))), new Set(["sent 1"]));
});

/** The first mail sets the rate, the second meets the limit: it is sent again, and its first try does not count. */
for (
  const [answers] of [
    [{ MAIL: ["", "450 4.7.1 too fast"], RCPT: ["", "503 no"], DATA: ["", "503 no"] }],
    [{ MAIL: ["", "451 4.7.1 too fast"], RCPT: ["", "503 no"], DATA: ["", "503 no"] }],
    [{ MAIL: ["", "452 4.3.1 too much"], RCPT: ["", "503 no"], DATA: ["", "503 no"] }],
    [{ RCPT: ["", "454 4.7.0 too fast"], DATA: ["", "503 no"] }],
    [{ body: ["", "451 4.7.28 too fast"] }],
    [{ RCPT: ["", "452 4.5.3 too many"], DATA: ["", "503 no"] }],
    [{ RCPT: ["", "552 5.5.3 too many"], DATA: ["", "503 no"] }],
  ] as [Answers][]
) {
  const [[where, replies]] = Object.entries(answers) as [[string, string[]]];
  Deno.test(`${replies[1]} at ${where} is attributed to our pace, not to the recipient`, async () => {
    await using server = servers(answers);
    const result = await run({ port: server.port, random: 0, flags: WAIT });
    assert.deepEqual([result.exitCode, result.fates], [0, SENT]);
  });
}

Deno.test("A greylisted mail is sent again with the same envelope", async () => {
  await using server = servers({ RCPT: "450 4.2.0 greylisted", DATA: "503 no" });
  const result = await run({ port: server.port, count: 1, random: 0, flags: WAIT });
  assert.deepEqual([result.exitCode, result.fates], [0, ["p1 sent 2"]]);
  const envelopes = server.written().match(/MAIL FROM.*\r\nRCPT TO.*\r\n/g);
  assert.equal(envelopes?.length, 2);
  assert.equal(new Set(envelopes).size, 1);
});

Deno.test("A mail larger than SIZE fails before MAIL, and SIZE 0 is no limit", async () => {
  for (const [size, fate] of [["100", "p1 failed"], ["0", "p1 sent"], ["10000", "p1 sent"]]) {
    await using server = servers({ offers: ["PIPELINING", `SIZE ${size}`] });
    const result = await run({ port: server.port, count: 1 });
    assert(result.fates[0]!.startsWith(fate!), result.fates[0]);
    assert.equal(server.written().includes("MAIL FROM"), fate !== "p1 failed");
    if (fate === "p1 failed") assert.match(result.reasons[0]!, /bytes.*100/);
  }
});

Deno.test("Without 8BITMIME every byte on the wire is 7-bit", async () => {
  const template = "From: Zoë <news@acme.test>\nSubject: Grüße\n\nLiebe Zoë, ünïcode 😀\n";
  await using server = servers({});
  assert.deepEqual((await run({ port: server.port, template })).fates, SENT);
  // deno-lint-ignore no-control-regex
  assert.match(server.written(), /^[\x00-\x7f]*$/);
  assert(!server.written().includes("8BITMIME"));
});

Deno.test("Without SMTPUTF8 only the address that needs it fails", async () => {
  const list = "Name,Email\nA,p1@x.test\nB,zoë@x.test\nC,p3@bücher.test\n";
  await using server = servers({});
  const result = await run({ port: server.port, list });
  assert.deepEqual(result.fates.map((fate) => fate.split(" ")[1]), ["sent", "failed", "sent"]);
  assert.match(result.reasons[1]!, /SMTPUTF8/);
  assert.match(server.written(), /RCPT TO:<p3@xn--bcher-kva\.test>/);
});

Deno.test("Without PIPELINING each command waits for the reply to the one before", async () => {
  await using server = new ScriptedServer(async (peer) => {
    await peer.reply("220 mx");
    const expected = ["EHLO", "MAIL", "RCPT", "DATA"];
    for (const verb of expected) {
      assert.equal((await peer.line())?.slice(0, 4), verb);
      const sofar = peer.text;
      await new Promise((next) => setTimeout(next, 30));
      assert.equal(peer.text, sofar);
      await peer.reply(verb === "DATA" ? "354 go" : "250 ok");
    }
    await peer.body();
    await peer.reply("250 ok");
  });
  assert.deepEqual((await run({ port: server.port, count: 1 })).fates, ["p1 sent 1"]);
});

for (const final of ["250 taken", "554 5.5.1 no valid recipients"]) {
  Deno.test(`If RCPT is refused and DATA accepted, an empty mail follows, and RCPT's 550 counts even if the dot gets ${final}`, async () => {
    await using server = servers({ RCPT: "550 5.1.1 who", body: final });
    const result = await run({ port: server.port });
    assert.deepEqual(result.fates, ["p1 failed 1", "p2 sent 1"]);
    assert.match(result.reasons[0]!, /550 5\.1\.1 who/);
    assert.match(server.written(), /DATA\r\n\.\r\nMAIL/);
  });
}

for (const refusal of ["503 5.5.1 no", "554 5.5.1 no"]) {
  Deno.test(`If RCPT is refused and DATA gets ${refusal.slice(0, 3)}, RSET follows, and the next mail is complete`, async () => {
    await using server = servers({ RCPT: "550 5.1.1 who", DATA: refusal });
    const result = await run({ port: server.port });
    assert.deepEqual(result.fates, ["p1 failed 1", "p2 sent 1"]);
    assert.match(server.written(), /DATA\r\nRSET\r\nMAIL/);
  });
}

Deno.test("Lines of more than 998 characters are encoded, in the body and in the header", async () => {
  const list = `Name,Email\n${"x".repeat(3_000)},p1@x.test\nB,p2@x.test\n`;
  const template =
    "From: {{ Name }} <news@acme.test>\nSubject: {{ Name }}\nX-Id: {{ Name }}\n\n{{ Name }}\n";
  await using server = servers({});
  assert.deepEqual((await run({ port: server.port, list, template })).fates, SENT);
  assert(server.written().split("\r\n").every((line) => line.length <= 998));
  const [mail] = server.written().split("DATA\r\n").slice(1);
  const { from, subject, text } = await PostalMime.parse(mail!.split("\r\n.\r\n")[0]!);
  for (const read of [from?.name, subject, text?.trim()]) assert.equal(read, "x".repeat(3_000));
});

Deno.test("A header that cannot be folded makes its row invalid, and the reason names the header", async () => {
  const list = `Name,Email\n<${"x".repeat(1_200)}@y.test>,p1@x.test\n<b@y.test>,p2@x.test\n`;
  const template = "From: news@acme.test\nSubject: s\nIn-Reply-To: {{ Name }}\n\ntext\n";
  await using server = servers({});
  const result = await run({ port: server.port, list, template });
  assert.deepEqual(result.fates, ["p1 invalid 0", "p2 sent 1"]);
  assert.match(result.reasons[0]!, /In-Reply-To cannot be folded.*1209/);
  assert.match(server.written(), /\r\nIn-Reply-To: <b@y\.test>\r\n/);
});

const OFFERS: TlsServerOptions["offers"] = {
  clear: ["PIPELINING", "STARTTLS", "AUTH CRAM-MD5", "SIZE 1"],
  secured: ["PIPELINING", "AUTH PLAIN"],
};

Deno.test("After STARTTLS, capabilities are discarded and requested again; a bad certificate stops the run with a clear message", async () => {
  const made = await makeCertificates();
  const ca = await Deno.makeTempFile({ suffix: ".pem" });
  await Deno.writeTextFile(ca, made.ca);
  const query = `ca=${encodeURIComponent(ca)}`;
  try {
    await using good = await TlsServer.start({ ...made.good, offers: OFFERS });
    const result = await run({ port: good.port, host: "localhost", user: "u", query });
    assert.deepEqual([result.exitCode, result.fates], [0, SENT]);
    const verbs = (await good.heard()).map((line) => line.split(" ").slice(0, 2).join(" "));
    assert.deepEqual(verbs.slice(0, 4), ["clear EHLO", "clear STARTTLS", "tls EHLO", "tls AUTH"]);
    for (
      const [pair, trust, because] of [
        [made.expired, query, /expired/i],
        [made.otherName, query, /name/i],
        [made.selfSigned, query, /\?ca=FILE/],
        [made.good, "weight=1", /\?ca=FILE/],
      ] as const
    ) {
      await using bad = await TlsServer.start({ ...pair, offers: OFFERS });
      const refused = await run({ port: bad.port, host: "localhost", user: "u", query: trust });
      assert.equal(refused.exitCode, 3);
      assert.match(refused.stop, because);
      assert.match(refused.stop, /localhost/);
      assert((await bad.heard()).every((line) => /^clear (?:EHLO|STARTTLS)/.test(line)));
    }
  } finally {
    await Deno.remove(ca);
  }
});
