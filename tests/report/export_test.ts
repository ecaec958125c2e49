import assert from "node:assert/strict";
import fc from "fast-check";
import type { LedgerRow } from "../../src/ledger/ledger.ts";
import { exportText } from "../../src/report/export.ts";
import { LEDGER_COLUMNS } from "../../src/list/export_columns.ts";
import { read, type ReadList } from "../list/lists.ts";
import { recipientOf } from "../../src/list/recipient.ts";
import type { BadRow, Recipient } from "../../src/model/recipient.ts";
import { output } from "../support/process.ts";
import { HOSTILE, HOSTILE_SHOWN } from "../support/report_examples.ts";

const ROW: LedgerRow = {
  key: undefined,
  id: 1,
  line: 2,
  address: "a@b.test",
  fields: ["=1+1", "a@b.test"],
  state: "failed",
  attempts: 1,
  code: 550,
  enhanced: undefined,
  reply: `no ${HOSTILE}`,
  stage: "rcpt",
  relay: "mx.test:25",
  messageId: undefined,
  at: undefined,
  notBefore: undefined,
  reason: `RCPT was refused: 550 no ${HOSTILE}`,
  run: undefined,
  template: undefined,
  size: undefined,
  attachments: undefined,
  accepted: undefined,
};

async function exported(
  format: "csv" | "jsonl",
  { spreadsheet = false, fields = ROW.fields, columns = ["Name", "Email"] } = {},
): Promise<string> {
  const rows = ReadableStream.from([{ ...ROW, fields }]);
  const pieces = exportText(columns, rows, { format, spreadsheet });
  return (await Array.fromAsync(pieces)).join("");
}

Deno.test("exportText() shows what a server said escaped, and leaves the list's cells as they were", async () => {
  const csv = await exported("csv");
  assert.ok(csv.startsWith("\ufeffName,Email,_state,"));
  assert.ok(csv.includes("\r\n=1+1,a@b.test,failed,1,550,,"));
  const jsonl = await exported("jsonl");
  assert.ok(jsonl.startsWith('{"Name":"=1+1"'));
  for (const text of [csv, jsonl]) assert.ok(!text.includes("\x1b"));
  const { _reply, _reason, Name } = JSON.parse(jsonl);
  assert.deepEqual(
    [_reply, _reason, Name],
    [`no ${HOSTILE_SHOWN}`, `RCPT was refused: 550 no ${HOSTILE_SHOWN}`, "=1+1"],
  );
});

/** Cells that a spreadsheet takes for a formula because of how they begin. */
const FORMULAS = ["=1+1", "+49 170", "-5", "@ann", "\tx", "\r=1", "\n=1", "\uff1d1", "\uff0b1"];

Deno.test("exportText() lets no spreadsheet run what a server said, and with `spreadsheet` no cell either", async () => {
  for (const cell of FORMULAS) {
    const reply = { ...ROW, reply: cell, reason: cell, relay: cell, fields: [cell, cell] };
    for (const spreadsheet of [false, true]) {
      const pieces = exportText([cell, "Email"], ReadableStream.from([reply]), {
        format: "csv",
        spreadsheet,
      });
      const text = (await Array.fromAsync(pieces)).join("");
      const rows = await readByPython(text);
      for (const [at, row] of rows.entries()) {
        const own = spreadsheet ? [`'${cell}`, at === 0 ? "Email" : `'${cell}`] : [
          cell,
          at === 0 ? "Email" : cell,
        ];
        assert.deepEqual(row.slice(0, 2), own);
        for (const added of row.slice(2)) assert.doesNotMatch(added, /^[=+\-@\t\r\n\uff1d\uff0b]/);
      }
    }
  }
});

/** The rows of a CSV text as Python's csv module reads them. */
async function readByPython(text: string): Promise<string[][]> {
  const program = [
    "import csv, io, json, sys",
    "text = sys.stdin.buffer.read().decode('utf-8-sig')",
    "json.dump(list(csv.reader(io.StringIO(text, newline=''))), sys.stdout)",
  ].join("\n");
  return JSON.parse(await output("python3", ["-c", program], { stdin: text }));
}

