import assert from "node:assert/strict";
import { composerOf, FROM } from "../compose/support.ts";
import { findingsOf, NAMES } from "./value_support.ts";

/** Its findings as `check line:column`. */
async function shortOf(...of: Parameters<typeof findingsOf>): Promise<string[]> {
  return (await findingsOf(...of)).map(({ check, where }) => {
    assert(where !== undefined && "file" in where);
    return `${check.replace("value.", "")} ${where.line}:${where.column}`;
  });
}

Deno.test("check finds cells that are no numbers if the template calculates with them", async () => {
  const bad = [{ Amount: "12.50" }, { Amount: "1.234,50" }, { Amount: "12 EUR" }, { Amount: " " }];
  const table: readonly (readonly [template: string, found: readonly string[]])[] = [
    ["{{ Amount | times: 2 }}", ["not-a-number 4:4"]],
    ["{{ 2 | times: Amount }}", ["not-a-number 4:15"]],
    ["{{ Amount | strip | round: 2 }}", ["not-a-number 4:4"]],
    ["{% assign a = Amount %}{{ a | plus: 1 }}", ["not-a-number 4:27"]],
    ['{% assign a = Amount | default: "0" %}{{ a | plus: 1 }}', ["not-a-number 4:42"]],
    ["{% if Amount > 100 %}a{% endif %}", ["not-a-number 4:7"]],
    ["{% if 100 <= Amount %}a{% endif %}", ["not-a-number 4:14"]],
    ["{% for i in (1..Amount) %}a{% endfor %}", ["not-a-number 4:17"]],
    ['{{ Amount | remove: "." | replace: ",", "." | times: 2 }}', []],
    ["{{ Points | times: 2 }}", []],
    ["{{ Amount | append: 2 }} {{ Amount.size | plus: 1 }}", []],
  ];
  for (const [template, expected] of table) {
    assert.deepEqual(await shortOf(template, bad), expected, template);
    assert.deepEqual(
      await shortOf(template, [{ Amount: "-12.50" }, { Amount: "" }, { Amount: " 7 " }]),
      [],
      template,
    );
  }
});

Deno.test("check finds numbers that are ordered as text, if that makes a difference", async () => {
  const template = '{% if Points > "100" %}a{% endif %}{% if Points <= Most %}b{% endif %}';
  assert.deepEqual(await shortOf(template, [{ Points: "9", Most: "8" }]), ["text-order 4:7"]);
  assert.deepEqual(await shortOf(template, [{ Points: "900", Most: "1000" }]), ["text-order 4:42"]);
  assert.deepEqual(
    await shortOf(template, [{ Points: "101", Most: "102" }, { Points: "x", Most: "1" }]),
    [],
  );
  const dates = '{% if Points > "2026-01-01" %}a{% endif %}';
  assert.deepEqual(await shortOf(dates, [{ Points: "2026-02-01" }]), []);
});

Deno.test("check finds 'and' before 'or', whatever the list contains, and not the other way round", async () => {
  const table: readonly (readonly [template: string, found: readonly string[]])[] = [
    ["{% if X == '1' and Most or Points > 3 %}a{% endif %}", ["and-before-or 4:16"]],
    ["{% assign a = X == '1' and Most or Member == 'x' %}{{ a }}", ["and-before-or 4:24"]],
    ["{% if X or Most and Points or Member %}a{% endif %}", ["and-before-or 4:17"]],
    ["{% if X == 'and' or Most == 'or' and Points == 'or' %}a{% endif %}", []],
    ["{% if X and Most and Points %}a{% elsif X or Most or Points %}b{% endif %}", []],
  ];
  for (const [template, expected] of table) {
    assert.deepEqual(await shortOf(template), expected, template);
  }
  const [finding] = await findingsOf("{% if X == '1' and Most or Points > 3 %}a{% endif %}");
  assert.equal(
    finding!.what,
    "'X == '1' and Most or Points > 3' is read as X == '1' and (Most or Points > 3)",
  );
});

