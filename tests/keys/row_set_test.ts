import assert from "node:assert/strict";
import fc from "fast-check";
import { RowSet } from "../../src/keys/row_set.ts";

Deno.test("RowSet contains the rows that were added and no others", () => {
  fc.assert(fc.property(fc.array(fc.nat(100_000)), fc.array(fc.nat(100_000)), (ids, others) => {
    const rows = new RowSet();
    for (const id of ids) rows.add(id);
    for (const id of [...ids, ...others]) assert.equal(rows.has(id), ids.includes(id));
  }));
});
