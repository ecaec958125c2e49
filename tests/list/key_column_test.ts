import assert from "node:assert/strict";
import fc from "fast-check";
import { nameOf } from "../../src/cli/options/recipient_key.ts";
import { recipientOf } from "../../src/list/recipient.ts";
import { copyKeyOf, isNamedIn, mailboxKeyOf, mainKeyOf } from "../../src/model/recipient.ts";
import { faultOf, read } from "./lists.ts";

const COLUMNS = { names: ["Email", "Invoice"], email: 0, key: 1 };

function keyOrReason(cell: string, address = "Ann@X.test", columns = COLUMNS): string {
  const judged = recipientOf({ kind: "row", line: 2, cells: [address, cell] }, columns, []);
  return judged.kind === "recipient" ? judged.key : judged.reason;
}

Deno.test("recipientOf() makes the key of the address and the trimmed cell of the key column", () => {
  assert.equal(keyOrReason(" INV-7\t"), "ann@x.test INV-7");
  assert.equal(keyOrReason("inv-7"), "ann@x.test inv-7", "case can tell two invoices apart");
  assert.equal(keyOrReason("No 7"), "ann@x.test No 7");
  assert.equal(keyOrReason("e\u0301"), "ann@x.test \u00e9", "one key for both forms of Unicode");
});

Deno.test("recipientOf() refuses a row whose key cell is empty, invisible or too long, and names the column", () => {
  for (
    const [cell, reason] of [
      ["", "Column 'Invoice' is empty, and --key needs it"],
      [" \u200b", "Column 'Invoice' is empty, and --key needs it"],
      ["a\nb", "Column 'Invoice' contains U+000A (line feed), which --key does not allow"],
      ["a\0b", "Column 'Invoice' contains U+0000 (NUL), which --key does not allow"],
      [
        "7".repeat(201),
        "Column 'Invoice' is longer than 200 characters, the most that --key allows",
      ],
    ]
  ) {
    assert.equal(keyOrReason(cell!), reason);
  }
  assert.equal(keyOrReason("7".repeat(200)), `ann@x.test ${"7".repeat(200)}`);
  assert.match(keyOrReason("", "ann@"), /^Address has no domain/, "the address is judged first");
  assert.match(
    keyOrReason("", "a@x.test", { names: ["Email", ""], email: 0, key: 1 }),
    /^Column 2/,
  );
});

Deno.test("Two rows have one key if and only if address and trimmed cell are the same; both name it", () => {
  const address = fc.constantFrom("a@x.test", "A@X.test", "b@x.test", "a@x.test.example");
  const cell = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom("a", "b", " ", "!") })
    .filter((text) => text.trim() !== "");
  fc.assert(fc.property(address, cell, address, cell, (a, one, b, other) => {
    const [first, second] = [keyOrReason(one, a), keyOrReason(other, b)];
    const same = a.toLowerCase() === b.toLowerCase() && one.trim() === other.trim();
    assert.equal(first === second, same);
    assert.equal(mailboxKeyOf(first), a.toLowerCase());
    assert.equal(isNamedIn(new Set([b.toLowerCase()]), first), a.toLowerCase() === b.toLowerCase());
    const typed = nameOf({ text: `${a} ${one}`, name: "settle", folder: "." });
    assert.equal(isNamedIn(new Set([typed]), second), same);
  }));
});

Deno.test("A name is an address, or an address and a cell; two addresses are refused as before", () => {
  const name = (text: string) => nameOf({ text, name: "--only", folder: "." });
  assert.equal(name(" Ann@X.test "), "ann@x.test");
  assert.equal(name("Ann@X.test  No 7 "), "ann@x.test No 7");
  assert.throws(() => name("ann@x.test bob@x.test"), /must be an e-mail address/);
  assert.throws(() => name("ann 7"), /must be an e-mail address/);
});

Deno.test("openList() finds the key column as it finds the address column", async () => {
  const list = "Email;Invoice No;Name\na@x.test;7;Ann\n";
  assert.equal((await read(list, { keyColumn: "Invoice No" })).key, 1);
  assert.equal((await read(list, { keyColumn: "invoice_no" })).key, 1);
  assert.equal("key" in await read(list), false);
  assert.match(
    await faultOf(list, { keyColumn: "Invoce No" }),
    /^standard input:1: There is no column 'Invoce No': found 'Email', 'Invoice No', 'Name'\n {2}Did you mean --key "Invoice No"\?$/,
  );
  assert.match(
    await faultOf(list, { keyColumn: "email" }),
    /^standard input:1: --key must be another column than that of the address: found 'email'/,
  );
});

Deno.test("The key of a copy is that of no row, and tells mailbox and recipient", () => {
  const mailbox = fc.constantFrom("a@x.test", "b@x.test");
  const cell = fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom("a", " ") })
    .filter((text) => text.trim() !== "");
  fc.assert(fc.property(mailbox, mailbox, fc.option(cell), cell, (to, address, one, other) => {
    const main = one === null ? address : keyOrReason(one, address);
    const copy = copyKeyOf(to, main);
    assert.equal(mainKeyOf(copy), main);
    assert.equal(mailboxKeyOf(copy), to);
    assert.equal(mainKeyOf(main), main);
    assert.notEqual(copy, keyOrReason(other, to));
  }));
});
