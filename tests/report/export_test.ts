import assert from "node:assert/strict";
import fc from "fast-check";
import type { LedgerRow } from "../../src/record/ledger.ts";
import { exportText } from "../../src/report/export.ts";
import { LEDGER_COLUMNS } from "../../src/report/export_columns.ts";
import { read } from "../produce/lists.ts";
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

/** Beginnings that a spreadsheet takes for a formula. */
const FORMULAS = ["=1+1", "+49 170", "-5", "@ann", "\tx", "\r=1", "\n=1", "\uff1d1", "\uff0b1"];

Deno.test("exportText() lets no spreadsheet run what a server said, and with spreadsheet no cell", async () => {
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

Deno.test("A list exported and read again has the addresses and cells it had, whatever the settings are", async () => {
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

Deno.test("An export that was saved again with another delimiter is read by what it has now", async () => {
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
