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

Deno.test("Following the advice about a word that means no has the intended effect", async () => {
  const rows = ["TRUE", "", "no", "FALSE", " 0"].map((X) => ({ X }));
  const [finding] = await findingsOf("{% if X %}yes{% else %}no{% endif %}", rows);
  const [, better] = /: (.*)$/.exec(finding!.fix) ?? [];
  assert.deepEqual(
    await renderedOf(`{% if ${better} %}yes{% else %}no{% endif %}`, rows),
    ["yes", "no", "no", "no", "no"],
  );
});
