import assert from "node:assert/strict";
import { Signer, threadsFor } from "../../src/compose/dkim/signer.ts";
import type { Mail } from "../../src/model/mail.ts";
import {
  BOTH,
  ED25519,
  keyOf,
  mailOfOctets,
  RSA,
  rsaPem,
  type Verdicts,
  verifyWithMailauth,
  verifyWithPython,
  zoneOf,
} from "./dkim_support.ts";
import { composerOf, FROM, mailOf, octetsOf } from "./support.ts";

const ZONE = zoneOf(BOTH);
const GOOD: Verdicts = ["pass", "pass"];
const HEADER = "From: Acme <news@acme.example>\r\nTo: ann@example.com\r\nSubject: Hello\r\n" +
  "Date: Tue, 24 Nov 2026 04:02:36 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n";

async function signed(mail: Mail): Promise<Mail> {
  using signer = new Signer(BOTH);
  return await signer.sign(mail);
}

/** The DKIM-Signature fields of a mail, as written. */
function signaturesOf(mail: Mail): string[] {
  return octetsOf(mail).split(/\r\n(?![ \t])/).filter((field) => field.startsWith("DKIM-"));
}

function tag(field: string, name: string): string | undefined {
  return new RegExp(`[:;]\\s*${name}=([^;]*)`).exec(field)?.[1]?.replace(/\s/g, "");
}

