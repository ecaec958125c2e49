import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { addressFindings } from "../../src/check/list/addresses.ts";
import { inFolder } from "../support/folder.ts";
import { composerOf, EIGHT_BIT, FROM, recipientOf } from "../compose/support.ts";

const NAMES = ["Name", "Rep", "Email"];
const ROW = ["Ann", "rep@example.org", "Ann@Example.com"];

/** The findings about a template's first mail, one per line, with their places. */
async function findingsOf(head: string, row = ROW, file = "mail.txt"): Promise<string[]> {
  const composer = await composerOf(`${FROM}${head}\n\nx\n`, NAMES, { file });
  const recipient = recipientOf(row, "Ann@example.com");
  const mail = composer.compose(recipient, EIGHT_BIT);
  assert.ok(!("kind" in mail), JSON.stringify(mail));
  const parsed = await PostalMime.parse(mail.bytes);
  const found = addressFindings(parsed, composer.othersShown(recipient), { file: "mail.txt" });
  return Array.from(
    found,
    ({ level, check, what, where }) =>
      `${where && "line" in where ? where.line : 0} ${level} ${check}: ${what}`,
  );
}

const S = "Subject: x";

Deno.test("addressFindings() says for To, Cc and Bcc who sees and who gets what", async () => {
  const table: [head: string, said: string[]][] = [
    [S, []],
    [`${S}\nTo: {{ Email }}`, []],
    [`${S}\nTo: {{ Name }} <{{ Email | downcase }}>`, []],
    [`${S}\nReply-To: boss@x.example`, []],
    [`${S}\nCc: {{ Email }}`, []],
    [`${S}\nCc:`, []],
    [
      `${S}\nTo: list@x.example`,
      ["3 note to.other: Recipients see 'To: list@x.example', not their own address"],
    ],
    [
      `${S}\nTo: undisclosed-recipients:;`,
      ["3 note to.other: Recipients see 'To: undisclosed-recipients:;', not their own address"],
    ],
    [
      `${S}\nTo: {{ Rep }}`,
      ["3 note to.other: Recipients see 'To: {{ Rep }}', not their own address"],
    ],
    [
      `${S}\nTo: {{ Email }}, boss@x.example`,
      [
        "3 warning to.no-copy: 'To: {{ Email }}, boss@x.example' is shown in every mail; besides the recipient, nobody named there gets a copy unless they are in the list too",
      ],
    ],
    [
      `Cc: Boss\n  <boss@x.example>\n${S}\nbcc: archive@x.example`,
      [
        "2 warning cc.no-copy: 'Cc: Boss <boss@x.example>' is shown in every mail; nobody named there gets a copy unless they are in the list too",
        "5 warning bcc.no-copy: 'Bcc: archive@x.example' is omitted: nobody named there gets a copy unless they are in the list too",
      ],
    ],
  ];
  for (const [head, said] of table) assert.deepEqual(await findingsOf(head), said, head);
});

Deno.test("addressFindings() warns of text that is encoded already, and says what it means", async () => {
  const word = "=?utf-8?B?R3LDvMOfZQ==?=";
  const table: [head: string, said: RegExp[]][] = [
    [`Subject: Hi {{ Name }} a=?b?`, []],
    [`Subject: Grüße`, []],
    [`Subject: ${word} {{ Name }}`, [
      /^0 warning header\.encoded-word: Subject is an encoded word already, and will be shown literally: '=\?utf-8\?B\?R3LDvMOfZQ==\?= Ann'$/,
    ]],
    [`${S}\nReply-To: ${word} <a@x.example>`, [
      /^0 warning header\.encoded-word: A name in To, Cc/,
    ]],
  ];
  for (const [head, said] of table) {
    const found = await findingsOf(head);
    assert.equal(found.length, said.length, found.join("\n"));
    said.forEach((pattern, index) => assert.match(found[index]!, pattern));
  }
  const [fix] = addressFindings(
    await PostalMime.parse(
      `Subject: =?utf-8?Q?=3D=3Futf-8=3FQ=3FGr=3DC3=3DBC=3DC3=3D9Fe=3F=3D?=\r\n\r\nx`,
    ),
    [],
    { file: "mail.txt" },
  );
  assert.equal(fix?.fix, "Write it as it should be read: 'Grüße'");
});

Deno.test("Mail readers show an encoded word in the template literally, as the warning says", async () => {
  const word = "=?utf-8?B?R3LDvMOfZQ==?=";
  const composer = await composerOf(
    `${FROM}Reply-To: ${word} <a@x.example>\nSubject: ${word}\n\nx\n`,
    NAMES,
  );
  const mail = composer.compose(recipientOf(ROW, "ann@example.com"), EIGHT_BIT);
  assert.ok(!("kind" in mail));
  const { subject, replyTo } = await PostalMime.parse(mail.bytes);
  assert.deepEqual([subject, replyTo?.[0]?.name], [word, word]);
});

Deno.test("addressFindings() notes a mail that is attached as a file", async () => {
  await inFolder({ "good.eml": "Subject: x\n\ny\n", "bad.eml": "no mail" }, async (folder) => {
    assert.deepEqual(
      await findingsOf(`${S}\nAttachment: good.eml\nAttachment: bad.eml`, ROW, `${folder}/m.txt`),
      [
        "0 note content.mail-as-file: 'bad.eml' is attached as a file, not as a mail that is shown inline",
      ],
    );
  });
});
