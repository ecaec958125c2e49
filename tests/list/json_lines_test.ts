import assert from "node:assert/strict";
import fc from "fast-check";
import { objectMembers } from "../../src/list/records/json_members.ts";
import { RECORD_LIMIT } from "../../src/list/records/record_parser.ts";
import { scanList } from "../../src/list/file/scan.ts";
import { readSuppression } from "../../src/suppression/suppression_files.ts";
import { inFolder } from "../support/folder.ts";
import { withFile } from "./files.ts";
import { bytesOf, faultOf, outcomeOf, PLAIN, read, row, utf16 } from "./lists.ts";
import { latin1 } from "../support/latin1.ts";

const { signal } = new AbortController();

Deno.test("openList() reads JSON Lines: the first object's keys are the columns, values are texts as written", async () => {
  const text = [
    '{"Name": "Zoë \\u00e9\\n", "Email": "a@x.de", "2": 1.0, "1": 12345678901234567890, "Paid": true}',
    "",
    '{"Email":"b@x.de","Paid":false,"Name":null,"1":-0.10,"2":{"a": [1.50, "}\\""]}}\r',
    '{"Email":"c@x.de"}',
  ].join("\n");
  for (const step of [1, 3, 16, text.length + 9]) {
    const list = await read(text, {}, step);
    assert.deepEqual(list.names, ["Name", "Email", "2", "1", "Paid"]);
    assert.equal(list.email, 1);
    assert.equal(list.delimiter, undefined);
    assert.deepEqual(list.rows, [
      row(1, "Zoë é\n", "a@x.de", "1.0", "12345678901234567890", "true"),
      row(3, "", "b@x.de", '{"a": [1.50, "}\\""]}', "-0.10", "false"),
      row(4, "", "c@x.de", "", "", ""),
    ]);
  }
});

Deno.test("openList() makes a line that is not an object, or has other keys, a bad row with its line", async () => {
  const deep = "[".repeat(100_000);
  const { rows } = await read([
    '{"Name":"A","Email":"a@x.de"}',
    "[1]",
    '{"Name":"B","Email":"b@x.de"',
    '{"Email":"c@x.de","City":"York"}',
    '{"Email":"d@x.de","Email":"e@x.de"}',
    '{"Name":"\\u0000","Email":"f@x.de"}',
    '{"Name":"\\ud800","Email":"g@x.de"}',
    `{"Name":${deep},"Email":"h@x.de"}`,
    "{}",
    '{"Name":" ","Email":""}',
    '{"Name":"Z","Email":"z@x.de"}',
  ].join("\n"));
  const shown = rows.map((one) =>
    one.kind === "row" ? one : [one.line, one.address, one.reason.slice(0, 57)]
  );
  assert.deepEqual(shown, [
    row(1, "A", "a@x.de"),
    [2, "", "Line is not a JSON object: '[1]'"],
    [3, "", 'Line is not a JSON object: \'{"Name":"B","Email":"b@x.de"\''],
    [4, "c@x.de", "The first line has no key 'City'; add it there, or remove"],
    [5, "e@x.de", "Duplicate key 'Email'; remove one of them"],
    [6, "f@x.de", "Value of 'Name' contains U+0000 (NUL)"],
    [7, "g@x.de", "Value of 'Name' contains U+D800"],
    [8, "", `Line is not a JSON object: '{"Name":${"[".repeat(21)}`],
    row(11, "Z", "z@x.de"),
  ]);
});

