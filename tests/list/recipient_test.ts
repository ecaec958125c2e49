import assert from "node:assert/strict";
import { recipientOf } from "../../src/list/recipient.ts";

const COLUMNS = { names: ["Name", "Email", "City\u202e"], email: 1 };

Deno.test("recipientOf() gives key, address and fields of a good row", () => {
  const cells = ["Ada", " Ada@Example.COM ", ""];
  assert.deepEqual(recipientOf({ kind: "row", line: 7, cells }, COLUMNS, [0, 1]), {
    kind: "recipient",
    key: "ada@example.com",
    line: 7,
    address: "Ada@example.com",
    fields: cells,
  });
});

Deno.test("recipientOf() names what is wrong with the address, the cell kept as found", () => {
  const cells = ["Ada", " ada@ ", "Rome"];
  assert.deepEqual(recipientOf({ kind: "row", line: 7, cells }, COLUMNS, []), {
    kind: "bad-row",
    line: 7,
    address: " ada@ ",
    fields: cells,
    reason: "Address has no domain: 'ada@'",
  });
});

Deno.test("recipientOf() gives the number of a required column that has no name", () => {
  for (const header of ["", " "]) {
    const row = { kind: "row", line: 2, cells: ["ada@x.de", ""] } as const;
    const bad = recipientOf(row, { names: ["Email", header], email: 0 }, [1]);
    assert.equal(
      bad.kind === "bad-row" && bad.reason,
      "Column 2 is empty, and the template needs it",
    );
  }
});

Deno.test("recipientOf() names the required column that is empty", () => {
  for (const empty of ["", " ", "\t\n", "\u00a0"]) {
    const row = { kind: "row", line: 2, cells: ["Ada", "ada@x.de", empty] } as const;
    assert.equal(recipientOf(row, COLUMNS, [0, 1]).kind, "recipient");
    const bad = recipientOf(row, COLUMNS, [0, 1, 2]);
    assert.equal(
      bad.kind === "bad-row" && bad.reason,
      "Column 'City<U+202E>' is empty, and the template needs it",
    );
  }
});
