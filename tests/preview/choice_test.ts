import assert from "node:assert/strict";
import { type Choice, chooseRows } from "../../src/preview/choice.ts";
import { openList } from "../../src/list/list.ts";
import type { InputError } from "../../src/model/input_error.ts";

const LIST =
  `Email,Name\nann@x.test,Ann\nbob@,Bob\nZOE@x.test,Zoë\nzoe@x.test,Twice\neve@x.test,\n`;

async function choose(
  choice: Partial<Choice>,
  text = LIST,
  keyColumn?: string,
): Promise<string[]> {
  const stdin = new Blob([text]).stream();
  const { signal } = new AbortController();
  const options = {
    recipients: "-",
    encoding: undefined,
    delimiter: undefined,
    emailColumn: undefined,
    keyColumn,
  };
  await using list = await openList(options, { stdin, signal });
  const choosing = { list, listName: "l.csv", required: [1], signal };
  const rows = await chooseRows({ rows: [], keys: [], ...choice }, choosing);
  return rows.map(({ number, entry }) => `${number} ${entry.kind} ${entry.address}`);
}

const [ANN, BOB, ZOE, EVE] = [
  "1 recipient ann@x.test",
  "2 bad-row bob@",
  "3 recipient ZOE@x.test",
  "5 bad-row eve@x.test",
];

for (
  const [sentence, choice, expected] of [
    ["the first row if none is chosen", {}, [ANN]],
    ["rows in the order of the list, each once", { rows: [3, 2, 3], keys: ["zoe@x.test"] }, [
      BOB,
      ZOE,
    ]],
    ["rows that make no mail if they are asked for", { rows: [5] }, [EVE]],
    ["the first row of an address", { keys: ["zoe@x.test"] }, [ZOE]],
    ["a sample of the rows that can be mailed", { sample: 9 }, [
      ANN,
      ZOE,
      "4 recipient zoe@x.test",
    ]],
    ["chosen rows and a sample", { rows: [2], sample: 1 }, [ANN, BOB]],
  ] as const
) {
  Deno.test(`chooseRows() returns ${sentence}`, async () => {
    assert.deepEqual(await choose(choice), expected);
  });
}

for (
  const [sentence, choice, list, message] of [
    ["a row that the list lacks", { rows: [1, 6] }, LIST, /^The list has no row 6: it has 5 rows$/],
    [
      "an address that the list lacks",
      { keys: ["x@x.test"] },
      LIST,
      /no recipient x@x\.test: it has 5/,
    ],
    [
      "a list without recipients to sample",
      { sample: 2 },
      "Email,Name\nbob@,Bob\n",
      /no recipient who can be mailed/,
    ],
  ] as const
) {
  Deno.test(`chooseRows() refuses ${sentence}, and names it`, async () => {
    await assert.rejects(choose(choice, list), (error: InputError) => {
      assert.equal(error.place?.file, "l.csv");
      return message.test(error.message);
    });
  });
}

Deno.test("chooseRows() returns all rows of a mailbox in the order of the list, or the row of a whole key, each recipient once", async () => {
  const invoices =
    "Email,Invoice\nbob@x.test,1\nann@x.test,2\nann@x.test,1\nAnn@x.test, 2\nann@x.test,\n";
  const [bob, two, one] = [
    "1 recipient bob@x.test",
    "2 recipient ann@x.test",
    "3 recipient ann@x.test",
  ];
  const chosen = (...keys: string[]) => choose({ keys }, invoices, "Invoice");
  assert.deepEqual(await chosen("ann@x.test"), [two, one]);
  assert.deepEqual(await chosen("ann@x.test 1"), [one]);
  assert.deepEqual(await chosen("ann@x.test 1", "bob@x.test"), [bob, one]);
  assert.deepEqual(await choose({ keys: ["ann@x.test"] }, invoices), [two]);
  await assert.rejects(chosen("ann@x.test 3"), /no recipient ann@x\.test 3: it has 5 rows/);
});
