import assert from "node:assert/strict";
import fc from "fast-check";
import { namedRecipients } from "../../src/bounces/reading/named_recipients.ts";
import { readReport } from "../../src/bounces/reading/bounce_report.ts";

function named(text: string, ours: readonly string[] = [], listed: readonly string[] = []) {
  return namedRecipients(text, listed, (address) => ours.includes(address))
    .map(({ address, words }) => `${address} | ${words.replaceAll(/\s+/g, " ").trim()}`);
}

Deno.test("namedRecipients() finds an address where a recipient is named, with what is said about it", () => {
  const cases: readonly (readonly [text: string, expected: string])[] = [
    ["<ann@x.test>:\nUser unknown\n", "ann@x.test | User unknown"],
    ["   * Ann@X.test\n\n553 No such user", "ann@x.test | 553 No such user"],
    ['"ann@x.test":\nno mailbox', "ann@x.test | no mailbox"],
    ["ann@x.test [User unknown]", "ann@x.test | [User unknown]"],
    ["ann@x.test Invalid Address, 550", "ann@x.test | Invalid Address, 550"],
    ["Recipient address: ann@x.test\nReason: gone", "ann@x.test | Reason: gone"],
    ["554 <ann@x.test>... Host unknown", "ann@x.test | 554 <ann@x.test>... Host unknown"],
    ["Failed:\n\nUser not listed\nann@x.test\n\n", "ann@x.test | User not listed"],
    ["Your mail to <ann@x.test> failed", "ann@x.test | Your mail to <ann@x.test> failed"],
    ["rejected recipient <ann@x.test>", "ann@x.test | rejected recipient <ann@x.test>"],
    ["Unknown user: ann@x.test", "ann@x.test | Unknown user: ann@x.test"],
    ["Sent <<< RCPT TO:<ann@x.test>", "ann@x.test | Sent <<< RCPT TO:<ann@x.test>"],
  ];
  for (const [text, expected] of cases) assert.deepEqual(named(text), [expected], text);
});

Deno.test("namedRecipients() takes no other address for the recipient, even if it comes first", () => {
  const texts = [
    "The message was received from bob@x.test",
    "Ask bob@x.test about it",
    "bob@x.test is on holiday",
    "Questions? Write to us: see bob@x.test.",
    "From: bob@x.test\nSubject: x",
  ];
  for (const text of texts) assert.deepEqual(named(text), [], text);
  assert.deepEqual(named("From bob@x.test\n\nann@x.test [User unknown]"), [
    "ann@x.test | [User unknown]",
  ]);
});

Deno.test("namedRecipients() never takes an address of ours, unless a header field names it", () => {
  const text = "<news@acme.test>:\nUser unknown\n\nYour mail to news@acme.test failed";
  assert.deepEqual(named(text, ["news@acme.test"]), []);
  assert.equal(named(text, ["news@acme.test"], ["news@acme.test"]).length, 1);
});

Deno.test("namedRecipients() ignores addresses that the text tells its reader to write to", () => {
  const texts = [
    "Could not be delivered: user unknown.\nContact the administrator at:\nbob@x.test\n",
    "Ann has left the company, her mailbox is disabled. Send mail to: bob@x.test\n",
    "The mailbox is disabled. Please send your message to bob@x.test instead.\n",
    "No such user. Instead contact\n\nbob@x.test\n",
    "No such user. Her new address:\n\n<bob@x.test>\n",
    "Das Postfach gibt es nicht mehr. Bitte wenden Sie sich an\nbob@x.test\n",
    "550 no such user\n\npostmaster@x.test\n",
  ];
  for (const text of texts) assert.deepEqual(named(text), [], text);
  const both = "<ann@x.test>:\nUser unknown. For help contact\n<bob@x.test>\n";
  assert.deepEqual(named(both).map((one) => one.split(" ")[0]), ["ann@x.test"]);
  const help = "For further assistance, please send mail to postmaster.\n\n<ann@x.test>: gone\n";
  assert.equal(named(help).length, 1);
});

Deno.test("A report whose text contains the returned mail is never about that mail's sender", async () => {
  const report = (returned: string) =>
    readReport(new TextEncoder().encode(
      "From: MAILER-DAEMON@x.test\nTo: bounces@acme.test\nSubject: Undelivered mail\n\n" +
        "This is the mail system at host x.\n\n<news@acme.test>: 550 user unknown\n\n" +
        `--- Below this line is a copy of the message.\n\n${returned}\n\nHello\n`,
    ));
  for (const field of ["From: News", "Reply-To:", "Return-Path:"]) {
    const found = await report(`${field} <news@acme.test>\nTo: ann@x.test, bob@x.test`);
    assert.equal(found.kind, "other", field);
  }
});

Deno.test("namedRecipients() gives each of several recipients their own words", () => {
  const text = "<ann@x.test>:\nUser unknown\n\n<bob@x.test>:\nMailbox full\n";
  assert.deepEqual(named(text), ["ann@x.test | User unknown", "bob@x.test | Mailbox full"]);
});

Deno.test("namedRecipients() takes time in proportion to the length of the text", () => {
  const size = 128 * 1024;
  const pieces = [
    "send to ",
    "a@b,",
    "\n<<<<>>>",
    "\n* a@",
    "550 aaaa ",
    "\nunknown user a",
    "\n \n",
  ];
  for (const piece of pieces) {
    const text = piece.repeat(size / piece.length);
    const start = performance.now();
    named(text);
    assert(performance.now() - start < 2_000, JSON.stringify(piece));
  }
});

