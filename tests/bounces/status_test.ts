import assert from "node:assert/strict";
import fc from "fast-check";
import { readDeliveryStatus } from "../../src/bounces/reading/delivery_status.ts";
import { diagnose } from "../../src/bounces/reading/status.ts";

Deno.test("diagnose() lets the reply's code decide, then its words, then the report's Status", () => {
  const cases: readonly (readonly [status: string, words: string, verdict: string, why: string])[] =
    [
      ["5.1.1", "", "hard", "a code alone is enough"],
      ["5.1.2", "", "hard", "no such domain"],
      ["5.1.3", "", "hard", "no address"],
      ["5.1.6", "", "hard", "moved"],
      ["5.1.10", "", "hard", "null MX, RFC 7505"],
      ["5.2.1", "", "hard", "mailbox disabled"],
      ["5.4.4", "", "hard", "host not found"],
      ["5.7.17", "", "hard", "the mailbox has another owner, RFC 7293"],
      ["5.1.8", "550 5.1.8 Bad sender's system address", "soft", "it is about the sender"],
      ["5.2.2", "user unknown", "soft", "a code that tells is not overruled by words"],
      ["5.2.3", "", "soft", "message too long"],
      ["5.3.4", "", "soft", "message too big for the system"],
      ["5.4.6", "", "soft", "routing loop"],
      ["5.4.7", "", "soft", "expired"],
      ["5.6.1", "", "soft", "media not supported"],
      ["5.7.1", "550 5.7.1 user unknown", "hard", "some say so for want of a better code"],
      ["5.7.1", "550 5.7.1 not authorized", "soft", "policy"],
      ["5.7.26", "", "soft", "not authenticated"],
      ["4.1.1", "", "soft", "a transient failure is never final"],
      ["4.2.2", "", "soft", "full"],
      ["5.0.0", "550 5.1.1 <a@b.example>", "hard", "5.0.0 tells nothing, the server's code does"],
      ["5.0.0", "550 5.7.1 blocked", "soft", "the server's code again"],
      ["5.1.0", "5.1.0 - Unknown address error 550-'5.7.1 blocked'", "soft", "IronPort"],
      ["5.0.0", "550 No such user", "hard", "no code tells, the words do"],
      ["5.0.0", "554 Your mail is spam", "soft", "words"],
      ["5.0.0", "550 mailbox unavailable as over quota", "soft", "room comes first"],
      ["5.0.0", "something", "soft", "nobody can tell"],
      ["", "", "soft", "nothing at all"],
      ["4.0.0", "no such user", "soft", "the class is transient"],
      ["", "451 no such user just now", "soft", "the reply is transient"],
      ["5.4.1", "550 5.4.1 Recipient address rejected: Access denied", "hard", "Exchange Online"],
      ["5.4.1", "connect to mx[192.0.2.1]: no answer", "soft", "no answer from host"],
    ];
  for (const [status, words, verdict, why] of cases) {
    assert.equal(diagnose(status, words).verdict, verdict, `${status} '${words}': ${why}`);
  }
});

