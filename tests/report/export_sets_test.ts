import assert from "node:assert/strict";
import fc from "fast-check";
import type { LedgerRow } from "../../src/ledger/ledger.ts";
import { isExport, LEDGER_COLUMNS, ownColumns } from "../../src/list/export_columns.ts";
import { exportText } from "../../src/report/export.ts";
import { read } from "../list/lists.ts";
import { HOSTILE, HOSTILE_SHOWN } from "../support/report_examples.ts";

/** The columns of exports before there was evidence, written out: such files exist. */
const FIRST = [
  ...["_state", "_attempts", "_code", "_enhanced", "_reply", "_stage"],
  ...["_relay", "_message_id", "_line", "_at", "_reason"],
];
const EVIDENCE = [
  ...["_template", "_run", "_accepted_at", "_accepted_reply", "_bytes", "_attachments"],
];

const BOUNCED: LedgerRow = {
  key: "ann@x.test",
  id: 1,
  line: 2,
  address: "ann@x.test",
  fields: ["ann@x.test", "7"],
  state: "failed",
  attempts: 1,
  code: 550,
  enhanced: "5.1.1",
  reply: "No such user",
  stage: "bounce",
  relay: "mx.test:25",
  messageId: "<1@x.test>",
  at: Date.UTC(2026, 10, 27, 9, 0, 1),
  notBefore: undefined,
  reason: "Bounced: No such user",
  run: 3,
  template: "0123456789abcdef".repeat(4),
  size: 12_345,
  attachments: [
    { name: "invoice 7.pdf", sha256: "ab".repeat(32) },
    { name: `l${HOSTILE}.png`, sha256: "cd".repeat(32) },
  ],
  accepted: {
    at: Date.UTC(2026, 10, 26, 8, 7, 6, 5),
    code: 250,
    enhanced: "2.0.0",
    text: `Ok: queued as 12345${HOSTILE}`,
  },
};
const NEVER_MAILED: LedgerRow = {
  ...BOUNCED,
  state: "skipped",
  run: undefined,
  template: undefined,
  size: undefined,
  attachments: undefined,
  accepted: undefined,
};

async function exported(
  rows: readonly LedgerRow[],
  columns: readonly string[],
  format: "csv" | "jsonl" = "csv",
): Promise<string> {
  const pieces = exportText(columns, ReadableStream.from(rows), { format, spreadsheet: false });
  return (await Array.fromAsync(pieces)).join("");
}

Deno.test("exportText() shows run, template, size, attachments and acceptance of a mail that bounced", async () => {
  assert.deepEqual(LEDGER_COLUMNS, [...FIRST, ...EVIDENCE]);
  const text = await exported([BOUNCED, NEVER_MAILED], ["Email", "Invoice"], "jsonl");
  const [bounced, never] = text.trim().split("\n").map((line) => JSON.parse(line));
  const evidenceOf = (row: Record<string, string>) => EVIDENCE.map((name) => row[name]);
  assert.deepEqual(evidenceOf(bounced), [
    "0123456789ab",
    "3",
    "2026-11-26T08:07:06.005Z",
    `250 2.0.0 Ok: queued as 12345${HOSTILE_SHOWN}`,
    "12345",
    `invoice 7.pdf sha256:${"ab".repeat(32)}; l${HOSTILE_SHOWN}.png sha256:${"cd".repeat(32)}`,
  ]);
  assert.deepEqual(evidenceOf(never), ["", "", "", "", "", ""]);
  assert.deepEqual([bounced._code, bounced._reply, bounced._stage], [
    "550",
    "No such user",
    "bounce",
  ]);
});

Deno.test("isExport() knows the columns of this and of the first versions, complete and at the end only", () => {
  for (const set of [FIRST, [...FIRST, ...EVIDENCE]]) {
    assert.ok(isExport(["Email", ...set]));
    assert.deepEqual(ownColumns(["Email", ...set]), ["Email"]);
    assert.deepEqual(ownColumns(set), []);
    assert.ok(!isExport([...set, "Email"]));
    assert.ok(!isExport(["Email", ...set.slice(1)]));
    assert.deepEqual(ownColumns(["Email", ...set, "x"]), ["Email", ...set, "x"]);
  }
  for (let count = 1; count < EVIDENCE.length; count++) {
    assert.ok(!isExport(["Email", ...FIRST, ...EVIDENCE.slice(0, count)]), `${count} more`);
  }
});

const cell = fc.string({ unit: "grapheme", maxLength: 8 })
  .filter((text) => text.isWellFormed() && !text.includes("\0"));

Deno.test("An export of this or an earlier version is a list with the same own columns and cells, however often it is exported", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(FIRST, [...FIRST, ...EVIDENCE]),
      fc.constantFrom("Note", "_template", "_attachments", "_state", "_run"),
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 4 }),
      fc.constantFrom("csv", "jsonl"),
      fc.constantFrom(",", ";"),
      async (set, name, cells, format, delimiter) => {
        const rows = cells.map(([first, last]) => ({
          ...BOUNCED,
          fields: [first, "ann@x.test", last, ...set.map(() => "")],
        }));
        // The list was an export: the first one names the column as an export does.
        const own = ["A", "Email", name === "Note" ? name : `_list${name}`];
        let columns: readonly string[] = [...own, ...set];
        let current: LedgerRow[] = rows;
        for (let times = 0; times < 3; times++) {
          const text = await exported(current, columns, format as "csv" | "jsonl");
          const list = await read(text, { delimiter });
          assert.deepEqual(list.names, [...own, ...LEDGER_COLUMNS]);
          const found = list.rows.map((row) => row.kind === "row" ? row.cells : []);
          assert.deepEqual(
            found.map((found) => found.slice(0, 3)),
            rows.map(({ fields }) => fields.slice(0, 3)),
          );
          columns = list.names;
          current = found.map((fields) => ({ ...BOUNCED, fields }));
        }
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("The delimiter of an export is found for both sets of columns, quoted or not", async () => {
  for (const set of [FIRST, [...FIRST, ...EVIDENCE]]) {
    for (const delimiter of [",", ";", "\t"]) {
      for (const quote of ['"', ""]) {
        const header = ["A", "Email", ...set].map((name) => `${quote}${name}${quote}`);
        const row = ["Lee, Ann; x", "a@x.de", ...set.map(() => "")].map((cell) => `"${cell}"`);
        const text = [header, row].map((cells) => cells.join(delimiter)).join("\r\n");
        const list = await read(text, { delimiter: "|" });
        assert.equal(list.delimiter, delimiter);
        assert.deepEqual(ownColumns(list.names), ["A", "Email"]);
      }
    }
  }
});