Deno.test("check finds a word that means no and counts as true", async () => {
  const asked = "{% if Member %}a{% endif %}";
  for (const word of ["FALSE", "false", "no", "No", "0", " nein "]) {
    assert.deepEqual(await shortOf(asked, [{ Member: "TRUE" }, { Member: word }]), [
      "true-word 4:7",
    ], word);
  }
  assert.deepEqual(
    await shortOf(asked, [{ Member: "TRUE" }, { Member: "" }, { Member: "Norway" }]),
    [],
  );
  const no = [{ Member: "FALSE" }];
  const table: readonly (readonly [template: string, found: readonly string[]])[] = [
    ["{% unless Member %}a{% endunless %}", ["true-word 4:11"]],
    ["{% if X == '1' and Member %}a{% endif %}", ["true-word 4:20"]],
    ["{% if not Member %}a{% endif %}", ["true-word 4:11"]],
    ["{% if X == '1' %}a{% elsif Member %}b{% endif %}", ["true-word 4:28"]],
    ["{% assign m = Member %}{% if m %}a{% endif %}", ["true-word 4:30"]],
    ["{% if Member == 'TRUE' %}a{% endif %}", []],
    ["{% if Member and Member != 'FALSE' %}a{% endif %}", []],
    ["{{ Member | default: 'x' }}", []],
  ];
  for (const [template, expected] of table) {
    assert.deepEqual(await shortOf(template, no), expected, template);
  }
});

Deno.test("A finding about a value names the cell, line, number of rows and remedy, and appears once", async () => {
  const rows = [{ Amount: "5" }, { Amount: "1.234,50" }, { Amount: "7,5" }, { Amount: "8 EUR" }];
  const [finding, ...others] = await findingsOf("# {{ Amount | times: 2 }}", rows, "mail.md");
  assert.deepEqual(others, []);
  assert.deepEqual(finding, {
    level: "warning",
    check: "value.not-a-number",
    what:
      "'times' expects a number in 'Amount', which holds '1.234,50' (list.csv:3 and 2 more rows)",
    why: "Liquid reads 1234.5 and -3; anything else, such as a number with a unit, counts as 0",
    fix: "Write plain numbers such as 1234.50 in that column, and put units into the template",
    where: { file: "mail.md", line: 4, column: 6 },
  });
  const [word] = await findingsOf("{% if Member %}a{% endif %}", [{ Member: "FALSE" }]);
  assert.equal(word!.what, "'Member' holds 'FALSE' (list.csv:2), which is true, as any text is");
  assert.equal(word!.fix, 'Test for the word: Member and Member != "FALSE"');
  const [order] = await findingsOf('{% if "100" < Points %}a{% endif %}', [{ Points: "9" }]);
  assert.equal(
    order!.what,
    "'\"100\" < Points' compares text, character by character: '100' and '9' (list.csv:2)",
  );
  assert.equal(order!.fix, "Convert both to numbers first: {% assign number = Points | plus: 0 %}");
});

Deno.test("Composer.uses() reports where the time of sending is shown", async () => {
  const table: readonly (readonly [template: string, now: boolean])[] = [
    ['{{ "now" | date: "%Y" }}', true],
    ["{{ 'today' | date_to_string }}", true],
    ['{% assign t = "now" %}{% if X %}{{ t | date: "%Y" }}{% endif %}', true],
    ['{% assign y = "now" | date: "%Y" %}{{ y }}', true],
    ['{{ X | date: "%Y" }} now', false],
    ['{% if X == "now" %}{{ "now" }}{% endif %}', false],
  ];
  for (const [template, now] of table) {
    const composer = await composerOf(`${FROM}Subject: x\n\n${template}\n`, NAMES);
    assert.equal(composer.uses().some(({ kind }) => kind === "now"), now, template);
  }
  const composer = await composerOf(`${FROM}Subject: {{ "now" | date: "%Y" }}\n\nx\n`, NAMES);
  assert.deepEqual(composer.uses().map(({ kind, place }) => [kind, place.line, place.column]), [[
    "now",
    2,
    13,
  ]]);
});
