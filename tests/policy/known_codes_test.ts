import assert from "node:assert/strict";
import { hintOf } from "../../src/policy/known_codes.ts";
import { likenessOf } from "../../src/policy/likeness.ts";
import { LATER_HINT } from "../../src/record/reply_rules.ts";

function reply(code: number, enhanced: string | undefined, text = "no") {
  return { code, enhanced, text, lines: [text] };
}

Deno.test("What is known of a code says its number, its source and the next step", () => {
  const cases = [
    ["5.4.5", /^5\.4\.5: .*Gmail.* Run again when the quota is renewed/],
    ["5.1.8", /^5\.1\.8: RFC 3463.* Use a From address/],
    ["5.2.252", /^5\.2\.252: Microsoft/],
    ["5.7.1", /^5\.7\.1: RFC 3463, 3\.8/],
    ["5.3.4", /^5\.3\.4: RFC 3463.* larger .* Make it smaller/],
    [undefined, /^check that this machine or account may send through the relay/],
    ["5.9.99", /^check that this machine or account may send through the relay/],
  ] as const;
  for (const [code, hint] of cases) assert.match(hintOf(reply(550, code)), hint);
});

Deno.test("A 4yz that no code explains is said to pass, and one that a code explains is explained", () => {
  for (const enhanced of ["4.3.0", "4.2.0", "4.7.1", undefined]) {
    assert.equal(hintOf(reply(450, enhanced)), LATER_HINT);
  }
  assert.match(hintOf(reply(450, "4.7.28")), /^4\.7\.28: Gmail/);
});

Deno.test("Two refusals are alike whatever they say of the mail, and not where code or words differ", () => {
  const one = likenessOf(reply(550, "5.7.1", "<a@x.test>: not you (4XyZ1)"));
  assert.equal(likenessOf(reply(550, "5.7.1", "<b@y.test>:  NOT you (9AbC7)")), one);
  assert.notEqual(likenessOf(reply(550, "5.7.1", "<a@x.test>: not today (4XyZ1)")), one);
  assert.notEqual(likenessOf(reply(554, "5.7.1", "<a@x.test>: not you (4XyZ1)")), one);
  assert.notEqual(likenessOf(reply(550, "5.1.1", "<a@x.test>: not you (4XyZ1)")), one);
});
