import assert from "node:assert/strict";
import fc from "fast-check";
import { readDeliveryStatus } from "../../src/bounces/delivery_status.ts";
import { diagnose } from "../../src/bounces/status.ts";

Deno.test("diagnose() lets the code decide, then the code in the words, then the words", () => {
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
      ["5.7.1", "550 5.7.1 user unknown", "soft", "policy"],
      ["5.7.26", "", "soft", "not authenticated"],
      ["4.1.1", "", "soft", "a transient failure says nothing for good"],
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

Deno.test("readDeliveryStatus() reads blocks with missing, doubled and unordered parts", () => {
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
  assert.deepEqual(read("Final-Recipient: rfc822;a@x\nAction: expanded\nStatus: 2.0.0"), [
    "other a@x",
  ]);
  assert.deepEqual(read("Action: failed\nStatus: 5.1.1"), [], "nobody named");
  assert.deepEqual(read(""), []);
});

Deno.test("diagnose() and readDeliveryStatus() take any text", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      diagnose(one, other);
      readDeliveryStatus(`Final-Recipient: ${one}\n${other}`);
    }),
  );
});
