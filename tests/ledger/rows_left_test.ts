import assert from "node:assert/strict";
import type { ChoiceFacts } from "../../src/ledger/ledger.ts";
import { rowsLeft } from "../../src/ledger/rows_left.ts";
import type { Scan } from "../../src/model/scan.ts";

type Facts = Parameters<typeof rowsLeft>[0];

/** Rows not reached, and rows not chosen. */
function both(facts: Facts, entered: number): readonly (number | undefined)[] {
  const { notReached, notChosen } = rowsLeft(facts, entered);
  return [notReached, notChosen];
}

/** Both counts, for a list of 100 rows of which a condition chooses all but `others`. */
function left(
  entered: number,
  choice?: ChoiceFacts,
  others = 0,
): readonly (number | undefined)[] {
  const scan = { rows: 100 - others, ...(choice && { notChosen: others }) } as Scan;
  const facts = { scan, ...(choice && { choice }) };
  return both(facts, entered);
}

const CONDITION = { condition: "x", enteredBefore: 0 };

Deno.test("Rows of the list that are not in the ledger are not reached, or not chosen", () => {
  const table: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
    ["without a condition", left(40), [60, 0]],
    ["all entered", left(100), [0, 0]],
    ["20 chosen, 5 of them entered", left(5, CONDITION, 80), [15, 80]],
    ["20 chosen, all entered", left(20, CONDITION, 80), [0, 80]],
    // An earlier condition had 30 rows entered; nobody knows how many of them are chosen now.
    ["another condition before", left(35, { ...CONDITION, enteredBefore: 30 }, 80), [15, 50]],
    ["the list was read to its end", left(35, { ...CONDITION, notChosen: 80 }, 80), [0, 65]],
    ["all entered before", left(100, { ...CONDITION, enteredBefore: 100 }, 80), [0, 0]],
    ["nobody chosen", left(0, CONDITION, 100), [0, 100]],
  ];
  for (const [what, found, expected] of table) assert.deepEqual(found, expected, what);
});

Deno.test("Of standard input, only a pass to the end shows how many rows were left out", () => {
  assert.deepEqual(both({}, 5), [undefined, 0]);
  assert.equal(rowsLeft({ choice: CONDITION }, 5).notChosen, undefined);
  assert.equal(rowsLeft({ choice: { ...CONDITION, notChosen: 7 } }, 5).notChosen, 7);
});

Deno.test("Of a shard, nobody knows how many rows it leaves out", () => {
  const scan = { rows: 20, notChosen: 80 } as Scan;
  const facts = { scan, shard: "1/2", choice: { ...CONDITION, notChosen: 80 } };
  assert.deepEqual(both(facts, 5), [undefined, undefined]);
});
