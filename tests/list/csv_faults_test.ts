import assert from "node:assert/strict";
import type { ListOptions } from "../../src/list/list_options.ts";
import { bytesOf, faultOf, read, row, utf16 } from "./lists.ts";
import { latin1 } from "../support/latin1.ts";

/** The fault, the file, and the message, in which `…` matches anything. */
const FAULTS: readonly (readonly [string, string | Uint8Array, RegExp, Partial<ListOptions>?])[] = [
  ["an empty file", "", /^standard input: The list is empty: /],
  ["a file of empty lines", "\n\r\n\n", /^standard input: The list is empty: /],
  [
    "no e-mail column",
    "Name,Emial\nA,a@x.de\n",
    /^standard input:1: No column holds an e-mail address: found 'Name', 'Emial'\n {2}Did you mean 'Emial'\? If so, add --email-column Emial\.$/,
  ],
  [
    "another delimiter than the one that is given",
    "Name,Email\nA,a@x.de\n",
    /^standard input:1: No column .* found 'Name,Email'\n {2}.*separated by another character\. Omit --delimiter/,
    { delimiter: ";" },
  ],
  [
    "another delimiter than the one that a line sep= names",
    "sep=,\nName;Email\nA;a@x.de\n",
    /^standard input:2: No column .* found 'Name;Email'\n {2}.* the line 'sep=,' above the header. Correct or remove that line./,
  ],
  [
    "another delimiter than the one that a line sep= names, with --email-column",
    "sep=\\t\nName;Post\nA;a@x.de\n",
    /^standard input:2: There is no column 'Post': found 'Name;Post'\n {2}.* the line 'sep=\\t' above the header/,
    { emailColumn: "Post" },
  ],
  [
    "another delimiter than the one that is given over a line sep=",
    "sep=;\nName;Email\nA;a@x.de\n",
    /^standard input:2: No column .*\n {2}.*\. Omit --delimiter/,
    { delimiter: "," },
  ],
  [
    "no header",
    "Ada,ada@x.de\n",
    /^standard input:1: No column .*\n {2}The first line looks like a recipient\. /,
  ],
  [
    "two e-mail columns",
    "\nEmail,Mail\n",
    /^standard input:2: More than one column can hold the address: 'Email' and 'Mail'\n {2}.*--email-column/,
  ],
  [
    "an --email-column that is not there",
    "Name,Work Mail\n",
    /^standard input:1: There is no column 'Wrk Mail': found 'Name', 'Work Mail'\n {2}Did you mean --email-column "Work Mail"\?$/,
    { emailColumn: "Wrk Mail" },
  ],
  [
    "a duplicate column",
    "Name,Email, Name\n",
    /^standard input:1: Duplicate column 'Name': columns 1 and 3/,
  ],
  [
    "a byte that is not valid UTF-8",
    latin1("Name,Email\nA,a@x.de\nZo\xeb,z@x.de\n"),
    /^standard input:3: Byte 0xEB is not valid UTF-8\n {2}.*--encoding windows-1252/,
  ],
  [
    "a character cut off at the end",
    bytesOf("Email\na@x.de\nü").subarray(0, -1),
    /^standard input:3: Byte 0xC3 is not valid UTF-8/,
  ],
  [
    "UTF-16 that breaks off",
    utf16("\ufeffEmail\na@x.de\n\ud800b@x.de\n", true),
    /^standard input:3: Bytes are not valid utf-16le/,
  ],
  ["NUL", "Email\na@x.de\nb\0@x.de\n", /^standard input:3: The file contains a NUL character/],
  [
    "UTF-16 without a mark",
    utf16("Email\na@x.de\n", true),
    /^standard input:1: The file contains a NUL character\n {2}.*--encoding utf-16le/,
  ],
  [
    "an unclosed quote",
    'Name,Email\nA,a@x.de\n"B,b@x.de\nC,c@x.de\n',
    /^standard input:3: A quote opens on this line and is not closed/,
  ],
  [
    "an unclosed quote behind a cell of several lines",
    'Name,Email\r\n\r\n"A\r\nA","a@x.de\r\nC,c@x.de\r\n',
    /^standard input:4: A quote opens on this line and is not closed/,
  ],
  [
    "an unclosed quote in the header",
    'Name,"Email\nA,a@x.de\n',
    /^standard input:1: A quote opens on this line and is not closed/,
  ],
  [
    "an unclosed quote in front of a million rows",
    `Name,Email\n"B,b@x.de\n${"C,c@x.de\n".repeat(300_000)}`,
    /^standard input:2: A quote opens on this line and is not closed within 1.0 MB/,
  ],
  ["an unknown encoding", "Email\n", /^Unknown encoding 'klingon'/, { encoding: "klingon" }],
  ["a delimiter of two characters", "Email\n", /^Delimiter must be one /, { delimiter: "||" }],
  ["a quote as delimiter", "Email\n", /^Delimiter must be one character/, { delimiter: '"' }],
];

for (const [name, text, message, options] of FAULTS) {
  Deno.test(`openList() ends with file and line at ${name}`, async () => {
    assert.match(await faultOf(text, options), message);
  });
}

Deno.test("openList() says what is wrong with a path", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const missing = `${folder}/none.csv`;
    assert.equal(
      await faultOf("", { recipients: missing }),
      `${missing}: There is no such file`,
    );
    assert.equal(
      await faultOf("", { recipients: folder }),
      `${folder}: This is a directory, not a file`,
    );
  } finally {
    await Deno.remove(folder);
  }
});

Deno.test("openList() says how far a row of the wrong width extends", async () => {
  const { rows } = await read('Name,Email\n"A,a@x.de\nB,b@x.de\n"C, D",c@x.de\nE,e@x.de\n');
  assert.deepEqual(rows.map((bad) => bad.kind === "bad-row" ? bad.reason : bad), [
    "Row has 3 fields but the header has 2; it begins with '\"A,a@x.de<U+000A>B,b@x.de<U+000A>\"C' " +
    "(the row continues to line 4; is there a stray quote?)",
    row(5, "E", "e@x.de"),
  ]);
});

Deno.test("openList() refuses a row in which a quote too many has hidden other rows", async () => {
  const { rows } = await read('Name,Email\n"A,a@x.de\nB,b@x.de\nC",c@x.de\nE,e@x.de\n');
  assert.deepEqual(rows.map((bad) => bad.kind === "bad-row" ? bad.reason : bad), [
    "A cell of this row contains another row: 'B,b@x.de' " +
    "(the row continues to line 4; is there a stray quote?)",
    row(5, "E", "e@x.de"),
  ]);
  const note = await read('Name,Email\n"Ann, at\nann@x.de, or\nnear it, so",ann@x.de\n');
  assert.equal(note.rows[0]?.kind, "row");
});
