import assert from "node:assert/strict";
import fc from "fast-check";
import type { ListOptions } from "../../src/cli/options.ts";
import { openList } from "../../src/produce/csv.ts";
import type { BadRow, CsvRow } from "../../src/produce/recipient.ts";
import { RECORD_LIMIT } from "../../src/produce/records.ts";
import { InputError } from "../../src/report/input_error.ts";

const PLAIN: ListOptions = {
  recipients: "-",
  encoding: undefined,
  delimiter: undefined,
  emailColumn: undefined,
};

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

/** The bytes as a stream, in pieces of the given length. */
function streamOf(bytes: Uint8Array, step = bytes.length): ReadableStream<Uint8Array> {
  return ReadableStream.from((function* () {
    for (let at = 0; at < bytes.length; at += step) yield bytes.slice(at, at + step);
  })());
}

async function read(text: string | Uint8Array, options: Partial<ListOptions> = {}, step?: number) {
  const stdin = streamOf(bytesOf(text), step);
  const { signal } = new AbortController();
  await using list = await openList({ ...PLAIN, ...options }, { stdin, signal });
  const rows: (CsvRow | BadRow)[] = [];
  for await (const batch of list.rows) rows.push(...batch);
  return { ...list.columns, encoding: list.encoding, delimiter: list.delimiter, rows };
}

/** What the user sees of the error that reading this ends with. */
async function faultOf(text: string | Uint8Array, options: Partial<ListOptions> = {}) {
  try {
    await read(text, options);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.describe();
  }
  assert.fail("no error");
}

function row(line: number, ...cells: string[]): CsvRow {
  return { kind: "row", line, cells };
}

Deno.test("openList() reads header and rows, each with its line", async () => {
  const list = await read("Name,Email\nAda,ada@x.de\nBob,bob@x.de\n");
  assert.deepEqual(list.names, ["Name", "Email"]);
  assert.equal(list.email, 1);
  assert.deepEqual(list.rows, [row(2, "Ada", "ada@x.de"), row(3, "Bob", "bob@x.de")]);
});

Deno.test("openList() reads a last row without line end", async () => {
  assert.deepEqual((await read("Email\na@x.de")).rows, [row(2, "a@x.de")]);
});

Deno.test("openList() tells the physical line after cells of several lines", async () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = ["Name,Email", '"A', "", 'B",a@x.de', "", "", "C,c@x.de", ""].join(end);
    assert.deepEqual((await read(text)).rows, [
      row(2, `A${end}${end}B`, "a@x.de"),
      row(7, "C", "c@x.de"),
    ]);
  }
});