/** Mails of every make: parts, encodings, odd white space, addresses beyond ASCII. */
async function mailsToSign(): Promise<Mail[]> {
  const long = `${"word ".repeat(60)}ends`;
  const text = await composerOf(
    `${FROM}Subject: Hello\n\nDear {{ Name }},\n\n\tthis  is \t it. \n\n\n`,
  );
  const markdown = await composerOf(
    `${FROM}Subject: Grüße, {{ Name }}\nList-Unsubscribe: <https://a.example/u>\n` +
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click\nX-A: b\n\n**Zoë** & [a](https://b.example)\n",
    undefined,
    { file: "mail.md", sevenBit: true },
  );
  const wide = await composerOf(
    `${FROM}Subject: ${long}\nReply-To: à@acme.example\nX-A: b\n\n.\n..\n${long}\n`,
  );
  const row = ["Ann", "ann@example.com"];
  return [
    mailOf(text, row),
    mailOf(markdown, row),
    mailOf(wide, row, { address: "annà@example.com" }),
    mailOfOctets(`${HEADER}\r\n`),
    mailOfOctets(`${HEADER}\r\n\r\n \t\r\n\r\n`),
    mailOfOctets(
      `${HEADER}Sender:  a\t b \r\n\t\r\n c  \r\nCc:\r\n\r\n a  \t\r\n\r\nb\t\tc\r\n\r\n\r\n`,
    ),
    mailOfOctets(`${HEADER}List-Id: <a.example>\r\nlist-id: <b.example>\r\n\r\nx\r\n`),
  ];
}

Deno.test("Signer.sign() makes signatures that python3-dkim and mailauth accept", async () => {
  const mails = await Promise.all((await mailsToSign()).map(signed));
  const python = await verifyWithPython(mails.map(({ bytes }) => bytes), ZONE);
  for (const [index, mail] of mails.entries()) {
    assert.deepEqual(python[index], GOOD, octetsOf(mail));
    assert.deepEqual(await verifyWithMailauth(mail.bytes, ZONE), GOOD, octetsOf(mail));
  }
});

Deno.test("Signer.sign() makes signatures that no change of the mail survives", async () => {
  const text = octetsOf(
    await signed(
      mailOfOctets(
        `${HEADER}Message-ID: <1@a>\r\nList-Unsubscribe: <https://a.example/u>\r\n\r\nHi.\r\n`,
      ),
    ),
  );
  const first = (field: string) => text.replace(/\r\nFrom:/, () => `\r\n${field}\r\nFrom:`);
  const changes: Record<string, string> = {
    "a line appended": `${text}And more.\r\n`,
    "a line put before": text.replace("Hi.", "And more.\r\nHi."),
    "another subject": text.replace("Subject: Hello", "Subject: Hullo"),
    "another date": text.replace("24 Nov", "25 Nov"),
    "another type": text.replace("text/plain", "text/html"),
    "a second From above": first("From: Mallory <m@evil.example>"),
    "a second From below": text.replace(
      "MIME-Version",
      "From: Mallory <m@evil.example>\r\nMIME-Version",
    ),
    "a second Subject": first("Subject: Buy"),
    "a second Date": first("Date: Tue, 24 Nov 2026 04:02:36 +0000"),
    "a second Content-Type": first("Content-Type: text/html"),
    "a Reply-To": first("Reply-To: m@evil.example"),
    "a second List-Unsubscribe": first("List-Unsubscribe: <https://evil.example/>"),
    "a List-Unsubscribe-Post": first("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
    "a List-Help": first("List-Help: <https://evil.example/>"),
    "no List-Unsubscribe": text.replace(/List-Unsubscribe:.*\r\n/, ""),
  };
  const mails = Object.values(changes).map((octets) => mailOfOctets(octets).bytes);
  const python = await verifyWithPython([mailOfOctets(text).bytes, ...mails], ZONE);
  assert.deepEqual(python[0], GOOD);
  for (const [index, name] of Object.keys(changes).entries()) {
    assert.notEqual(changes[name], text, name);
    const verdicts = [...python[index + 1]!, ...await verifyWithMailauth(mails[index]!, ZONE)];
    assert.ok(verdicts.length >= 4 && !verdicts.includes("pass"), `${name}: ${verdicts}`);
  }
});

Deno.test("Signer.sign() does not sign headers that servers on the way may change", async () => {
  const text = octetsOf(await signed(mailOfOctets(`${HEADER}X-Tag: a\r\n\r\nHi  there. \r\n`)));
  const changes = [
    `Received: from a by b\r\n${text}`,
    text.replace("X-Tag: a\r\n", ""),
    text.replace("Subject: Hello", "subject:\r\n  Hello "),
    text.replace("Hi  there. \r\n", "Hi there.\r\n\r\n"),
  ];
  for (const change of changes) {
    assert.deepEqual(await verifyWithMailauth(mailOfOctets(change).bytes, ZONE), GOOD, change);
  }
});

Deno.test("Signer.sign() names each field once more than it occurs, and has neither l= nor x=", async () => {
  const mail = await signed(mailOfOctets(`${HEADER}Sender: a@b\r\n\r\nHi.\r\n`));
  const fields = signaturesOf(mail);
  assert.equal(fields.length, 2);
  assert.deepEqual(fields.map((field) => tag(field, "a")), ["rsa-sha256", "ed25519-sha256"]);
  for (const field of fields) {
    assert.equal(tag(field, "c"), "relaxed/relaxed");
    assert.match(tag(field, "t")!, /^\d{10}$/);
    assert.equal(tag(field, "l"), undefined);
    assert.equal(tag(field, "x"), undefined);
    const names = tag(field, "h")!.split(":");
    const times = (name: string) => names.filter((one) => one === name).length;
    const twice = ["from", "to", "subject", "date", "mime-version", "content-type", "sender"];
    for (const name of twice) assert.equal(times(name), 2, name);
    const once = ["reply-to", "cc", "message-id", "list-id", "list-unsubscribe", "list-help"];
    for (const name of once) assert.equal(times(name), 1, name);
    for (const name of ["x-tag", "in-reply-to", "received"]) assert.equal(times(name), 0, name);
    for (const line of field.split("\r\n")) assert.ok(line.length <= 78, line);
  }
});

Deno.test("Signer.sign() keeps envelope, Message-ID and octets, and ends all lines with CRLF", async () => {
  const mail = mailOfOctets(`${HEADER}\r\nHi.\r\n`);
  const { bytes, ...rest } = await signed(mail);
  const { bytes: before, ...same } = mail;
  assert.deepEqual(rest, same);
  assert.deepEqual(bytes.slice(-before.length), before);
  assert.doesNotMatch(octetsOf({ ...mail, bytes }), /\r(?!\n)|(?<!\r)\n/);
});

Deno.test("Signer with threads makes the same signatures, each for its own mail", async () => {
  const options = { now: () => 1_700_000_000_000 };
  using alone = new Signer(BOTH, options);
  using threaded = new Signer(BOTH, { ...options, threads: 2 });
  const mails = Array.from({ length: 12 }, (_, n) => mailOfOctets(`${HEADER}\r\nMail ${n}\r\n`));
  const made = await Promise.all(mails.map((mail) => threaded.sign(mail)));
  for (const [index, mail] of mails.entries()) {
    assert.equal(octetsOf(made[index]!), octetsOf(await alone.sign(mail)));
  }
});

Deno.test("Signer with threads leaves no caller waiting when it is disposed of", async () => {
  const mail = mailOfOctets(`${HEADER}\r\nHi.\r\n`);
  const signer = new Signer({ domain: "acme.example", keys: [RSA] }, { threads: 1 });
  const waiting = [signer.sign(mail), signer.sign(mail)];
  signer[Symbol.dispose]();
  for (const end of await Promise.allSettled(waiting)) assert.equal(end.status, "rejected");
  await assert.rejects(signer.sign(mail), /signing threads have ended/);
});

Deno.test("Signer.sign() rejects when its thread fails", async () => {
  // A thread only supports RSA.
  const wrong = { ...RSA, key: ED25519.key };
  using signer = new Signer({ domain: "acme.example", keys: [wrong] }, { threads: 1 });
  const mail = mailOfOctets(`${HEADER}\r\nHi.\r\n`);
  await assert.rejects(signer.sign(mail), /thread cannot use its key/);
  await assert.rejects(signer.sign(mail), /thread cannot use its key/);
});

Deno.test("Signer also signs with a PKCS #1 RSA key in threads", async () => {
  const pem = keyOf(rsaPem(1024)).key.export({ type: "pkcs1", format: "pem" }).toString();
  const settings = { domain: "acme.example", keys: [{ ...keyOf(pem), selector: "old" }] };
  using signer = new Signer(settings, { threads: 1 });
  const { bytes } = await signer.sign(mailOfOctets(`${HEADER}\r\nHi.\r\n`));
  assert.deepEqual(await verifyWithMailauth(bytes, zoneOf(settings)), ["pass"]);
});

Deno.test("threadsFor() uses the cores for RSA, no more than connections, and none for Ed25519", () => {
  const rsa = { domain: "acme.example", keys: [RSA] };
  const ed25519 = { domain: "acme.example", keys: [ED25519] };
  assert.equal(threadsFor(rsa, 8, 10), 8);
  assert.equal(threadsFor(BOTH, 8, 10), 8);
  assert.equal(threadsFor(rsa, 16, 10), 10);
  assert.equal(threadsFor(rsa, 1, 10), 0);
  assert.equal(threadsFor(ed25519, 8, 10), 0);
});

Deno.test("compose() with sevenBit makes 7-bit bodies even for a server that accepts 8-bit ones", async () => {
  const composer = await composerOf(`${FROM}Subject: Hi\n\nZoë\n`, undefined, { sevenBit: true });
  const mail = mailOf(composer, ["Ann", "ann@example.com"]);
  assert.equal(mail.eightBit, false);
  assert.match(octetsOf(mail), /quoted-printable\r\n\r\nZo=C3=AB\r\n$/);
});
