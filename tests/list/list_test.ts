import assert from "node:assert/strict";
import { bytesOf, read, row, utf16 } from "./lists.ts";
import { latin1 } from "../support/latin1.ts";

Deno.test("openList() reads header and rows, each with its line", async () => {
  const list = await read("Name,Email\nAda,ada@x.de\nBob,bob@x.de\n");
  assert.deepEqual(list.names, ["Name", "Email"]);
  assert.equal(list.email, 1);
  assert.deepEqual(list.rows, [row(2, "Ada", "ada@x.de"), row(3, "Bob", "bob@x.de")]);
});

Deno.test("openList() reads a last row without line end", async () => {
  assert.deepEqual((await read("Email\na@x.de")).rows, [row(2, "a@x.de")]);
});

Deno.test("openList() reports the physical line after cells of several lines", async () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = ["Name,Email", '"A', "", 'B",a@x.de', "", "", "C,c@x.de", ""].join(end);
    assert.deepEqual((await read(text)).rows, [
      row(2, `A${end}${end}B`, "a@x.de"),
      row(7, "C", "c@x.de"),
    ]);
  }
});

Deno.test("openList() accepts line ends of every kind in one file", async () => {
  const { rows } = await read("Email\ra@x.de\nb@x.de\r\nc@x.de\r\r\nd@x.de");
  assert.deepEqual(rows.map(({ line }) => line), [2, 3, 4, 6]);
});

Deno.test("openList() keeps quotes that are part of a cell", async () => {
  const text = 'Name,Email\nBob "B" Smith,b@x.de\n"Ann ""A""",a@x.de\nC,"Ann" <a@x.de>\n';
  assert.deepEqual((await read(text)).rows, [
    row(2, 'Bob "B" Smith', "b@x.de"),
    row(3, 'Ann "A"', "a@x.de"),
    row(4, "C", '"Ann" <a@x.de>'),
  ]);
});

Deno.test("openList() skips empty lines and lines of blanks", async () => {
  const { rows } = await read("\n\nName,Email\n\n  \nA,a@x.de\n\t\n\n");
  assert.deepEqual(rows, [row(6, "A", "a@x.de")]);
});

Deno.test("openList() makes a row with too many fields, or without its address, a bad row", async () => {
  const { rows } = await read("Name,Email,City\nA\nB,b@x.de,C,D\nC,c@x.de,E\n");
  assert.deepEqual(rows, [
    {
      kind: "bad-row",
      line: 2,
      address: "",
      fields: ["A"],
      reason: "Row has 1 field but the header has 3; it begins with 'A'",
    },
    {
      kind: "bad-row",
      line: 3,
      address: "b@x.de",
      fields: ["B", "b@x.de", "C", "D"],
      reason: "Row has 4 fields but the header has 3; it begins with 'B'",
    },
    row(4, "C", "c@x.de", "E"),
  ]);
});

for (
  const [name, delimiter] of [["comma", ","], ["semicolon", ";"], ["tab", "\t"], ["pipe", "|"]]
) {
  Deno.test(`openList() detects a ${name} file`, async () => {
    const text = `Name${delimiter}Email\nA${delimiter}a@x.de\n`;
    const list = await read(text);
    assert.equal(list.delimiter, delimiter);
    assert.deepEqual(list.rows, [row(2, "A", "a@x.de")]);
  });
}

Deno.test("openList() looks for the delimiter outside quotes and beside the address", async () => {
  assert.equal((await read('"a;b;c;d",Email\n')).delimiter, ",");
  assert.equal((await read("Name, first;E-Mail;City, Zip, Country\n")).delimiter, ";");
  assert.equal((await read("a,b,c;to\n", { emailColumn: "to" })).delimiter, ";");
});

Deno.test("openList() uses the given delimiter", async () => {
  assert.deepEqual((await read("Email|a,b\nx@y.de|c,d\n", { delimiter: "|" })).names, [
    "Email",
    "a,b",
  ]);
  assert.equal((await read("Email\tName\n", { delimiter: "tab" })).delimiter, "\t");
  assert.equal((await read("Email:Name\n", { delimiter: ":" })).delimiter, ":");
});

const EMAIL_HEADERS: readonly (readonly [header: string, index: number])[] = [
  ["Name,Email", 1],
  ["EMAIL,Name", 0],
  ["Name,e-mail", 1],
  ["Name,E_Mail", 1],
  ["mail,Name", 0],
  ["Name,Email Address", 1],
  ["Name,email_address", 1],
  ["Name, E-Mail-Adresse", 1],
  ["Name,Address", 1],
  ["Address,City,Email", 2],
  ['"Name","Email"', 1],
];

for (const [header, index] of EMAIL_HEADERS) {
  Deno.test(`openList() finds the address's column in ${header}`, async () => {
    assert.equal((await read(`${header}\n`)).email, index);
  });
}

Deno.test("openList() takes the column named by --email-column over any other", async () => {
  assert.equal((await read("Email,Work\n", { emailColumn: "Work" })).email, 1);
  assert.equal((await read("Email,Work Mail\n", { emailColumn: "work_mail" })).email, 1);
});

Deno.test("openList() takes columns named like parts of every object as plain data", async () => {
  const list = await read("__proto__,constructor,Email\na,b,c@x.de\n");
  assert.deepEqual(list.names, ["__proto__", "constructor", "Email"]);
  assert.deepEqual(list.rows, [row(2, "a", "b", "c@x.de")]);
});

const UMLAUT = "Name,Email\nZoë,zoe@x.de\n";
const ENCODED: readonly (readonly [string, Uint8Array, string | undefined, string])[] = [
  ["UTF-8", bytesOf(UMLAUT), undefined, "utf-8"],
  ["UTF-8 with a byte order mark", bytesOf(`\ufeff${UMLAUT}`), undefined, "utf-8"],
  ["a UTF-8 mark over --encoding", bytesOf(`\ufeff${UMLAUT}`), "windows-1252", "utf-8"],
  ["UTF-16 with a mark, little-endian", utf16(`\ufeff${UMLAUT}`, true), undefined, "utf-16le"],
  ["UTF-16 with a mark, big-endian", utf16(`\ufeff${UMLAUT}`, false), undefined, "utf-16be"],
  ["--encoding utf-16le", utf16(UMLAUT, true), "utf-16le", "utf-16le"],
  [
    "--encoding latin1",
    latin1(UMLAUT),
    "latin1",
    "windows-1252",
  ],
];

for (const [name, bytes, label, encoding] of ENCODED) {
  Deno.test(`openList() reads ${name}, split anywhere`, async () => {
    for (const step of [1, 2, 3, 5, bytes.length]) {
      const list = await read(bytes, { encoding: label }, step);
      assert.equal(list.encoding, encoding);
      assert.deepEqual(list.names, ["Name", "Email"]);
      assert.deepEqual(list.rows, [row(2, "Zoë", "zoe@x.de")]);
    }
  });
}