Deno.test("openList() takes line ends of every kind in one file", async () => {
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

Deno.test("openList() makes a row with too few or too many fields a bad row", async () => {
  const { rows } = await read("Name,Email,City\nA,a@x.de\nB,b@x.de,C,D\nC,c@x.de,E\n");
  assert.deepEqual(rows, [
    {
      kind: "bad-row",
      line: 2,
      address: "a@x.de",
      fields: ["A", "a@x.de"],
      reason: "Row has 2 fields where the header has 3, it begins with 'A'",
    },
    {
      kind: "bad-row",
      line: 3,
      address: "b@x.de",
      fields: ["B", "b@x.de", "C", "D"],
      reason: "Row has 4 fields where the header has 3, it begins with 'B'",
    },
    row(4, "C", "c@x.de", "E"),
  ]);
});

for (
  const [name, delimiter] of [["comma", ","], ["semicolon", ";"], ["tab", "\t"], ["pipe", "|"]]
) {
  Deno.test(`openList() finds out a ${name} file`, async () => {
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

Deno.test("openList() takes the delimiter it is told", async () => {
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
function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at++) {
    bytes.setUint16(2 * at, text.charCodeAt(at), littleEndian);
  }
  return new Uint8Array(bytes.buffer);
}

const ENCODED: readonly (readonly [string, Uint8Array, string | undefined, string])[] = [
  ["UTF-8", bytesOf(UMLAUT), undefined, "utf-8"],
  ["UTF-8 with a byte order mark", bytesOf(`\ufeff${UMLAUT}`), undefined, "utf-8"],
  ["a UTF-8 mark over --encoding", bytesOf(`\ufeff${UMLAUT}`), "windows-1252", "utf-8"],
  ["UTF-16 with a mark, little-endian", utf16(`\ufeff${UMLAUT}`, true), undefined, "utf-16le"],
  ["UTF-16 with a mark, big-endian", utf16(`\ufeff${UMLAUT}`, false), undefined, "utf-16be"],
  ["--encoding utf-16le", utf16(UMLAUT, true), "utf-16le", "utf-16le"],
  [
    "--encoding latin1",
    Uint8Array.from(UMLAUT, (char) => char.charCodeAt(0)),
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

/** What is wrong, the file, the message; `…` stands for anything. */
const FAULTS: readonly (readonly [string, string | Uint8Array, RegExp, Partial<ListOptions>?])[] = [
  ["an empty file", "", /^standard input: The list is empty: /],
  ["a file of empty lines", "\n\r\n\n", /^standard input: The list is empty: /],
  [
    "no e-mail column",
    "Name,Emial\nA,a@x.de\n",
    /^standard input:1: No column holds an e-mail address: found 'Name', 'Emial'\n {2}Did you mean 'Emial'\? Then add --email-column Emial$/,
  ],
  [
    "no header",
    "Ada,ada@x.de\n",
    /^standard input:1: No column .*\n {2}The first line looks like a recipient; /,
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
    /^standard input:1: Column 'Name' stands there twice: as column 1 and 3/,
  ],
  [
    "a byte that is no UTF-8",
    Uint8Array.from("Name,Email\nA,a@x.de\nZo\xeb,z@x.de\n", (char) => char.charCodeAt(0)),
    /^standard input:3: Byte 0xEB is no UTF-8\n {2}.*--encoding windows-1252/,
  ],
  [
    "a character cut off at the end",
    bytesOf("Email\na@x.de\nü").subarray(0, -1),
    /^standard input:3: Byte 0xC3 is no UTF-8/,
  ],
  [
    "UTF-16 that breaks off",
    utf16("\ufeffEmail\na@x.de\n\ud800b@x.de\n", true),
    /^standard input:3: Bytes are no utf-16le/,
  ],
  ["NUL", "Email\na@x.de\nb\0@x.de\n", /^standard input:3: The file holds a NUL character/],
  [
    "UTF-16 without a mark",
    utf16("Email\na@x.de\n", true),
    /^standard input:1: The file holds a NUL character\n {2}.*--encoding utf-16le/,
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
    /^standard input:2: A quote opens on this line and is not closed within 1 MiB/,
  ],
  ["an unknown encoding", "Email\n", /^There is no encoding 'klingon'/, { encoding: "klingon" }],
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
      `${folder}: This is a directory, a file is needed`,
    );
  } finally {
    await Deno.remove(folder);
  }
});

Deno.test("openList() makes a cell of 50 MB a bad row and goes on behind it", async () => {
  const piece = new Uint8Array(64 * 1024).fill(0x78);
  for (const quote of ["", '"']) {
    const stdin = ReadableStream.from((function* () {
      yield bytesOf(`Name,Email\nA,a@x.de\n${quote}`);
      for (let count = 0; count < 800; count++) yield piece;
      yield bytesOf(`${quote},b@x.de\r\n\r\nC,c@x.de\r\n`);
    })());
    const { signal } = new AbortController();
    await using list = await openList(PLAIN, { stdin, signal });
    const before = Deno.memoryUsage().rss;
    const rows = (await Array.fromAsync(list.rows)).flat();
    assert.ok(Deno.memoryUsage().rss - before < 40e6, "memory stays bounded");
    assert.deepEqual(rows, [
      row(2, "A", "a@x.de"),
      { kind: "bad-row", line: 3, address: "", fields: [], reason: "Row is longer than 1 MiB" },
      row(5, "C", "c@x.de"),
    ]);
  }
});

Deno.test("openList() judges a long row alike however its bytes come", async () => {
  const cell = "x".repeat(RECORD_LIMIT - 9);
  const text = `Name,Email\n${cell},bb@x.de\n${cell}y,bb@x.de\nC,c@x.de\n`;
  for (const step of [1000, 65_536, text.length]) {
    const { rows } = await read(text, {}, step);
    assert.deepEqual(rows.map(({ kind }) => kind), ["row", "bad-row", "row"]);
  }
});

Deno.test("openList() reads only a little ahead of who asks", async () => {
  let pulled = 0;
  const stdin = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled++ === 0) controller.enqueue(bytesOf("Name,Email\n"));
      controller.enqueue(bytesOf("Ada,ada@x.de\n".repeat(1000)));
    },
  }, { highWaterMark: 0 });
  const { signal } = new AbortController();
  await using list = await openList(PLAIN, { stdin, signal });
  const reader = list.rows.getReader();
  await reader.read();
  const before = pulled;
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(pulled, before);
  assert.ok(pulled <= 2, `pulled ${pulled} chunks`);
  await reader.cancel();
});

