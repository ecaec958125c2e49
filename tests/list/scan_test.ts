import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fingerprintOf, fingerprintsOf, scanList } from "../../src/list/file/scan.ts";
import { InputError } from "../../src/model/input_error.ts";
import { withFile } from "./files.ts";

const { signal } = new AbortController();

function scan(path: string, required: readonly number[] = []) {
  const options = {
    recipients: path,
    encoding: undefined,
    delimiter: undefined,
    emailColumn: undefined,
  };
  return scanList(options, required, { signal });
}

Deno.test("scanList() counts recipients, bad rows and duplicates, and names the bad rows", async () => {
  const text = [
    "Name;Email",
    "Ada;ada@x.de",
    "Bob;bob@",
    "Ada;Ada@X.DE",
    ";cid@x.de",
    "Dan",
    "Eve;eve@x.de",
    "",
  ].join("\r\n");
  await withFile(text, async (path) => {
    assert.deepEqual(await scan(path, [0]), {
      columns: { names: ["Name", "Email"], email: 1 },
      rows: 6,
      first: {
        kind: "recipient",
        key: "ada@x.de",
        line: 2,
        address: "ada@x.de",
        fields: ["Ada", "ada@x.de"],
      },
      recipients: 2,
      invalid: 3,
      duplicates: 1,
      examples: [
        { line: 3, reason: "Address has no domain: 'bob@'" },
        { line: 5, reason: "Column 'Name' is empty, and the template needs it" },
        { line: 6, reason: "Row has 1 field but the header has 2; it begins with 'Dan'" },
      ],
      encoding: "utf-8",
      delimiter: ";",
      fingerprint: createHash("sha256").update(text).digest("hex"),
      bytes: text.length,
      endsLine: true,
    });
  });
});

Deno.test("scanList() names the first twenty bad rows and counts all", async () => {
  await withFile(`Email\n${"a@\n".repeat(50)}`, async (path) => {
    const { invalid, recipients, examples } = await scan(path);
    assert.deepEqual([invalid, recipients, examples.length], [50, 0, 20]);
    assert.equal(examples.at(-1)?.line, 21);
  });
});

Deno.test("scanList() reports whether the last row ends with a line end", async () => {
  for (const [end, closed] of [["\n", true], ["\r\n", true], ["\r", true], ["", false]] as const) {
    await withFile(
      `Email\na@x.de${end}`,
      async (path) => assert.equal((await scan(path)).endsLine, closed),
    );
  }
});

Deno.test("fingerprintsOf() recognises a list that rows were appended to, and no other", async () => {
  const old = `Email\n${"somebody@x.de\n".repeat(20_000)}`;
  const digest = createHash("sha256").update(old).digest("hex");
  for (
    const [text, begins] of [[old, true], [`${old}new@x.de\n`, true], [`x${old}`, false]] as const
  ) {
    await withFile(text, async (path) => {
      const { whole, beginning } = await fingerprintsOf(path, old.length, { signal });
      assert.equal(whole, createHash("sha256").update(text).digest("hex"));
      assert.equal(beginning === digest, begins);
    });
  }
  await withFile("Email\n", async (path) => {
    assert.equal((await fingerprintsOf(path, old.length, { signal })).beginning, undefined);
  });
});

Deno.test("fingerprintOf() gives the fingerprint of the scan", async () => {
  await withFile("Email\na@x.de\n", async (path) => {
    assert.equal(await fingerprintOf(path, signal), (await scan(path)).fingerprint);
  });
});

const FAULTS: readonly (readonly [string, string, RegExp])[] = [
  [
    "a header alone",
    "Name,Email\n\n",
    /: The list has no recipients: nothing follows its header$/,
  ],
  ["an unclosed quote", 'Name,Email\nA,a@x.de\n"B,b@x.de\n', /:3: A quote opens on this line/],
  ["a NUL", "Email\na@x.de\nb\0@x.de\n", /:3: The file contains a NUL character/],
];

for (const [name, text, message] of FAULTS) {
  Deno.test(`scanList() ends with the file's name at ${name}`, async () => {
    await withFile(text, async (path) => {
      await assert.rejects(scan(path), (error) => {
        assert.ok(error instanceof InputError);
        assert.ok(error.describe().startsWith(path));
        assert.match(error.describe(), message);
        return true;
      });
    });
  });
}

Deno.test("scanList() ends with the signal's reason", async () => {
  await withFile("Email\na@x.de\n", async (path) => {
    const reason = new Error("interrupted");
    const options = {
      recipients: path,
      encoding: undefined,
      delimiter: undefined,
      emailColumn: undefined,
    };
    await assert.rejects(
      scanList(options, [], { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });
});

Deno.test("scanList() says which duplicates have different cells, whatever their case and blanks", async () => {
  const text =
    "Email,No\na@x.de,1\nb@x.de,x\nA@X.de,1\nb@x.de, X \na@x.de,2\nb@x.de,\na@x.de,3\na@x.de,4\n";
  await withFile(text, async (path) => {
    const { duplicates, differing } = await scan(path);
    assert.deepEqual({ duplicates, differing }, {
      duplicates: 6,
      differing: {
        count: 4,
        isComplete: true,
        examples: [{ line: 6, first: 2 }, { line: 7, first: 3 }, { line: 8, first: 2 }],
      },
    });
  });
  await withFile("Email,No\na@x.de,1\nA@x.de,1\n", async (path) => {
    assert.equal((await scan(path)).differing, undefined);
  });
});