/** Replies that servers are known to give, whatever Status a report makes of them. */
const REPLIES: readonly (readonly [status: string, words: string, verdict: string])[] = [
  ["5.1.1", "552 5.1.1 Boite du destinataire pleine", "soft"],
  [
    "5.2.1",
    "550-5.2.1 The user you are trying to contact is receiving mail at a rate that 550 5.2.1 prevents additional messages",
    "soft",
  ],
  [
    "5.1.3",
    "553 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
    "soft",
  ],
  ["5.1.3", "553 http://www.spamhaus.org/query/bl?ip=192.0.2.1", "soft"],
  [
    "5.0.0",
    "550-Verification failed for <news@acme.example> 550-No Such User Here 550 Sender verify failed",
    "soft",
  ],
  [
    "5.1.0",
    "550 5.1.0 <news@acme.example>: Sender address rejected: User unknown in virtual mailbox table",
    "soft",
  ],
  ["5.7.1", "550 5.7.1 <mx.acme.example>: Helo command rejected: Host not found", "soft"],
  ["5.1.1", "550 5.7.1 IP address blacklisted by recipient", "soft"],
  ["5.1.1", "552 5.2.2 Over quota", "soft"],
  [
    "5.1.351",
    "550 5.1.351 Remote server returned unknown recipient or mailbox unavailable",
    "hard",
  ],
  ["5.7.1", "550 5.7.1 <a@x.test>... No such user", "hard"],
  ["5.0.0", "550 No such user here", "hard"],
  ["5.1.1", "550 5.1.1 <a@spamhaus-fan.test> unknown", "hard"],
  ["5.1.1", "550 5.1.1 <bulk@spam.example>: Recipient address rejected: User unknown", "hard"],
  [
    "5.1.1",
    "host mx.blocked.example[192.0.2.1] said: 550 5.1.1 <a@x.test>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)",
    "hard",
  ],
  ["5.1.1", "550 Access denied", "soft"],
  ["5.1.1", "", "hard"],
  ["5.1.1", "smtp; 550 mailbox", "hard"],
  [
    "5.4.4",
    "Host or domain name not found. Name service error for name=x.test type=A: Host not found",
    "hard",
  ],
  [
    "5.4.4",
    "Host or domain name not found. Name service error for name=x.test type=MX: Host not found, try again",
    "soft",
  ],
  ["5.0.0", "550 El usuario no existe", "hard"],
  ["5.1.1", "550 5.1.1 Mailbox is full / Blocks limit exceeded", "soft"],
  ["5.2.1", "550 5.2.1 mailbox temporarily disabled", "soft"],
  ["5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable", "hard"],
  [
    "5.0.0",
    "554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0] - mta1",
    "hard",
  ],
  [
    "5.1.1",
    "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550 5.1.1 unnecessary spaces.",
    "hard",
  ],
  [
    "5.1.10",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient a@x.test not found by SMTP address lookup",
    "hard",
  ],
  ["5.1.1", "550 5.1.1 too many recipients this hour", "soft"],
  ["5.0.0", "host mx said: 550 unknown user (in reply to MAIL FROM command)", "soft"],
  ["4.4.7", "delivery expired; last: 550 5.1.1 user unknown", "soft"],
  ["5.1.1", "550 5.1.1 Recipient address rejected: Greylisted", "soft"],
  ["5.1.1", "550 5.1.1 Your mailbox address is unknown to us: sender domain has no MX", "soft"],
  ["5.7.26", "550 5.7.26 unauthenticated; no such user", "soft"],
  ["", "unknown user account", "hard"],
  ["", "550 User not local", "soft"],
  ["5.1.2", "550 5.1.2 <a@x.test>: Recipient address rejected: Domain not found", "hard"],
  ["5.1.0", "5.1.0 - Unknown address error 550-'5.7.1 blocked' (delivery attempts: 0)", "soft"],
  ["5.1.0", "5.1.0 - Unknown address error 550-'rejected' (delivery attempts: 0)", "soft"],
  [
    "5.1.0",
    "5.1.0 - Unknown address error 550-'5.1.1 <a@x.test>: user unknown' (delivery attempts: 0)",
    "hard",
  ],
  ["5.1.1", "550 Postfach des Empfängers voll", "soft"],
  ["5.1.1", "550 5.1.1 La boîte aux lettres est pleine", "soft"],
  ["5.1.1", "550 5.1.1 casella piena", "soft"],
  ["5.1.1", "550 5.1.1 El buzón está lleno", "soft"],
  ["5.1.1", "550 5.1.1 Sorry, your IP is on our blacklist", "soft"],
  ["5.1.1", "550 5.1.1 Sender unknown", "soft"],
  ["5.1.1", "returned to sender: 550 5.1.1 user unknown", "hard"],
];

Deno.test("diagnose() judges by what a server says, whatever code or Status comes with it", () => {
  for (const [status, words, verdict] of REPLIES) {
    assert.equal(diagnose(status, words).verdict, verdict, `${status} '${words}'`);
  }
});

Deno.test("diagnose() ignores words in a recipient's address, a link or a host's name", () => {
  for (const name of ["spam", "quota", "sender", "full-mailbox", "blocked", "later", "policy"]) {
    for (
      const words of [
        `550 5.1.1 <${name}@x.test>: Recipient address rejected: User unknown`,
        `550 5.1.1 ${name}@${name}.example unknown user`,
        `host ${name}.example[192.0.2.1] said: 550 5.1.1 no such user`,
        `550 5.1.1 no such user, see https://x.example/${name}?a=${name}`,
      ]
    ) {
      assert.equal(diagnose("5.1.1", words).verdict, "hard", words);
    }
  }
});

Deno.test("diagnose() calls a full mailbox, a rate limit, a blocked host, our sender and our name soft under every code", () => {
  const reasons = [
    "mailbox is full",
    "user is over quota",
    "receiving mail at a rate that prevents additional messages",
    "too many messages this hour",
    "client host [192.0.2.1] blocked using a blacklist",
    "sender address rejected: user unknown",
    "verification failed for <news@acme.example>: no such user here",
    "Helo command rejected: host not found",
    "message rejected as spam",
  ];
  const code = fc.constantFrom("5.1.1", "5.1.2", "5.1.3", "5.1.10", "5.2.1", "5.7.1", "5.0.0", "");
  const reply = fc.constantFrom("550", "551", "552", "553", "554");
  fc.assert(
    fc.property(fc.constantFrom(...reasons), code, code, reply, (reason, status, own, reply) => {
      assert.equal(diagnose(status, `${reply} ${own} ${reason}`).verdict, "soft");
    }),
  );
});

