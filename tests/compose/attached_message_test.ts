import assert from "node:assert/strict";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { Signer } from "../../src/compose/dkim/signer.ts";
import type { Mail, Transport } from "../../src/model/mail.ts";
import { output } from "../support/process.ts";
import { BOTH, verifyWithMailauth, verifyWithPython, zoneOf } from "./dkim_support.ts";
import { composerOf, EIGHT_BIT, FROM, mailOf, octetsOf, SEVEN_BIT, SMUGGLING } from "./support.ts";
import { latin1 } from "../support/latin1.ts";

const HEAD = "From: Bob <bob@y.example>\nSubject: Old\n";
const MESSAGE = "message/rfc822";
const FILE = "application/octet-stream";
const withLf = (text: string): string => text.replaceAll("\r\n", "\n");

/** The mail with a file attached under a name, written by its octets. */
async function mailWith(
  octets: string,
  { name = "old.eml", transport = EIGHT_BIT, sevenBit = false, body = "x" }: {
    name?: string;
    transport?: Transport;
    sevenBit?: boolean;
    body?: string;
  } = {},
): Promise<Mail> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/${name}`, latin1(octets));
    const composer = await composerOf(
      `${FROM}Subject: New\nAttachment: ${name}\n\n${body}\n`,
      ["Email"],
      { file: `${folder}/mail.md`, sevenBit },
    );
    return mailOf(composer, ["ann@example.com"], { transport });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Type, transfer encoding and octets of the last part, as Python's `email` finds them; a message by its own octets. */
const PYTHON = `
import base64, json, sys
from email import message_from_bytes, policy
out = []
for line in sys.stdin:
    octets = base64.b64decode(line)
    m = message_from_bytes(octets, policy=policy.default.clone(linesep="\\r\\n"))
    part = list(m.iter_attachments())[-1]
    kind = part.get_content_type()
    if kind == "message/rfc822":
        boundary = b"--" + m.get_boundary().encode()
        content = octets.split(boundary)[-2].split(b"\\r\\n\\r\\n", 1)[1][:-2]
        inner = part.get_payload(0)
        said = [str(inner["Subject"]), [repr(d) for p in inner.walk() for d in p.defects]]
    else:
        content, said = part.get_payload(decode=True), None
    out.append([kind, part["Content-Transfer-Encoding"], content.decode("latin1"), part.get_filename(),
                said, [repr(d) for p in [m, part] for d in p.defects]])
