import assert from "node:assert/strict";
import { domainOf } from "../../src/text/domain_of.ts";

Deno.test("domainOf() returns what follows the last @, in lower case", () => {
  assert.equal(domainOf("Ann@Mail.EXAMPLE"), "mail.example");
  assert.equal(domainOf('"a@b"@x.test'), "x.test");
});