Deno.test("openList() reads JSON Lines as UTF-8 whatever --encoding says, except for a byte order mark and UTF-16", async () => {
  const text = '{"Name":"Zoë","Email":"z@x.de"}\n';
  for (
    const [bytes, encoding] of [
      [bytesOf(text), "windows-1252"],
      [bytesOf(`\n \r\n${text.replace("{", "{ \t")}`), "shift_jis"],
      [bytesOf(`\ufeff${text}`), "windows-1252"],
      [utf16(`\ufeff${text}`, true), undefined],
      [utf16(text, true), "utf-16le"],
    ] as const
  ) {
    for (const step of [1, 5, 100]) {
      const { rows } = await read(bytes, { encoding }, step);
      assert.deepEqual(rows[0]?.kind === "row" && rows[0].cells, ["Zoë", "z@x.de"]);
    }
  }
  const western = latin1('{"Name":"Jürgen Müller","Email":"z@x.de"}\n');
  assert.match(
    await faultOf(western, { encoding: "windows-1252" }),
    /:1: Byte 0xFC is not valid UTF-8\n {2}The file looks like windows-1252, but JSON must be UTF-8. Convert it with iconv -f windows-1252 -t utf-8\.$/,
  );
});

const FAULTS: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  [
    "an object over several lines",
    '{\n "Email": "a@x.de"\n}\n',
    /:1: Line is not a JSON object: '\{'/,
  ],
  ["no address", '\n{"Name":"A"}\n', /:2: No column holds an e-mail address: found 'Name'/],
  ["a key twice", '{"Email":"a@x.de","Email":"b@x.de"}\n', /:1: Duplicate key 'Email'/],
  ["a JSON array", '[\n{"Email":"a@x.de"}]', /: This is a JSON array, not CSV\n.*jq -c '\.\[\]'/],
  ["bytes in another encoding", '{"Email":"a@x.de"}\n{"Email":"\xe9@x.de"}\n', /:2: Byte 0xE9/],
];

for (const [name, text, message] of FAULTS) {
  Deno.test(`openList() ends with the place at JSON Lines with ${name}`, async () => {
    const bytes = latin1(text);
    assert.match(await faultOf(bytes), message);
  });
}

Deno.test("openList() takes a file for JSON Lines by its name, and a CSV header in braces for CSV", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["list.jsonl", "LIST.NDJSON"]) {
      const path = `${folder}/${name}`;
      await Deno.writeTextFile(path, "Name,Email\nA,a@x.de\n");
      assert.match(
        await faultOf("", { recipients: path }),
        /This is CSV, not JSON Lines\n {2}Give the file a name that ends in \.csv\.$/,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assert.deepEqual((await read("{{Name}},Email\nA,a@x.de\n")).names, ["{{Name}}", "Email"]);
});

Deno.test("openList() makes a line over 1 MB a bad row and continues after it", async () => {
  const long = `{"Name":"${"x".repeat(RECORD_LIMIT)}","Email":"b@x.de"}`;
  const text = `{"Name":"A","Email":"a@x.de"}\n${long}\n{"Name":"C","Email":"c@x.de"}\n`;
  for (const step of [5000, text.length]) {
    const { rows } = await read(text, {}, step);
    assert.deepEqual(rows, [
      row(1, "A", "a@x.de"),
      { kind: "bad-row", line: 2, address: "", fields: [], reason: "Row is longer than 1.0 MB" },
      row(3, "C", "c@x.de"),
    ]);
  }
});

const value = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }).filter((text) =>
    text.isWellFormed() && !text.includes("\0")
  ),
  fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", "\n", "\u2028"),
);

Deno.test("openList() gives back every value of JSON Lines, from any row's line on, split anywhere", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 8 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.integer({ min: 1, max: 30 }),
      fc.nat(),
      async (rows, end, step, pick) => {
        const lines = rows.map(([a, b]) => JSON.stringify({ a, Email: "x@x.de", b }));
        const text = ["", ...lines].join(end);
        const all = rows.map(([a, b], at) => row(at + 2, a, "x@x.de", b));
        assert.deepEqual((await read(text, {}, step)).rows, all);
        const from = all[pick % all.length]!.line;
        const rest = await read(text, {}, step, from);
        assert.deepEqual(rest.names, ["a", "Email", "b"]);
        assert.deepEqual(rest.rows, all.filter(({ line }) => line >= from));
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("openList() reads JSON Lines in UTF-16 whose first object has blanks, split anywhere", async () => {
  const bytes = utf16('\ufeff{ \t "Email" : "a@x.de" }\n', true);
  for (const step of [1, 2, 3, 5]) {
    const list = await read(bytes, {}, step);
    assert.deepEqual(list.rows, [row(1, "a@x.de")]);
  }
});

Deno.test("objectMembers() gives the members that JSON.parse gives", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (object, indent) => {
      const members = objectMembers(JSON.stringify(object, undefined, indent));
      assert.ok(members !== undefined);
      const parsed = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
      assert.deepEqual(members.map(({ key }) => key), Object.keys(parsed));
      for (const { key, value } of members) {
        const wanted = parsed[key];
        if (typeof wanted === "string") assert.equal(value, wanted);
        else if (wanted === null) assert.equal(value, "");
        else assert.deepEqual(JSON.parse(value), wanted);
      }
    }),
  );
  for (const text of ["", "1", "[]", "null", '{"a":1', "{a:1}", '{"a":1}{"b":2}']) {
    assert.equal(objectMembers(text), undefined, text);
  }
});