json.dump(out, sys.stdout)
`;

type Found = [
  type: string,
  encoding: string,
  octets: string,
  name: string,
  inner: [subject: string, defects: string[]] | null,
  defects: string[],
];

async function readByPython(mails: readonly Mail[]): Promise<Found[]> {
  const stdin = mails.map((mail) => `${btoa(octetsOf(mail))}\n`).join("");
  return JSON.parse(await output("python3", ["-c", PYTHON], { stdin }));
}

/** No bare CR or LF, no NUL, no long line: a mail that a server accepts. */
function assertSendable(mail: Mail): void {
  const octets = octetsOf(mail);
  assert.doesNotMatch(octets.replaceAll("\r\n", ""), /[\r\n\0]/);
  assert.ok(octets.split("\r\n").every((line) => line.length <= 998));
  assert.ok(octets.endsWith("\r\n"));
  assert.equal(mail.eightBit, /[^\0-\x7F]/.test(octets));
}

const CASES: [what: string, octets: string, eightBit: string, sevenBit: string][] = [
  ["plain", `${HEAD}\nHello\n`, "7bit", "7bit"],
  ["CRLF", `${HEAD}\nHello\n`.replaceAll("\n", "\r\n"), "7bit", "7bit"],
  ["no line end", `${HEAD}\nHello`, "7bit", "7bit"],
  ["empty lines at the end", `${HEAD}\nHello\n\n\n`, "7bit", "7bit"],
  ["header only", "Date: Tue, 24 Nov 2026 04:02:36 +0000\n", "7bit", "7bit"],
  ["folded header", `Received: a\n\tb\n${HEAD}\nx\n`, "7bit", "7bit"],
  ["ESC of ISO-2022-JP", `${HEAD}\n\x1B$B$3\x1B(B\n`, "7bit", "7bit"],
  ["dots", `${HEAD}\n.\n..\n.x\n`, "7bit", "7bit"],
  ["8-bit body", `${HEAD}\nGr\xFC\xDFe\n`, "8bit", "base64"],
  ["998 octets", `${HEAD}\n${"x".repeat(998)}\r\n`, "7bit", "7bit"],
  ["999 octets", `${HEAD}\n${"x".repeat(999)}\r\n`, "base64", "base64"],
  ["NUL", `${HEAD}\na\0b\n`, "base64", "base64"],
  ["bare CR", `${HEAD}\na\rb\n`, "base64", "base64"],
  ["CR at the end", `${HEAD}\na\r`, "base64", "base64"],
  ["8-bit header", `Subject: Gr\xFC\xDFe\n\nx\n`, "base64", "base64"],
  ["no mail", "Hello\n\nx\n", "base64", "base64"],
  ["a header without From, Subject or Date", "X-A: b\n\nx\n", "base64", "base64"],
  ["a mailbox file", `From bob Tue\n${HEAD}\nx\n`, "base64", "base64"],
  ["a byte order mark", `\xEF\xBB\xBF${HEAD}\nx\n`, "base64", "base64"],
  ["empty", "", "base64", "base64"],
];

Deno.test("An attached mail travels as it is, or as a file in base64; Python and postal-mime find it byte for byte", async () => {
  const runs: { octets: string; encoding: string; mail: Mail; what: string }[] = [];
  for (const [what, octets, eightBit, sevenBit] of CASES) {
    runs.push(
      { what, octets, encoding: eightBit, mail: await mailWith(octets) },
      { what, octets, encoding: sevenBit, mail: await mailWith(octets, { transport: SEVEN_BIT }) },
      { what, octets, encoding: sevenBit, mail: await mailWith(octets, { sevenBit: true }) },
    );
  }
  const python = await readByPython(runs.map(({ mail }) => mail));
  for (const [index, { what, octets, encoding, mail }] of runs.entries()) {
    assertSendable(mail);
    const [type, found, content, name, inner, defects] = python[index]!;
    const isMessage = encoding !== "base64";
    assert.deepEqual([type, found, name], [isMessage ? MESSAGE : FILE, encoding, "old.eml"], what);
    assert.equal(isMessage ? withLf(content) : content, isMessage ? withLf(octets) : octets, what);
    assert.deepEqual(defects, [], what);
    assert.deepEqual(inner?.[1] ?? [], [], what);
    const { attachments: [file] } = await PostalMime.parse(mail.bytes);
    const read = String.fromCharCode(...new Uint8Array(file!.content as ArrayBuffer));
    assert.equal(file!.mimeType, isMessage ? MESSAGE : FILE);
    assert.equal(withLf(read).trimEnd(), withLf(octets).trimEnd(), what);
  }
});

Deno.test("No end of data can be smuggled by an attached mail", async () => {
  for (const attack of SMUGGLING) {
    for (
      const octets of [`${HEAD}\n${attack}`, `${HEAD}${attack}`, `Subject: x${attack}`, attack]
    ) {
      for (const transport of [EIGHT_BIT, SEVEN_BIT]) {
        assertSendable(await mailWith(octets, { transport }));
        assertSendable(await mailWith(`${octets}\xFC`, { transport }));
      }
    }
  }
});

Deno.test("Any octets in an .eml leave a mail that a server may be handed, and come out as they were", async () => {
  const octets = fc.array(
    fc.constantFrom(
      "a",
      "\r\n",
      "\n",
      "\r",
      "\0",
      ".",
      "é",
      "\xFF",
      "x".repeat(500),
      "Subject: y\n",
    ),
    { maxLength: 12 },
  ).map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(octets, fc.boolean(), async (rest, eightBit) => {
      const text = `${HEAD}\n${rest}`;
      const mail = await mailWith(text, { transport: { eightBit } });
      assertSendable(mail);
      const { attachments: [file] } = await PostalMime.parse(mail.bytes);
      const read = String.fromCharCode(...new Uint8Array(file!.content as ArrayBuffer));
      assert.equal(withLf(read).trimEnd(), withLf(text).trimEnd());
    }),
    { numRuns: 60 },
  );
});

Deno.test("A mail of this campaign can be attached to another: no boundary of the one ends a part of the other", async () => {
  let octets = octetsOf(await mailWith(`${HEAD}\nHello\n`));
  const seen = new Set<string>();
  for (let depth = 0; depth < 3; depth++) {
    const mail = await mailWith(octets);
    const [boundary] = /=_m[0-9a-f]{32}/.exec(octetsOf(mail))!;
    assert.ok(!octets.includes(boundary));
    seen.add(boundary);
    const [[type, , content, , inner]] = await readByPython([mail]) as [Found];
    assert.deepEqual([type, content, inner], [MESSAGE, octets, ["New", []]]);
    const { attachments, text } = await PostalMime.parse(mail.bytes);
    assert.deepEqual([attachments.length, text], [1, "x\n"]);
    // The same on every try.
    assert.equal(
      octetsOf(await mailWith(octets)).replace(/Date.*/, ""),
      octetsOf(mail).replace(/Date.*/, ""),
    );
    octets = octetsOf(mail);
  }
  assert.equal(seen.size, 3);
});

Deno.test("A multipart is declared 8bit if, and only if, it contains an 8bit part", async () => {
  const said = (mail: Mail): number =>
    octetsOf(mail).match(/multipart\/\S+\r\n boundary=.*\r\nContent-Transfer-Encoding: 8bit/g)
      ?.length ?? 0;
  assert.equal(said(await mailWith(`${HEAD}\nx\n`)), 0);
  assert.equal(said(await mailWith(`${HEAD}\nGr\xFC\xDFe\n`)), 1);
  assert.equal(said(await mailWith(`${HEAD}\nx\n`, { body: "Grüße" })), 2);
  assert.equal(said(await mailWith(`${HEAD}\nGr\xFC\xDFe\n`, { transport: SEVEN_BIT })), 0);
});

Deno.test("A signed mail with a mail attached is verified", async () => {
  using signer = new Signer(BOTH);
  for (const octets of [`${HEAD}\nHello \n\n\n`, `${HEAD}\nGr\xFC\xDFe\n`, `${HEAD}\na\0b\n`]) {
    const { bytes } = await signer.sign(await mailWith(octets, { sevenBit: true }));
    assert.deepEqual(await verifyWithMailauth(bytes, zoneOf(BOTH)), ["pass", "pass"]);
    assert.deepEqual(await verifyWithPython([bytes], zoneOf(BOTH)), [["pass", "pass"]]);
  }
});
