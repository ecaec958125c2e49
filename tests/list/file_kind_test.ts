import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { readSuppression } from "../../src/suppression/suppression_files.ts";
import { InputError } from "../../src/model/input_error.ts";
import { output } from "../support/process.ts";
import { bytesOf, faultOf, utf16 } from "./lists.ts";
import { withFile } from "./files.ts";
import { latin1 } from "../support/latin1.ts";

/**
 * A ZIP archive with these entries, written by Python: name to text, the first one stored uncompressed, as
 * OpenDocument requires.
 */
async function zipped(entries: readonly (readonly [name: string, text: string])[]) {
  const program = [
    "import io, json, sys, zipfile, base64",
    "buffer = io.BytesIO()",
    "with zipfile.ZipFile(buffer, 'w', zipfile.ZIP_DEFLATED) as archive:",
    "    for place, (name, text) in enumerate(json.load(sys.stdin)):",
    "        archive.writestr(name, text, zipfile.ZIP_STORED if place == 0 else None)",
    "print(base64.b64encode(buffer.getvalue()).decode())",
  ].join("\n");
  const base64 = await output("python3", ["-c", program], { stdin: JSON.stringify(entries) });
  return latin1(atob(base64.trim()));
}

/** As Excel 2016 and later, LibreOffice and Numbers order them. */
const OFFICE: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
  ["a workbook of Excel", "a spreadsheet (Excel, .xlsx), not CSV", [
    ["[Content_Types].xml", "<Types/>"],
    ["_rels/.rels", "<Relationships/>"],
    ["xl/workbook.xml", "<workbook/>"],
    ["xl/worksheets/sheet1.xml", "<worksheet/>"],
  ]],
  ["a workbook of openpyxl", "a spreadsheet (Excel, .xlsx), not CSV", [
    ["docProps/app.xml", "<Properties/>"],
    ["docProps/core.xml", "<cp/>"],
    ["xl/theme/theme1.xml", "<theme/>"],
  ]],
  ["a sheet of LibreOffice", "a spreadsheet (OpenDocument, .ods), not CSV", [
    ["mimetype", "application/vnd.oasis.opendocument.spreadsheet"],
    ["content.xml", "<office:document-content/>"],
  ]],
  ["a sheet of Numbers", "a spreadsheet (Numbers), not CSV", [
    ["Index/Document.iwa", "x"],
    ["Index/Tables/Tile.iwa", "x"],
  ]],
  ["a document of Word", "an Office document, not CSV", [
    ["[Content_Types].xml", "<Types/>"],
    ["_rels/.rels", "<Relationships/>"],
    ["word/document.xml", "<w:document/>"],
  ]],
  ["a ZIP archive", "a ZIP archive, not CSV", [["list.csv", "Name,Email\n"]]],
];

for (const [name, what, entries] of OFFICE) {
  Deno.test(`openList() names ${name}, with a hint`, async () => {
    const bytes = await zipped(entries);
    for (const encoding of [undefined, "windows-1252", "utf-16le"]) {
      assert.match(
        await faultOf(bytes, { encoding }),
        /\n {2}(?:Open it and save it as CSV|Unpack)/,
      );
      assert.ok((await faultOf(bytes, { encoding })).includes(`: This is ${what}\n`));
    }
  });
}

const OLE = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "\0".repeat(1016);

const OTHERS: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  [
    "a workbook of Excel 2003",
    latin1(`${OLE}R\0o\0o\0t\0${"\0".repeat(100)}W\0o\0r\0k\0b\0o\0o\0k\0`),
    /: This is a spreadsheet \(Excel, \.xls\), not CSV\n {2}Open it and save it as CSV \(UTF-8\)\.$/,
  ],
  ["an encrypted Office file", latin1(OLE), /: This is a Microsoft Office file, not CSV\n/],
  ["a gzip archive", gzipSync("Name,Email\n"), /: This is a gzip archive, not CSV\n {2}Unpack it/],
  ["a PDF", latin1("%PDF-1.7\n%\xe2\xe3\n"), /: This is a PDF document, not CSV\n/],
  [
    "a login page",
    "\n<!DOCTYPE html>\r\n<html lang=en><title>Sign in</title>",
    /: This is an HTML page, not CSV\n {2}.*login page/,
  ],
  [
    "a table that a site calls .xls",
    "<table><tr><td>Email</td></tr></table>",
    /HTML page, not CSV/,
  ],
  ["a page in UTF-16", utf16("\ufeff<html>\n", true), /This is an HTML page, not CSV/],
  [
    "a spreadsheet in XML",
    '<?xml version="1.0"?>\r\n<?mso-application progid="Excel.Sheet"?>\r\n<Workbook/>',
    /: This is a spreadsheet \(XML\), not CSV/,
  ],
  [
    "contacts as vCard",
    bytesOf("BEGIN:VCARD\r\nVERSION:3.0\r\n"),
    /: This is a vCard file, not CSV/,
  ],
  ["contacts as LDIF", "dn: cn=Ann,mail=a@x.de\nobjectclass: top\n", /: This is an LDIF file, not/],
];

for (const [name, text, message] of OTHERS) {
  Deno.test(`openList() names ${name}, with a hint`, async () => {
    assert.match(await faultOf(text), message);
  });
}

Deno.test("openList() names a spreadsheet by its content, not by its name, and a suppression list alike", async () => {
  const bytes = await zipped([["[Content_Types].xml", "<Types/>"], ["xl/workbook.xml", "<x/>"]]);
  await withFile(bytes, async (path) => {
    assert.match(
      await faultOf("", { recipients: path }),
      /: This is a spreadsheet \(Excel, \.xlsx\)/,
    );
    await assert.rejects(
      readSuppression([path], new AbortController().signal),
      (error) => error instanceof InputError && error.message.startsWith("This is a spreadsheet"),
    );
  });
});

Deno.test("openList() reads lists that begin like something else", async () => {
  for (const header of ["PK,Email", "[Name],[Email]", "BZh,Email", "dn,Email", "%P,Email"]) {
    assert.match(await faultOf(`${header}\n"A`), /A quote opens/, header);
  }
});
