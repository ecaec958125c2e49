import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import type { Transport } from "../../src/model/mail.ts";
import { inFolder } from "../support/folder.ts";
import {
  composerOf,
  EIGHT_BIT,
  FROM,
  headersOf,
  mailOf,
  octetsOf,
  reasonOf,
  recipientOf,
  SEVEN_BIT,
} from "./support.ts";

const EIGHT_BIT_MAIL = "From: bob@y.example\r\nSubject: Old\r\nMIME-Version: 1.0\r\n" +
  "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nZoë\r\n";
const FILES = { "old.eml": EIGHT_BIT_MAIL, "plain.txt": "plain\n", "7.txt": "seven\n" };

/** Type and transfer encoding of each entity but the last files, in order: "multipart/mixed 8bit". */
function outlineOf(octets: string): string[] {
  return [
    ...octets.matchAll(
      /^Content-Type: ([a-z/0-9]+)(?:[^\r]|\r\n )*?\r\n(?! )(?:Content-Transfer-Encoding: (\S+)\r\n)?/gm,
    ),
  ].map(([, type, encoding = "-"]) => `${type} ${encoding}`);
}

async function outline(
  body: string,
  { attachment, transport = EIGHT_BIT }: { attachment?: string; transport?: Transport } = {},
): Promise<string[]> {
  let octets = "";
  await inFolder(FILES, async (cwd) => {
    const line = attachment === undefined ? "" : `Attachment: ${attachment}\n`;
    const composer = await composerOf(`${FROM}Subject: x\n${line}\n${body}\n`, ["Email"], {
      file: `${cwd}/mail.md`,
    });
    const mail = mailOf(composer, ["ann@example.com"], { transport });
    octets = octetsOf(mail);
    assert.equal(mail.eightBit, /[\x80-\xff]/.test(octets), "BODY=8BITMIME is asked for if needed");
  });
  return outlineOf(octets);
}

Deno.test("compose() declares 8bit for each multipart that holds an 8bit part, and for no other (RFC 2045, 6.4)", async () => {
  assert.deepEqual(await outline("Zoe"), [
    "multipart/alternative -",
    "text/plain 7bit",
    "text/html 7bit",
  ]);
  assert.deepEqual(await outline("Zoë"), [
    "multipart/alternative 8bit",
    "text/plain 8bit",
    "text/html 8bit",
  ]);
  assert.deepEqual(await outline("Zoë", { transport: SEVEN_BIT }), [
    "multipart/alternative -",
    "text/plain quoted-printable",
    "text/html quoted-printable",
  ]);
  assert.deepEqual(
    (await outline("Zoë", { attachment: "plain.txt" })).slice(0, 3),
    ["multipart/mixed 8bit", "multipart/alternative 8bit", "text/plain 8bit"],
  );
  assert.deepEqual(
    (await outline("Zoe", { attachment: "old.eml" })).slice(0, 3),
    ["multipart/mixed 8bit", "multipart/alternative -", "text/plain 7bit"],
  );
  assert.deepEqual(
    (await outline("Zoe", { attachment: "old.eml", transport: SEVEN_BIT })).slice(0, 3),
    ["multipart/mixed -", "multipart/alternative -", "text/plain 7bit"],
  );
});

Deno.test("compose() requires SMTPUTF8 if an address needs it, in the envelope or in a header, but not for names", async () => {
  const table: [headers: string, address: string, smtpUtf8: boolean][] = [
    ["", "ann@example.com", false],
    ["To: list <list@acme.example>\n", "ann@example.com", false],
    ["To: list <list@acme.example>\n", "zoë@example.com", true],
    ["", "zoë@example.com", true],
    ["Reply-To: zoë@acme.example\nTo: list <list@acme.example>\n", "ann@example.com", true],
    ["Reply-To: Zoë <z@acme.example>\n", "ann@example.com", false],
  ];
  for (const [headers, address, smtpUtf8] of table) {
    const composer = await composerOf(`${FROM}Subject: Grüße\n${headers}\nx\n`, ["Email"]);
    const { envelope } = mailOf(composer, [address], { address });
    assert.equal(envelope.smtpUtf8, smtpUtf8, `${headers} ${address}`);
    assert.equal(envelope.recipient, address);
  }
});

