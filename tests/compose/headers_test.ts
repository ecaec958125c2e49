import assert from "node:assert/strict";
import { inFolder } from "../support/folder.ts";
import { composerOf, FROM, headersOf, inputErrorOf, mailOf } from "./support.ts";

const ROW = ["Ann", "ann@example.com"];

/** The names of the header fields of the mail that a template with these header lines makes. */
async function namesIn(headers: string, file = "mail.txt"): Promise<string[]> {
  const composer = await composerOf(`${FROM}Subject: x\n${headers}\nx\n`, undefined, { file });
  return headersOf(mailOf(composer, ROW)).map((line) => line.split(":")[0]!);
}

const refusal = (headers: string) =>
  inputErrorOf(() => composerOf(`${FROM}Subject: x\n${headers}\nx\n`));

Deno.test("A template cannot set a header that this program or a server on the way writes, in any letter case", async () => {
  for (
    const name of [
      ...["Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"],
      ...["Content-Disposition", "DKIM-Signature", "ARC-Seal", "Return-Path", "Received"],
      ...["Resent-From", "Resent-Message-ID", "DATE", "content-id"],
    ]
  ) {
    assert.match(await refusal(`${name}: x\n`), /^mail\.txt:3:1: .*cannot set the header/, name);
  }
});

Deno.test("A template can set a header whose name only contains such a name", async () => {
  for (
    const name of [
      ...["X-Date", "Dated", "X-Received", "Received-By", "X-Content-Type", "X-Return-Path"],
      ...["Return-Path-Of", "X-DKIM-Signature", "X-Message-ID", "Content-Language"],
    ]
  ) {
    assert((await namesIn(`${name}: de\n`)).includes(name), name);
  }
});

Deno.test("Only a header that RFC 5322, 2369 or 2919 allows once is refused the second time", async () => {
  for (
    const [name, value] of [
      ["To", "a@b.example"],
      ["Cc", "a@b.example"],
      ["Bcc", "a@b.example"],
      ["Sender", "a@b.example"],
      ["Reply-To", "a@b.example"],
      ["From", "a@b.example"],
      ["Subject", "y"],
      ["Preheader", "y"],
      ["In-Reply-To", "<1@b.example>"],
      ["References", "<1@b.example>"],
      ["Content-Language", "de"],
      ["Feedback-ID", "1:2"],
      ["List-Id", "<a.example>"],
      ["Disposition-Notification-To", "a@b.example"],
      ["Return-Receipt-To", "a@b.example"],
      ["Errors-To", "a@b.example"],
      ["Mail-Reply-To", "a@b.example"],
      ["Mail-Followup-To", "a@b.example"],
      ...["Unsubscribe", "Unsubscribe-Post", "Help", "Subscribe", "Post", "Owner", "Archive"]
        .map((name) => [`List-${name}`, "<https://a.example/>"] as const),
    ] as const
  ) {
    const line = `${name}: ${value}\n`;
    const twice = await refusal(line + line.toLowerCase());
    assert.match(twice, /only once/, name);
    assert(twice.toLowerCase().includes(`'${name.toLowerCase()}'`), twice);
  }
  const names = await namesIn("X-Tag: a\nX-Tag: b\nComments: a\nComments: b\n");
  assert.equal(names.filter((name) => name === "X-Tag" || name === "Comments").length, 4);
});

Deno.test("Bcc, Attachment and Preheader do not become headers of the mail, and others keep their order", async () => {
  await inFolder({ "a.txt": "a", "b.txt": "b" }, async (cwd) => {
    const names = await namesIn(
      "Bcc: v@x.example\nX-B: 1\nAttachment: a.txt\nPreheader: y\nATTACHMENT: b.txt\nX-A: 1\n",
      `${cwd}/mail.md`,
    );
    assert.deepEqual(names.slice(0, 8), [
      ...["Date", "From", "To", "Subject", "X-B", "X-A", "Message-ID", "MIME-Version"],
    ]);
    assert(!names.some((name) => /^(bcc|attachment|preheader)$/i.test(name)), names.join());
  });
});

Deno.test("Each address header accepts only addresses, and comes before the subject", async () => {
  const names = [
    ...["Sender", "Reply-To", "Cc", "Disposition-Notification-To", "Return-Receipt-To"],
    ...["Errors-To", "Mail-Reply-To", "Mail-Followup-To"],
  ];
  for (const name of names) {
    const found = await namesIn(`${name}: a@b.example\n`);
    assert.equal(found.indexOf(name), found.indexOf("Subject") - 1, name);
    assert.match(await refusal(`${name}: not an address\n`), /^mail\.txt:3:/, name);
  }
});

Deno.test("Options replace the template's own From, Reply-To, List-Id and Feedback-ID, and leave the others", async () => {
  const template = `${FROM}reply-to: old@acme.example\nLIST-ID: <old.example>\n` +
    "Feedback-Id: old\nX-Tag: kept\nSubject: x\n\nx\n";
  const lines = async (input: Parameters<typeof composerOf>[2]) =>
    headersOf(mailOf(await composerOf(template, undefined, input), ROW));
  const plain = (await lines({})).join("\n");
  assert.match(plain, /^From: Acme <news@acme\.example>$/m);
  for (const line of [/^reply-to: old@/im, /^list-id: <old\./im, /^feedback-id: old$/im]) {
    assert.match(plain, line);
  }
  const replaced = (await lines({
    from: "New <new@acme.example>",
    replyTo: "new@acme.example",
    mailingList: { listId: "<new.example>", feedbackId: "new" },
  })).join("\n");
  assert.doesNotMatch(replaced, /old|news@/);
  for (
    const line of [
      /^From: New <new@acme\.example>$/m,
      /^Reply-To: new@acme\.example$/m,
      /^List-Id: <new\.example>$/m,
      /^Feedback-ID: new$/m,
      /^X-Tag: kept$/m,
    ]
  ) {
    assert.match(replaced, line);
  }
});
