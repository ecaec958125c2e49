import assert from "node:assert/strict";
import { composerOf, EIGHT_BIT, FROM, mailOf, reasonOf, recipientOf, textOf } from "./support.ts";

const TEMPLATE = `${FROM}Subject: Hello

{% assign about = Attributes | json_parse %}{% if about.city %}in {{ about.city }}{% endif %}.`;
const COLUMNS = ["Attributes", "Email"];

Deno.test("A template reads what a cell holds as JSON", async () => {
  const composer = await composerOf(TEMPLATE, COLUMNS);
  for (
    const [cell, body] of [
      [`{"city":"Graz"}`, "in Graz."],
      [`{"city":null}`, "."],
      [`[1,2]`, "."],
      ["  ", "."],
      // A cell cannot reach what JavaScript objects inherit.
      [`{"__proto__":{"city":"Linz"}}`, "."],
      [`{"constructor":{"city":"Linz"}}`, "."],
    ] as const
  ) {
    assert.equal(textOf(mailOf(composer, [cell, "a@x.test"])).split("\r\n\r\n")[1]?.trim(), body);
  }
});

Deno.test("A cell that is not JSON makes the row invalid, with what was found", async () => {
  const composer = await composerOf(TEMPLATE, COLUMNS);
  const mail = composer.compose(recipientOf(["{city: Graz}", "a@x.test"]), EIGHT_BIT);
  assert.match(String(reasonOf(mail)), /'json_parse' needs JSON: found '{city: Graz}'/);
});