const cell = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.constantFrom(...FORMULAS, "'", "'=1", " ", "\u00a0x\u200b", "x\ufeff", '"a" ', "\ufffd"),
  fc.array(fc.constantFrom("=", "+", "-", "@", '"', ",", ";", "\n", "\r", "\t", " ", "ü"), {
    maxLength: 6,
  })
    .map((parts) => parts.join("")),
).filter((text) => text.isWellFormed() && !text.includes("\0"));
const address = fc.constantFrom("+bob@example.com", "=bob@x.test", "-a+b=c@x.test", "ann@x.test");

Deno.test("A list that is exported and read again has the same addresses and cells, whatever the settings", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, address, cell, cell), { minLength: 1, maxLength: 6 }),
      fc.constantFrom(undefined, ",", ";", "\t", "|"),
      fc.constantFrom(undefined, "windows-1252", "utf-16le"),
      async (list, delimiter, encoding) => {
        const rows = ReadableStream.from(list.map((fields) => ({ ...ROW, fields })));
        const columns = ["=Name; first", "Email", "", ""];
        const pieces = exportText(columns, rows, { format: "csv", spreadsheet: false });
        const text = (await Array.fromAsync(pieces)).join("");
        const again = await read(text, { delimiter, encoding });
        assert.deepEqual(again.names.slice(0, 4), columns);
        assert.equal(again.email, 1);
        assert.deepEqual(
          again.rows.map((row) => row.kind === "row" ? row.cells.slice(0, 4) : row.reason),
          list,
        );
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("An export that was saved again with another delimiter is read with the new one", async () => {
  const header = (delimiter: string) =>
    ["Name", "Email", ...LEDGER_COLUMNS.map((name) => `"${name}"`)].join(delimiter);
  for (const delimiter of [",", ";", "\t"]) {
    for (const given of [",", ";", undefined]) {
      const text = `${header(delimiter)}\r\nLee. Ann${delimiter}a@x.de\r\n`;
      const list = await read(text, { delimiter: given });
      assert.equal(list.delimiter, delimiter);
      assert.equal(list.email, 1);
    }
  }
});

/** The invalid rows of a list, exported, and read again. */
async function refusedAgain(text: string, format: "csv" | "jsonl", times = 2): Promise<string[]> {
  let now = text;
  for (let time = 0; time < times; time++) {
    const list = await read(now);
    const bad = judged(list).filter((one) => one.kind === "bad-row");
    const rows = ReadableStream.from(bad.map(({ fields }) => ({ ...ROW, fields })));
    const pieces = await Array.fromAsync(
      exportText(list.names, rows, { format, spreadsheet: false }),
    );
    now = pieces.join("");
  }
  return judged(await read(now)).map((one) => one.kind === "bad-row" ? one.reason : "valid");
}

function judged(list: ReadList): readonly (Recipient | BadRow)[] {
  return list.rows.map((row) => row.kind === "row" ? recipientOf(row, list, []) : row);
}

const REFUSED: readonly (readonly [what: string, list: string, count: number])[] = [
  ["cells beyond its header", "Email,First,Last\nb@x.de,Smith, John,Smith\n", 1],
  ["another row in a cell", 'Name,Email\n"A,a@x.de\nB,b@x.de\nC",c@x.de\n', 1],
  ["another row in a cell, by semicolons", 'Name;Email\n"A;a@x.de\nB;b@x.de\nC";c@x.de\n', 1],
  ["a row without its address", "Name,Email,City\nB\n", 1],
  [
    "keys that the first line lacks, duplicate keys, and values that are no text",
    [
      '{"Email": "a@x.de", "Name": "A"}',
      '{"Email": "b@x.de", "Name": "B", "Extra": 1}',
      '{"Email": "c@x.de", "Name": "C", "Name": "D"}',
      '{"Email": "d@x.de", "Name": "\\u0000"}',
    ].join("\n"),
    3,
  ],
];

for (const [what, list, count] of REFUSED) {
  Deno.test(`A row refused for ${what} is refused again when its export is read`, async () => {
    for (const format of ["csv", "jsonl"] as const) {
      const reasons = await refusedAgain(list, format);
      assert.equal(reasons.length, count, format);
      for (const reason of reasons) assert.notEqual(reason, "valid", format);
    }
  });
}

Deno.test("A refused row is refused again in an export that a spreadsheet has padded to its widest row", async () => {
  const columns = ["Email", "First", "Last"];
  const fields = ["b@x.de", "Smith", " John", "Smith"];
  const rows = ReadableStream.from([
    { ...ROW, fields: ["a@x.de", "Ann", "Lee"], reply: "", reason: "" },
    { ...ROW, fields, reply: "", reason: "" },
  ]);
  const pieces = exportText(columns, rows, { format: "csv", spreadsheet: false });
  const table = await readByPython((await Array.fromAsync(pieces)).join(""));
  const width = Math.max(...table.map((cells) => cells.length));
  for (const delimiter of [",", ";", "\t"]) {
    for (const quote of ['"', ""]) {
      const text = table.map((cells) =>
        Array.from({ length: width }, (_, at) => `${quote}${cells[at] ?? ""}${quote}`)
          .join(delimiter)
      ).join("\r\n");
      const list = await read(text, { delimiter: "|" });
      assert.equal(list.delimiter, delimiter);
      assert.deepEqual(list.rows.map(({ kind }) => kind), ["row", "bad-row"]);
    }
  }
});

Deno.test("exportText() keeps cells beyond the list's columns", async () => {
  const fields = ["b@x.de", "Smith", " John", "=Smith"];
  const columns = ["Email", "First", "Last"];
  const [header, row] = await readByPython(await exported("csv", { columns, fields }));
  assert.deepEqual(row!.slice(0, 3), fields.slice(0, 3));
  assert.deepEqual(row!.slice(header!.length), ["=Smith"]);
  const marked = await readByPython(
    await exported("csv", { columns, fields, spreadsheet: true }),
  );
  assert.deepEqual(marked[1]!.slice(header!.length), ["'=Smith"]);
  const json = JSON.parse(await exported("jsonl", { columns, fields }));
  assert.deepEqual(json._surplus, ["=Smith"]);
});

Deno.test("exportText() keeps the cells of all columns, whatever the list calls them", async () => {
  const columns = ["_state", "Email", "", "_reason", "", "_line", "_list_state"];
  const fields = ["s", "a@x.de", "1", "r", "2", "l", "t"];
  for (const format of ["csv", "jsonl"] as const) {
    const list = await read(await exported(format, { columns, fields }));
    const [row] = list.rows;
    assert.ok(row?.kind === "row");
    assert.deepEqual(row.cells.slice(0, fields.length), fields);
    assert.equal(list.names[list.email], "Email");
    assert.deepEqual(list.names.slice(fields.length), LEDGER_COLUMNS);
  }
});

Deno.test("exportText() writes the columns of an earlier export once", async () => {
  const columns = ["Email", ...LEDGER_COLUMNS];
  const text = await exported("csv", { columns, fields: ["a@x.de", "failed"] });
  const [header, row] = await readByPython(text);
  assert.deepEqual(header, columns);
  assert.equal(row![0], "a@x.de");
});

Deno.test("An address that export --spreadsheet has given an apostrophe is refused", async () => {
  const columns = ["Email"];
  for (const sign of ["+", "=", "-", "@", "\t", "\r"]) {
    const fields = [`${sign}bob@x.de`];
    const list = await read(await exported("csv", { columns, fields, spreadsheet: true }));
    const [row] = list.rows;
    assert.ok(row?.kind === "bad-row", sign);
    assert.match(
      row.reason,
      /^Address begins with an apostrophe.*; export the list again without --spr/,
    );
  }
  const [own] = (await read(await exported("csv", { columns, fields: ["'bob@x.de"] }))).rows;
  assert.equal(own?.kind, "row");
  assert.equal((await read("Email\n'+bob@x.de\n")).rows[0]?.kind, "row");
});