Deno.test("openList() ends with the signal's reason while standard input is silent", async () => {
  const controller = new AbortController();
  const stdin = new ReadableStream<Uint8Array>({
    start: (stream) => stream.enqueue(bytesOf("Email\na@x.de\nb@x.de\n")),
  });
  await using list = await openList(PLAIN, { stdin, signal: controller.signal });
  const reader = list.rows.getReader();
  assert.deepEqual((await reader.read()).value, [row(2, "a@x.de")]);
  const waiting = reader.read();
  const reason = new Error("interrupted");
  controller.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
});

Deno.test("openList() closes the file when the rows are not read to their end", async () => {
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await Deno.writeTextFile(path, `Email\n${"a@x.de\n".repeat(50_000)}`);
    const { signal } = new AbortController();
    {
      await using unread = await openList({ ...PLAIN, recipients: path }, { signal });
      assert.equal(unread.columns.email, 0);
    }
    await using list = await openList({ ...PLAIN, recipients: path }, { signal });
    for await (const batch of list.rows) {
      assert.ok(batch.length > 0);
      break;
    }
  } finally {
    await Deno.remove(path);
  }
});

const cell = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.array(fc.constantFrom("a", '"', ",", ";", "\n", "\r", "\r\n", " ", "ü", "😀"), {
    maxLength: 6,
  })
    .map((parts) => parts.join("")),
);
const table = fc.record({
  rows: fc.array(fc.tuple(cell, cell, cell), { maxLength: 12 }),
  end: fc.constantFrom("\n", "\r\n", "\r"),
  blankLines: fc.infiniteStream(fc.integer({ min: 0, max: 2 })),
  step: fc.integer({ min: 1, max: 40 }),
  lastEnd: fc.boolean(),
});

Deno.test("openList() gives back every cell and its physical line, split anywhere", async () => {
  await fc.assert(
    fc.asyncProperty(table, async ({ rows, end, blankLines, step, lastEnd }) => {
      let text = "A,Email,B";
      let line = 1;
      const expected: CsvRow[] = [];
      for (const cells of rows) {
        const blank = blankLines.next().value;
        text += end.repeat(1 + blank);
        line += 1 + blank;
        expected.push(row(line, ...cells));
        const written = cells.map((value) => `"${value.replaceAll('"', '""')}"`).join(",");
        line += written.split(/\r\n|\r|\n/).length - 1;
        text += written;
      }
      if (lastEnd) text += end;
      const nul = text.includes("\0");
      if (nul) return;
      assert.deepEqual((await read(text, {}, step)).rows, expected);
    }),
    { numRuns: 300 },
  );
});

Deno.test("openList() reads any bytes to rows or to one InputError, split anywhere", async () => {
  const part = fc.constantFrom("a", '"', ",", "\n", "\r", "\xff", "\xc3", "\xa4", "@x.de", "\0");
  const outcome = async (bytes: Uint8Array, step: number) => {
    try {
      return (await read(bytes, {}, step)).rows;
    } catch (error) {
      assert.ok(error instanceof InputError, String(error));
      return error.describe();
    }
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      async (parts, step) => {
        const bytes = Uint8Array.from(
          `Name,Email\n${parts.join("")}`,
          (char) => char.charCodeAt(0),
        );
        const whole = await outcome(bytes, bytes.length);
        const split = await outcome(bytes, step);
        assert.deepEqual(split, whole);
      },
    ),
    { numRuns: 500 },
  );
});
