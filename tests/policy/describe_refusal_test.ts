import assert from "node:assert/strict";
import { describeRefusal, namesRecipient } from "../../src/policy/replies/describe_refusal.ts";
import { reply } from "../ledger/ledgers.ts";

Deno.test("describeRefusal() puts stage, code and text in one line", () => {
  assert.equal(
    describeRefusal("rcpt", reply(450, "4.2.0", "later")),
    "RCPT was put off: 450 4.2.0 later",
  );
  assert.equal(describeRefusal("body", reply(554, undefined, "")), "The message was refused: 554");
});

Deno.test("namesRecipient() is true of the stages at which the server knows the recipient", () => {
  const stages = ["connect", "greeting", "ehlo", "mail", "rcpt", "data", "body", "rset"] as const;
  assert.deepEqual(stages.filter(namesRecipient), ["rcpt", "data", "body"]);
});