Deno.test("diagnose() takes no address, version or date for a code", () => {
  for (
    const words of [
      "host mx[5.1.1.25] said no",
      "Exim 4.94.2",
      "on 4.5.2026",
      "15.1.1",
      "x5.1.1234",
    ]
  ) {
    assert.equal(diagnose("", words).status, undefined, words);
  }
});

Deno.test("diagnose() keeps the reply code and the words on one line", () => {
  const { code, diagnostic, status } = diagnose("5.0.0", "550-5.1.1 No\n  550 5.1.1 such user");
  assert.deepEqual([code, status, diagnostic], [550, "5.1.1", "550-5.1.1 No 550 5.1.1 such user"]);
});

Deno.test("readDeliveryStatus() reads blocks with missing, duplicate and unordered parts", () => {
  const read = (text: string) =>
    readDeliveryStatus(text).map(({ addresses, action }) => `${action} ${addresses.join(" ")}`);
  assert.deepEqual(
    read("Reporting-MTA: dns; x\n\n\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822;a@x\n"),
    ["failed a@x"],
    "fields in any order",
  );
  assert.deepEqual(
    read("Reporting-MTA: dns; x\nFinal-Recipient: rfc822;a@x\nAction: failed\nStatus: 5.1.1"),
    ["failed a@x"],
    "no empty line after the mail's own fields",
  );
  assert.deepEqual(
    read(
      "Final-Recipient: rfc822;a@x\nAction: failed\nFinal-Recipient: rfc822;b@x\nAction: delayed",
    ),
    ["failed a@x", "delayed b@x"],
    "no empty line between recipients",
  );
  assert.deepEqual(
    read(
      "Original-Recipient: rfc822;o+2Btag@x\nFinal-Recipient: RFC822; <f@y>\nACTION: Failed (bad)",
    ),
    ["failed o+tag@x f@y"],
    "original first, xtext, angle brackets, comment",
  );
  assert.deepEqual(read("Final-Recipient: rfc822;a@x\nStatus: 5.0.0"), ["failed a@x"], "no action");
  assert.deepEqual(read("Final-Recipient: rfc822;a@x\nStatus: 4.0.0"), ["delayed a@x"]);
  for (const type of ["rfc822;", "RFC822; ", "rfc/822;", "rfc822:", "x-local ; ", ""]) {
    assert.deepEqual(
      read(`Final-Recipient: ${type}a@x\nAction: failure\nStatus: 5.0.0`),
      ["failed a@x"],
      type,
    );
  }
  assert.deepEqual(read("Final-Recipient: rfc822;a@x\nAction: expanded\nStatus: 2.0.0"), [
    "other a@x",
  ]);
  assert.deepEqual(read("Action: failed\nStatus: 5.1.1"), [], "nobody named");
  assert.deepEqual(read(""), []);
});

Deno.test("readDeliveryStatus() keeps an original recipient with its final one if no empty line separates two", () => {
  const found = readDeliveryStatus(
    "Final-Recipient: rfc822; ann@x.test\nAction: failed\nStatus: 5.1.1\n" +
      "Original-Recipient: rfc822;\n bob@x.test\nFinal-Recipient: rfc822; bob@y.test\n" +
      "Action: failed\nStatus: 5.2.2\n",
  );
  assert.deepEqual(
    found.map(({ addresses, diagnosis }) => [...addresses, diagnosis.verdict]),
    [["ann@x.test", "hard"], ["bob@x.test", "bob@y.test", "soft"]],
  );
});

Deno.test("diagnose() and readDeliveryStatus() accept any text", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      diagnose(one, other);
      readDeliveryStatus(`Final-Recipient: ${one}\n${other}`);
    }),
  );
});

Deno.test("diagnose() reads phrases that contain a name, and other languages, if no code decides", () => {
  const there = [
    "User <a@b.example> unknown",
    "Recipient a@b.example is unknown",
    "user 'ann' unknown",
    "Account not available: a@b.example",
    "Mailbox not available",
    "no user here by that name",
    "There is no one at this address",
    "address not present in directory",
    "This account is not active",
    "Empfaenger unbekannt",
    "Unbekannter Benutzer",
    "No existe dicha persona",
    "Nessun utente simile in questa locazione",
    "Пользователь не найден",
  ];
  for (const words of there) assert.equal(diagnose("5.0.0", `550 ${words}`).verdict, "hard", words);
  const ours = [
    "MAIL FROM:<us@we.example> no such user",
    "Sender <us@we.example> unknown",
    "Sender 'us' does not exist",
    "Adresse des Absenders unbekannt",
    "Mailbox <a@b.example> is full",
    "user 'ann' over quota, unknown",
    "Account temporarily not available",
  ];
  for (const words of ours) assert.equal(diagnose("5.0.0", `550 ${words}`).verdict, "soft", words);
});