Deno.test("compose() makes boundaries that are the same on every try, and differ by campaign and subject", async () => {
  const boundaryOf = async (campaign: string, subject: string, name: string) => {
    const composer = await composerOf(`${FROM}Subject: ${subject}\n\nHello\n`, undefined, {
      file: "mail.md",
      campaign,
    });
    return /boundary="([^"]+)"/.exec(octetsOf(mailOf(composer, [name, "a@x.example"])))![1]!;
  };
  const one = await boundaryOf("spring", "x", "Ann");
  assert.equal(await boundaryOf("spring", "x", "Bob"), one);
  const others = [await boundaryOf("autumn", "x", "Ann"), await boundaryOf("spring", "y", "Ann")];
  assert.equal(new Set([one, ...others]).size, 3);
  // Strings that never occur in quoted-printable and base64 (RFC 2045, 6.7).
  assert.match(one, /^=_/);
});

Deno.test("compose() lets no value end its part: a value with a boundary is encoded so that none can appear", async () => {
  const composer = await composerOf(`${FROM}Subject: x\n\n{{ Name }}\n\nEnd\n`, undefined, {
    file: "mail.md",
  });
  const harmless = octetsOf(mailOf(composer, ["Ann", "ann@example.com"]));
  assert.match(harmless, /Content-Transfer-Encoding: 7bit/);
  const boundary = /boundary="([^"]+)"/.exec(harmless)![1]!;
  const name = `x\n--${boundary}\nContent-Type: text/html\n\n<p>forged</p>\n--${boundary}--`;
  const mail = mailOf(composer, [name, "ann@example.com"]);
  assert.equal(octetsOf(mail).split(`\r\n--${boundary}`).length, 4, "two parts and the end");
  assert.match(octetsOf(mail), /Content-Transfer-Encoding: quoted-printable/);
  const { text, html } = await PostalMime.parse(mail.bytes);
  assert(text!.includes(`--${boundary}--`) && text!.endsWith("End\n"), text);
  assert.match(html!, /&lt;p&gt;forged[^]*End/);
});

Deno.test("compose() makes a complete mail after a row that makes none", async () => {
  await inFolder(FILES, async (cwd) => {
    const text =
      `${FROM}Reply-To: {{ Reply }}\nSubject: x\nAttachment: {{ Name }}.txt\n\n{{ Name }}\n`;
    const names = ["Name", "Reply", "Email"];
    const composer = await composerOf(text, names, { file: `${cwd}/mail.txt`, now: () => 0 });
    const row = (name: string, reply: string) => [name, reply, "ann@example.com"];
    const good = () => octetsOf(mailOf(composer, row("7", "z@acme.example")));
    const before = good();
    for (
      const [name, reply, reason] of [["none", "", /not found/], ["7", "x", /address/]] as const
    ) {
      const mail = composer.compose(recipientOf(row(name, reply)), EIGHT_BIT);
      assert.match(reasonOf(mail) ?? "", reason);
      assert.equal(good(), before);
    }
  });
});

Deno.test("compose() writes the lines that every mail has once each, before the body's", async () => {
  const composer = await composerOf(`${FROM}Subject: x\n\nHello\n`, ["Email"]);
  const mail = mailOf(composer, ["ann@example.com"]);
  assert.deepEqual(headersOf(mail).map((line) => line.split(":")[0]), [
    ...["Date", "From", "To", "Subject", "Message-ID", "MIME-Version"],
    ...["Content-Type", "Content-Transfer-Encoding"],
  ]);
  assert.match(mail.messageId, /^<[0-9a-f]{32}@acme\.example>$/);
});
