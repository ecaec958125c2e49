import assert from "node:assert/strict";
import fc from "fast-check";
import { Liquid } from "liquidjs";
import { foreignFilter } from "../../../src/compose/template/syntax/grammar/foreign_words.ts";
import { composerOf, FROM, inputErrorOf } from "../support.ts";

const FOREIGN =
  "upper uppercase lower lowercase capfirst ucfirst length len count trim striptags nl2br urlencode d e safe int float add sub mul div mod strftime tojson fromjson json_decode substr unique wordcount"
    .split(" ");

Deno.test("A filter of another language is no filter here, and what is named instead is one", async () => {
  const { filters } = new Liquid();
  for (const name of FOREIGN) {
    assert.ok(!Object.hasOwn(filters, name), name);
    const hint = foreignFilter(name);
    assert.ok(hint !== undefined, name);
    const [, ours] = /^Write '(.*)'\.$/.exec(hint) ?? [];
    if (ours === undefined) continue;
    const written =
      ours.includes(":") || !["plus", "minus", "times", "divided_by", "modulo"].includes(ours)
        ? ours
        : `${ours}: 1`;
    const argument = ["default", "slice", "truncate", "date"].includes(ours) ? ": 1" : "";
    await composerOf(`${FROM}Subject: x\n\n{{ "1" | ${written}${argument} }}`);
  }
});

Deno.test("A word or text after a value is refused, whatever it is and whatever filters follow", async () => {
  const value = fc.constantFrom("Name", "row['Name']", "'a'", "1", "Name.size", "(1..2)", "true");
  const more = fc.constantFrom(
    "City",
    "'b'",
    "2",
    "row.1",
    "(1..2)",
    "nil",
    ", City",
    ")",
    ".",
    "!",
  );
  const filters = fc.constantFrom("", " | upcase", " | default: 'x' | size");
  await fc.assert(fc.asyncProperty(value, more, filters, async (one, two, rest) => {
    const forms = [`{{ ${one} ${two}${rest} }}`, `{% assign x = ${one} ${two}${rest} %}`];
    if (!two.startsWith(",")) forms.push(`{% if ${one} ${two}${rest} %}a{% endif %}`);
    for (const form of forms) {
      const said = await inputErrorOf(() =>
        composerOf(`${FROM}Subject: x\n\n${form}`, ["Name", "City", "Email"])
      );
      assert.match(said, /^mail\.txt:4:\d+: /, form);
    }
  }));
});
