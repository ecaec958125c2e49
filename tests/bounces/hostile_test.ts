import assert from "node:assert/strict";
import fc from "fast-check";
import { readReport } from "../../src/bounces/reading/bounce_report.ts";
import { LinearTime } from "../support/linear_time.ts";

const encoder = new TextEncoder();

function read(text: string) {
  return readReport(encoder.encode(text));
}

/** A report of one recipient, with `extra` in its header and `words` as its diagnostic. */
function report({ extra = "", words = "smtp; 550 5.1.1 unknown", returned = "" } = {}): string {
  return `From: MAILER-DAEMON@x.example\n${extra}Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; x

Final-Recipient: rfc822; ann@x.test
Action: failed
Status: 5.1.1
Diagnostic-Code: ${words}

--b
Content-Type: message/rfc822

${returned}
--b--
`;
}

Deno.test("readReport() gives up on a thousand nested multiparts", async () => {
  let text = "From: a@b.example\n";
  for (let depth = 0; depth < 1_000; depth++) {
    text += `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n`;
  }
  const { kind } = await read(text);
  assert.equal(kind, "unreadable");
});

Deno.test("readReport() does not look into nested messages", async () => {
  let text = report();
  for (let depth = 0; depth < 30; depth++) {
    text = `From: a@b.example\nSubject: Fwd\nContent-Type: message/rfc822\n\n${text}`;
  }
  assert.equal((await read(text)).kind, "other");
});

Deno.test("readReport() calls an empty message and NULs unreadable, and takes no junk for a bounce", async () => {
  assert.deepEqual(await readReport(new Uint8Array(0)), {
    kind: "unreadable",
    reason: "it is empty",
  });
  const junk = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 251 + 4 & 0xff);
  assert.notEqual((await readReport(junk)).kind, "bounce");
  assert.equal((await read("\0\0\0")).kind, "unreadable");
});

Deno.test("readReport() never throws, whatever the bytes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const text = new TextDecoder("latin1").decode(bytes);
      await readReport(bytes);
      await read(report({ words: text, extra: `X: ${text}\n`, returned: text }));
    }),
    { numRuns: 50 },
  );
});

/** Texts on which careless patterns backtrack forever. */
const SLOW: Readonly<Record<string, string>> = {
  "a field of plus signs": report({ words: "+41".repeat(200_000) }),
  "a recipient of plus signs": report().replace("ann@x.test", "+41".repeat(200_000)),
  "a date of brackets": report({ extra: `Date: ${"(".repeat(30_000)}\n` }),
  "many Message-IDs": report({ extra: `References: ${"<a@b> ".repeat(30_000)}\n` }),
  "a line of dashes": `From: MAILER-DAEMON@x\nSubject: Undelivered mail\n\n${"-".repeat(900_000)}`,
  "a line of addresses": `From: MAILER-DAEMON@x\nSubject: Undelivered mail\n\n${
    "a@b,".repeat(200_000)
  }`,
  "a line of one letter": `From: MAILER-DAEMON@x\nSubject: Undelivered mail\n\n${
    "a".repeat(900_000)
  }`,
  "a subject of words": `From: MAILER-DAEMON@x\nSubject: ${"delivery ".repeat(20_000)}\n\nx`,
  "words that almost say it": report({ words: "550 5.0.0 " + "user ".repeat(100_000) })
    .replace("Status: 5.1.1", "Status: 5.0.0"),
  "empty lines": report({ words: "x" + "\n \t".repeat(200_000) }),
  "many folded lines": report({ words: "x" + "\n x".repeat(200_000) }),
  "many recipients": report().replace(
    "Final-Recipient",
    "Final-Recipient: rfc822; a@b\nAction: failed\n\n".repeat(20_000) + "Final-Recipient",
  ),
  "many parts": `From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n${
    "--b\n\nx\n".repeat(50_000)
  }--b--\n`,
  "open HTML": `From: MAILER-DAEMON@x\nSubject: Undelivered mail\nContent-Type: text/html\n\n${
    "<a ".repeat(200_000)
  }`,
};

/** Those in which the recipient's address is intact and a report says what became of it. */
const BOUNCES: ReadonlySet<string> = new Set([
  "a field of plus signs",
  "a date of brackets",
  "many Message-IDs",
  "words that almost say it",
  "empty lines",
  "many folded lines",
  "many recipients",
]);

const reading = new LinearTime(
  async (text) => (await read(text)).kind,
  report({ returned: `Subject: x\n\n${"Hello you\n".repeat(50_000)}` }),
);

for (const [name, text] of Object.entries(SLOW)) {
  Deno.test(`readReport() takes no longer over ${name} than over fifty ordinary reports of that length`, async () => {
    assert.equal(await reading.assert(text, name), BOUNCES.has(name) ? "bounce" : "other");
  });
}

Deno.test("readReport() finds tokens in folded and encoded header fields, whatever their letter case", async () => {
  const found = await read(report({
    extra: "To: =?utf-8?q?x?= <bounces+00112233445566778899AABBCCDDEEFF@acme.example>\n",
    returned: "MESSAGE-ID:\n <ffeeddccbbaa99887766554433221100@acme.example>\n\nMessage-ID: <no>",
  }));
  assert(found.kind === "bounce");
  assert.deepEqual(found.messageTokens, ["ffeeddccbbaa99887766554433221100"]);
  assert.deepEqual(found.pathTokens, ["00112233445566778899aabbccddeeff"]);
});
