import assert from "node:assert/strict";
import { findingsOf, renderedOf } from "./value_support.ts";

const PLAIN = "Write plain numbers such as 1234.50 in that column";

Deno.test("The advice for numbers takes every cell of the column into account, and yields the intended numbers", async () => {
  const table: readonly (readonly [cells: readonly string[], numbers: readonly string[]])[] = [
    [["1,234", "1,234.50"], ["1234", "1234.5"]],
    [["1,234.50", "1,234"], ["1234.5", "1234"]],
    [["1,234", "12.5"], ["1234", "12.5"]],
    [["1,234", "1,234,567"], ["1234", "1234567"]],
    [["-1,234.5", "", "7"], ["-1234.5", "0", "7"]],
    [["1234,5"], ["1234.5"]],
    [["1.234", "12,5"], ["1234", "12.5"]],
    [["1.234.567", "1,234"], ["1234567", "1.234"]],
    [["0,125", "1,234"], ["0.125", "1.234"]],
  ];
  for (const [cells, numbers] of table) {
    const rows = cells.map((Amount) => ({ Amount }));
    const [finding] = await findingsOf("{{ Amount | times: 2 }}", rows);
    const [, recipe] = /first: (\{% assign number = .*%\})$/.exec(finding!.fix) ?? [];
    assert(recipe !== undefined, `${cells}: ${finding!.fix}`);
    assert.deepEqual(await renderedOf(`${recipe}{{ number }}`, rows), numbers);
  }
});

Deno.test("If the cells do not show how numbers are written, the advice says so and has no recipe", async () => {
  const table: readonly (readonly [cells: readonly string[], fix: string])[] = [
    [
      ["1,234"],
      `'1,234' can be read in two ways, as 1234 and as 1.234: ${PLAIN.replace("Write", "write")}`,
    ],
    [
      ["5", "1,234", "1.234"],
      `'1,234' can be read in two ways, as 1234 and as 1.234: ${PLAIN.replace("Write", "write")}`,
    ],
    [
      ["1,234.5", "1.234,5"],
      "The column writes numbers in more than one way: write all of them as 1234.50",
    ],
    [
      ["12.5", "12,5"],
      "The column writes numbers in more than one way: write all of them as 1234.50",
    ],
    [["1,234.5", "8 EUR"], `${PLAIN}, and put units into the template`],
    [["12,34,567"], `${PLAIN}, and put units into the template`],
  ];
  for (const [cells, fix] of table) {
    const rows = cells.map((Amount) => ({ Amount }));
    const [finding] = await findingsOf("{{ Amount | times: 2 }}", rows);
    assert.equal(finding!.fix, fix);
  }
});

/** What a template makes of rows when a condition in it is replaced by the one advised. */
async function following(fix: string, template: string, rows: readonly { X: string }[]) {
  const assign = /\{% assign [^%]*%\}/.exec(fix)?.[0] ?? "";
  const then = / then (.*)$/.exec(fix)?.[1];
  const better = then ?? /: ([^:;]*?)(?:; or .*)?$/.exec(fix)![1]!;
  const written = better.startsWith("{%") ? better : `{% if ${better} %}`;
  const head = /\{% (?:if|case) [^%]*%\}(?:\{% when [^%]*%\})?/;
  return await renderedOf(assign + template.replace(head, () => written), rows);
}

Deno.test("Following the advice about a comparison has the intended effect", async () => {
  const table: readonly (readonly [
    condition: string,
    cells: readonly string[],
    shown: readonly string[],
  ])[] = [
    ["X == true", ["TRUE", "FALSE"], ["yes", "no"]],
    ["X == false", ["TRUE", "FALSE", ""], ["no", "yes", "no"]],
    ["X != true", ["TRUE", "FALSE"], ["no", "yes"]],
    ["X == true", ["TRUE", "true ", "no"], ["yes", "yes", "no"]],
    ["X == nil", ["", "a"], ["yes", "no"]],
    ["X != nil", ["", "a"], ["no", "yes"]],
    ["X == 150", ["150", "15"], ["yes", "no"]],
    ["X == 150", ["150.00", "15"], ["yes", "no"]],
    ["X != 150", ["150", "15"], ["no", "yes"]],
    ["150 != X", ["150", "15"], ["no", "yes"]],
    ["X == 150.0", ["150", "15"], ["yes", "no"]],
    ["X == 150.50", ["150.5", "15"], ["yes", "no"]],
    ["X", ["TRUE", "", "no", "FALSE", " 0"], ["yes", "no", "no", "no", "no"]],
  ];
  for (const [condition, cells, shown] of table) {
    const template = `{% if ${condition} %}yes{% else %}no{% endif %}`;
    const rows = cells.map((X) => ({ X }));
    const [finding] = await findingsOf(template, rows);
    assert.deepEqual(await following(finding!.fix, template, rows), shown, finding!.fix);
  }
  const cases: readonly (readonly [cell: string, other: string, when: string])[] = [
    ["150", "15", "150"],
    ["150", "15", "150.0"],
    ["TRUE", "FALSE", "true"],
    ["", "a", "nil"],
  ];
  for (const [cell, other, when] of cases) {
    const template = `{% case X %}{% when ${when} %}yes{% else %}no{% endcase %}`;
    const rows = [{ X: cell }, { X: other }];
    const [finding] = await findingsOf(template, rows);
    assert.deepEqual(await following(finding!.fix, template, rows), ["yes", "no"], finding!.fix);
  }
});

Deno.test("The advice for a number that is compared with a string in quotes is to compare it with a number", async () => {
  const number = "{% assign x = X | times: 1 %}";
  const [finding] = await findingsOf(`${number}{% if x == "150" %}a{% endif %}`);
  assert.equal(finding!.what, "'x == \"150\"' is never true: \"150\" is text, and 'x' is a number");
  assert.equal(finding!.fix, "Compare it with a number: x == 150");
  const [not] = await findingsOf(`${number}{% if "007" != x %}a{% endif %}`);
  assert.equal(not!.fix, "Compare it with a number: x != 7");
  const [when] = await findingsOf(`${number}{% case x %}{% when "1" %}a{% endcase %}`);
  assert.equal(when!.fix, "Compare it with a number: {% case x %}{% when 1 %}");
});

Deno.test("If the list has no such word, the advice names words that it has", async () => {
  const rows = ["yes", "no", "yes", 'a "b"'].map((X) => ({ X }));
  const [finding] = await findingsOf("{% if X == true %}a{% endif %}", rows);
  assert.equal(finding!.fix, 'Compare it with a value from the list, such as "yes", "no"');
});
