import assert from "node:assert/strict";
import fc from "fast-check";
import { read, row } from "./lists.ts";
import { readSuppression } from "../../src/suppression/suppression_files.ts";
import { withFile } from "./files.ts";

/** A list and its rows; a string is the reason of a bad row. */
const LISTS: readonly (readonly [name: string, text: string, rows: readonly unknown[]])[] = [
  [
    "rows of delimiters, of blanks, of no-break spaces and of empty quotes are none",
    'Name,Email\n,\nA,a@x.de\n , \n\u00a0,\u3000\n"",""\n\t\nB,b@x.de\n,,,,\n',
    [row(3, "A", "a@x.de"), row(8, "B", "b@x.de")],
  ],
  [
    "rows of characters that nobody sees are none, and such cells at the end are dropped",
    "\u200b,\nName,Email\n\u200b,\u2060\nA,a@x.de,\u200b\n\u00ad\n",
    [row(4, "A", "a@x.de")],
  ],
  [
    "rows of blanks above the header are none",
    ";;\r\n  \r\n\r\nName;Email;City\r\nA;a@x.de;C\r\n",
    [row(5, "A", "a@x.de", "C")],
  ],
  ["a blank line of a list with one column is none", "Email\n \na@x.de\n\t\n", [row(3, "a@x.de")]],
  [
    "empty cells missing at the end are empty",
    "Name,Email,City,Zip\nA,a@x.de\nB,b@x.de,C\n",
    [row(2, "A", "a@x.de", "", ""), row(3, "B", "b@x.de", "C", "")],
  ],
  [
    "blank cells too many at the end are dropped",
    "Name,Email\nA,a@x.de,,\nB,b@x.de, ,\n",
    [row(2, "A", "a@x.de"), row(3, "B", "b@x.de")],
  ],
  [
    "a cell too many that is not blank is a fault, and so is a row without its address",
    "Name,Email,City\nA,a@x.de,,C\nB\n",
    [
      "Row has 4 fields but the header has 3; it begins with 'A'",
      "Row has 1 field but the header has 3; it begins with 'B'",
    ],
  ],
  [
    "blanks behind a closing quote are dropped",
    'Name,Email\n"Ann Lee" ,a@x.de\n"Lee, ""Ann"""\t ,"b@x.de" \n"A\nB"  ,c@x.de  \n"" ,"d@x.de"',
    [
      row(2, "Ann Lee", "a@x.de"),
      row(3, 'Lee, "Ann"', "b@x.de"),
      row(4, "A\nB", "c@x.de  "),
      row(6, "", "d@x.de"),
    ],
  ],
  [
    "a tab behind a closing quote is the delimiter where tabs are",
    'Name\tEmail\tX\n"Ann" \ta@x.de\t"y"\n"Ann"\tb@x.de\t"z" \n',
    [row(2, "Ann", "a@x.de", "y"), row(3, "Ann", "b@x.de", "z")],
  ],
  [
    "quotes and blanks that belong to the cell stay",
    'Name,Email\n"""Ann"" ",a@x.de\n"Ann" Lee ,b@x.de\n"Ann "B" C" ,c@x.de\n Ann ,d@x.de\n',
    [
      row(2, '"Ann" ', "a@x.de"),
      row(3, '"Ann" Lee ', "b@x.de"),
      row(4, '"Ann "B" C" ', "c@x.de"),
      row(5, " Ann ", "d@x.de"),
    ],
  ],
];

for (const [name, text, expected] of LISTS) {
  Deno.test(`openList(): ${name}`, async () => {
    for (const step of [1, 7, text.length]) {
      const { rows } = await read(text, {}, step);
      assert.deepEqual(
        rows.map((one) => one.kind === "bad-row" ? one.reason : one),
        expected,
      );
    }
  });
}

Deno.test("openList() distinguishes a quoted cell with trailing blanks from one with that text", async () => {
  const cell = fc.array(fc.constantFrom("a", '"', " ", "\t", ",", "\n", ";"), { maxLength: 6 })
    .map((parts) => parts.join(""));
  const blanks = fc.constantFrom("", " ", "  ", "\t ");
  const row = fc.tuple(cell, blanks, cell, blanks);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = rows.map(([a, x, b, y]) => `${quoted(a)}${x},${quoted(b)}${y},a@x.de\n`);
      const list = await read(`A,B,Email\n${text.join("")}`);
      assert.deepEqual(
        list.rows.map((one) => one.kind === "row" ? one.cells : one),
        rows.map(([a, , b]) => [a, b, "a@x.de"]),
      );
    }),
    { numRuns: 300 },
  );
});

Deno.test("openList() refuses rows that a quote too many has hidden in a list with short rows", async () => {
  const { rows } = await read('Name,Email,City\n"A,a@x.de\nB,b@x.de\nC",c@x.de\n');
  const [bad] = rows;
  assert.ok(bad?.kind === "bad-row");
  assert.match(bad.reason, /^A cell of this row contains another row: 'B,b@x\.de'/);
});

const SEPARATED: readonly (readonly [first: string, delimiter: string])[] = [
  ["sep=;", ";"],
  ["SEP=;", ";"],
  ['"sep=;"', ";"],
  ["sep=;;;", ";"],
  ["sep=\t", "\t"],
  ["sep=\\t", "\t"],
  ["sep=|", "|"],
  ["sep=^", "^"],
];

for (const [first, delimiter] of SEPARATED) {
  Deno.test(`openList() respects a first line ${JSON.stringify(first)}`, async () => {
    const text = `${first}\r\nName, first${delimiter}Email\r\nLee, Ann${delimiter}a@x.de\r\n`;
    for (const mark of ["", "\ufeff"]) {
      for (const step of [1, 5, 100]) {
        const list = await read(mark + text, {}, step);
        assert.equal(list.delimiter, delimiter);
        assert.deepEqual(list.names, ["Name, first", "Email"]);
        assert.deepEqual(list.rows, [row(3, "Lee, Ann", "a@x.de")]);
      }
    }
  });
}

Deno.test("openList() prefers --delimiter to a first line sep=, which is still not a header", async () => {
  const list = await read("sep=;\nName,Email\nA;B,a@x.de\n", { delimiter: "," });
  assert.deepEqual(list.names, ["Name", "Email"]);
  assert.deepEqual(list.rows, [row(3, "A;B", "a@x.de")]);
});

Deno.test("openList() continues from a line of a list that begins with sep= or blank rows", async () => {
  for (const above of ["sep=;\n", ";\n\n", "sep=;\n;\n"]) {
    const text = `${above}Name;Email\nA;a@x.de\n;\nB;b@x.de\n`;
    const all = (await read(text)).rows;
    assert.equal(all.length, 2);
    for (const { line } of all) {
      const rest = await read(text, {}, 3, line);
      assert.deepEqual(rest.names, ["Name", "Email"]);
      assert.deepEqual(rest.rows, all.filter((one) => one.line >= line));
    }
  }
});

Deno.test("readSuppression() skips blank rows and respects sep=", async () => {
  await withFile("sep=;\n;\nName;Email\n;\nA;a@x.de\n ; \n", async (path) => {
    const found = await readSuppression([path], new AbortController().signal);
    assert.deepEqual([...found.keys()], ["a@x.de"]);
    assert.equal(found.has("a@x.de"), `${path}:5`);
    assert.equal(found.ignored.count, 0);
  });
});