Deno.test("scanList() counts the rows of JSON Lines as those of CSV", async () => {
  const text = '{"Email":"a@x.de"}\n{"Email":"A@X.DE"}\n[]\n{"Email":"b@x.de"}\n';
  await withFile(text, async (path) => {
    const scan = await scanList({ ...PLAIN, recipients: path }, [], { signal });
    assert.deepEqual([scan.rows, scan.recipients, scan.invalid, scan.duplicates], [4, 2, 1, 1]);
    assert.equal(scan.delimiter, undefined);
    assert.equal(scan.endsLine, true);
  });
});

Deno.test("readSuppression() reads JSON Lines", async () => {
  await withFile('# left\n{"n":1,"Email":"a@x.de"}\n{"Email":"b@x.de","n":2}\n', async (path) => {
    const found = await readSuppression([path], signal);
    assert.deepEqual([...found.keys()], ["a@x.de", "b@x.de"]);
    assert.equal(found.has("b@x.de"), `${path}:3`);
  });
});

Deno.test("openList() reads any bytes of JSON Lines to rows or to one InputError, split anywhere", async () => {
  const part = fc.constantFrom(
    ...["{", "}", '"', ":", ",", "\\", "[", "]", "\n", "\r", " ", "\xff", "\0", "1", "null"],
    ...['"Email"', '{"Email":"a@x.de"}', '{"Email":"a@x.de","B":', "\\u0000", "\\ud83d", '"a"'],
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 16 }),
      fc.constantFrom('{"Email":"a@x.de"}\n', '{"Email":""}\r\n{', '\n{\t"Email":1}\r'),
      fc.integer({ min: 1, max: 4 }),
      async (parts, before, step) => {
        const bytes = latin1(before + parts.join(""));
        assert.deepEqual(await outcomeOf(bytes, step), await outcomeOf(bytes, bytes.length || 1));
      },
    ),
    { numRuns: 500 },
  );
});

const NO_JSON_LINES: readonly (readonly [string, RegExp])[] = [
  [
    '[{"Email": "a@x.de"}, {"Email": "b@x.de"}]',
    /This is a JSON array, not JSON Lines\n.*jq -c '\.\[\]'/,
  ],
  ["[\n  {\n", /This is a JSON array, not JSON Lines\n.*jq -c '\.\[\]'/],
  ["Name,Email\nA,a@x.de\n", /This is CSV, not JSON Lines\n.*\.csv/],
  ['\ufeff"E-Mail";"Name"\n', /This is CSV, not JSON Lines\n.*\.csv/],
  ["", /The list is empty: it needs a line with a JSON object for each recipient$/],
  ["Hello\n", /:1: Line is not a JSON object: 'Hello'/],
];

for (const [text, message] of NO_JSON_LINES) {
  Deno.test(`openList() says what a .jsonl file contains that is not JSON Lines: ${JSON.stringify(text)}`, async () => {
    await inFolder({ "list.jsonl": text }, async (cwd) => {
      assert.match(await faultOf("", { recipients: `${cwd}/list.jsonl` }), message);
    });
  });
}