Deno.test("namedRecipients() accepts any text", () => {
  fc.assert(fc.property(fc.string(), (text) => void named(text)));
});

/** What is read from a report in plain text that includes the returned mail. */
function textReport(text: string): Promise<string> {
  const mail = `From: MAILER-DAEMON@mx.example
To: news@acme.test
Reply-To: help@mx.example
Subject: Undelivered mail
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

${text}

--b
Content-Type: message/rfc822

From: Acme <hello@acme.test>
Reply-To: answers@acme.test
Return-Path: <bounce@acme.test>
To: one@x.test, two@x.test
Subject: x

x
--b--
`;
  return readReport(new TextEncoder().encode(mail)).then((report) =>
    report.kind === "bounce"
      ? report.failures.flatMap(({ addresses }) => addresses).join(" ")
      : report.kind
  );
}

Deno.test("readReport() never takes our sender, return path or Reply-To in a text for the recipient", async () => {
  const ours = [
    "news@acme.test",
    "hello@acme.test",
    "answers@acme.test",
    "bounce@acme.test",
    "help@mx.example",
    "MAILER-DAEMON@mx.example",
  ];
  for (const address of ours) {
    assert.equal(await textReport(`<${address}>:\nUser unknown`), "other", address);
    assert.equal(await textReport(`Message from <${address}>:\n\n<ann@x.test>:\nno`), "ann@x.test");
  }
});

Deno.test("readReport() finds the reason for a single recipient wherever the text gives it", async () => {
  const texts: readonly (readonly [text: string, verdict: string])[] = [
    [
      "550 5.1.1 User unknown\n\nThe following recipients were affected:\n    ann@x.test\n\nBye",
      "hard",
    ],
    ["   * ann@x.test\n\n=====\n  Technical details:\n\n550 No such user here", "hard"],
    ["Mailbox full, user unknown\n\nann@x.test\n\nBye", "soft"],
    [">>> RCPT To:<other@x.test>\n<<< 550 User unknown\n\n<ann@x.test>\n", "hard"],
  ];
  for (const [text, verdict] of texts) {
    const report = await readReport(new TextEncoder().encode(
      `From: MAILER-DAEMON@mx.example\nTo: me@acme.test\nSubject: Undelivered mail\n\n${text}`,
    ));
    assert(report.kind === "bounce", text);
    const found = report.failures.map((
      { addresses, diagnosis },
    ) => [...addresses, diagnosis.verdict]);
    assert.deepEqual(found, [["ann@x.test", verdict]], text);
  }
});

Deno.test("readReport() reads the reason from the text if the Status gives none", async () => {
  const report = await readReport(
    new TextEncoder().encode(`From: MAILER-DAEMON@mx.example
Subject: Delivery status notification
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

The following recipients failed:

ann@x.test: 550 5.1.1 <ann@x.test>: User unknown
bob@x.test: 552 5.2.2 <bob@x.test>: Mailbox full

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; bob@x.test
Action: failed
Status: 5.0.0

Final-Recipient: rfc/822; ann@x.test
Action: failed
Status: 5.0.0

--b--
`),
  );
  assert(report.kind === "bounce");
  assert.deepEqual(
    report.failures.map(({ addresses, diagnosis }) => [...addresses, diagnosis.verdict]),
    [["bob@x.test", "soft"], ["ann@x.test", "hard"]],
  );
});

Deno.test("readReport() reads a report whose parts cannot be told apart, and SES notices in JSON", async () => {
  const broken = await readReport(
    new TextEncoder().encode(`From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=other

--b

<ann@x.test>: no

--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; ann@x.test
Action: failed
Status: 5.1.1

--b--
`),
  );
  assert(broken.kind === "bounce");
  assert.equal(broken.failures[0]!.diagnosis.verdict, "hard");
  const notice = (type: string) =>
    readReport(
      new TextEncoder().encode(`From: no-reply@sns.amazonaws.com
Subject: AWS Notification Message

{"notificationType":"Bounce","bounce":{"bounceType":"${type}","bouncedRecipients":[{"emailAd!
 dress":"ann@x.test","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}}
`),
    );
  for (const [type, verdict] of [["Permanent", "hard"], ["Transient", "soft"]] as const) {
    const report = await notice(type);
    assert(report.kind === "bounce");
    const [{ addresses, diagnosis }] = report.failures as [typeof report.failures[0]];
    assert.deepEqual([addresses, diagnosis.verdict], [["ann@x.test"], verdict]);
  }
});

Deno.test("A report with nothing but a Status is judged by its human-readable text, quoted or not", async () => {
  const verdictOf = async (words: string) => {
    const report = await readReport(
      new TextEncoder().encode(
        "From: MAILER-DAEMON@x.test\nSubject: Undelivered\n" +
          "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
          `--b\nContent-Type: text/plain\n\n<ann@x.test>: ${words}\n\n` +
          "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n" +
          "Final-Recipient: rfc822; ann@x.test\nAction: failed\nStatus: 5.1.1\n\n--b--\n",
      ),
    );
    assert(report.kind === "bounce");
    return report.failures.map(({ diagnosis }) => diagnosis.verdict).join();
  };
  assert.equal(await verdictOf("550 User unknown"), "hard");
  assert.equal(await verdictOf("it could not be delivered"), "hard");
  assert.equal(await verdictOf("550 5.2.1 is receiving mail at a rate that"), "soft");
  assert.equal(await verdictOf("550 5.2.1 is receiving mail at\n> a rate that"), "soft");
  assert.equal(await verdictOf("550 blocked using a blacklist"), "soft");
});
