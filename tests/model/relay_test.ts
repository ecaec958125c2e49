import assert from "node:assert/strict";
import { Secret } from "../../src/model/relay.ts";
import { parseRelay } from "../../src/smtp/url/relay_url.ts";

Deno.test("A Secret is shown only by reveal()", () => {
  const relay = parseRelay("smtp://ann:geheim@x.test", {
    password: undefined,
    readTextFile: () => "",
  });
  for (
    const text of [
      JSON.stringify(relay),
      Deno.inspect(relay, { depth: 9 }),
      String(relay.auth?.password),
    ]
  ) {
    assert.ok(!text.includes("geheim"));
  }
  assert.equal(String(new Secret("geheim")), "[secret]");
});
