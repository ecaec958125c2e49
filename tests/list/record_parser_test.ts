import assert from "node:assert/strict";
import { OpenQuote, RECORD_LIMIT, RecordParser } from "../../src/list/records/record_parser.ts";
import type { BadRow, CsvRow } from "../../src/model/recipient.ts";
import { bytesOf, row } from "./lists.ts";

const PLAIN = { delimiter: ",", comments: false };
/** Longer than a record may be, without a line break. */
const LONG = "x".repeat(RECORD_LIMIT + 1);

const TOO_LONG = (line: number): BadRow => ({
  kind: "bad-row",
  line,
  address: "",
  fields: [],
  reason: "Row is longer than 1.0 MB",
});

/** The records of a text that arrives in these pieces, or the line of its open quote. */
async function recordsOf(
  pieces: readonly string[],
  dialect = PLAIN,
): Promise<(CsvRow | BadRow)[] | number> {
  const parser = new RecordParser(dialect);
  const rows: (CsvRow | BadRow)[] = [];
  try {
    for (const piece of pieces) rows.push(...await parser.push(bytesOf(piece)));
    rows.push(...await parser.end());
  } catch (error) {
    assert(error instanceof OpenQuote, String(error));
    return error.line;
  }
  return rows;
}

for (
  const [what, pieces, expected] of [
    [
      "a row without quotes",
      ["A,a@x\n", LONG, "y,b@x\nC,c@x\n"],
      [row(1, "A", "a@x"), TOO_LONG(2), row(3, "C", "c@x")],
    ],
    [
      "a row whose quote is closed before the limit",
      ["A,a@x\n", `"Ann",${LONG}`, "y\nC,c@x\n"],
      [row(1, "A", "a@x"), TOO_LONG(2), row(3, "C", "c@x")],
    ],
    [
      "a row whose quote is closed behind the limit",
      ["A,a@x\n", `"${LONG}`, 'y",b@x\nC,c@x\n'],
      [row(1, "A", "a@x"), TOO_LONG(2), row(3, "C", "c@x")],
    ],
    [
      "a row whose quote is closed in a piece that neither begins nor ends it",
      ["A,a@x\n", `"${LONG}`, 'y"', ",b@x", "\nC,c@x\n"],
      [row(1, "A", "a@x"), TOO_LONG(2), row(3, "C", "c@x")],
    ],
    [
      "a row with quoted cells, and quotes on the lines behind it",
      ["A,a@x\n", `"${LONG}`, 'y",b@x\n"C",c@x\n'],
      [row(1, "A", "a@x"), TOO_LONG(2), row(3, "C", "c@x")],
    ],
    [
      "a row of quotes that mean themselves",
      ["A,a@x\n", `"${LONG}`, '""y"""",",b@x\nC,c@x\n'],
      [row(1, "A", "a@x"), TOO_LONG(2), row(3, "C", "c@x")],
    ],
    [
      "the last row, which ends with the file",
      ["A,a@x\n", `"${LONG}`, 'y",b@x'],
      [row(1, "A", "a@x"), TOO_LONG(2)],
    ],
    ["a quote that the end of the line does not close", ["A,a@x\n", `"${LONG}`, "y\nC,c@x\n"], 2],
    [
      "a quote that is closed only on a later line",
      ["A,a@x\n", `"${LONG}`, 'y\n",c@x\nD,d@x\n'],
      2,
    ],
    [
      "a third quote behind the limit, which opens another cell",
      ["A,a@x\n", `"${LONG}`, 'y","b', "@x\nC,c@x\n"],
      2,
    ],
    ["a quote that is open at the end of the file", ["A,a@x\n", `"${LONG}`, "y"], 2],
  ] as const
) {
  Deno.test(`RecordParser distinguishes a long row from a quote that hides other rows: ${what}`, async () => {
    assert.deepEqual(await recordsOf(pieces), expected);
  });
}

Deno.test("RecordParser continues after a long row with the same delimiter, and skips comments", async () => {
  const dialect = { delimiter: ";", comments: true };
  const pieces = ["A;a@x\n", LONG, "y;b@x\n# nobody;n@x\n\nC;c@x\n"];
  assert.deepEqual(await recordsOf(pieces, dialect), [
    row(1, "A", "a@x"),
    TOO_LONG(2),
    row(5, "C", "c@x"),
  ]);
});
