import assert from "node:assert/strict";
import fc from "fast-check";
import { Sample, type Sampled } from "../../src/preview/sample.ts";

function rowOf(number: number, ...fields: string[]): Sampled {
  const address = `p${number}@x.test`;
  const entry = { kind: "recipient", key: address, line: number + 1, address, fields } as const;
  return { number, entry };
}

function sampleOf(size: number, rows: Iterable<Sampled>): readonly Sampled[] {
  const sample = new Sample(size);
  for (const row of rows) sample.add(row);
  return sample.rows();
}

const numbersOf = (rows: readonly Sampled[]) => rows.map(({ number }) => number);

function* plainRows(count: number): Generator<Sampled> {
  for (let number = 1; number <= count; number++) yield rowOf(number, "same", "x@y.test");
}

Deno.test("Sample.rows() returns all rows of a list that is no longer than the sample", () => {
  assert.deepEqual(numbersOf(sampleOf(5, plainRows(3))), [1, 2, 3]);
  assert.deepEqual(numbersOf(sampleOf(5, plainRows(5))), [1, 2, 3, 4, 5]);
  assert.deepEqual(sampleOf(5, []), []);
});

Deno.test("Sample.rows() includes the longest row, the emptiest one, and the longest value of each column", () => {
  const rows = [...plainRows(1_000)];
  rows[411] = rowOf(412, "a".repeat(50), "x@y.test");
  rows[700] = rowOf(701, "", "x@y.test");
  rows[899] = rowOf(900, "b", `${"y".repeat(30)}@y.test`);
  const numbers = numbersOf(sampleOf(8, rows));
  for (const number of [1, 412, 701, 900, 1_000]) assert(numbers.includes(number), `${numbers}`);
});

Deno.test("Sample.rows() takes the shortest row for the emptiest if no cell is blank", () => {
  const rows = [...plainRows(100)];
  rows[40] = rowOf(41, "s", "x@y.test");
  assert(numbersOf(sampleOf(6, rows)).includes(41));
});

Deno.test("Sample.rows() spreads the other rows over the whole list", () => {
  const numbers = numbersOf(sampleOf(20, plainRows(100_000)));
  assert.equal(numbers.length, 20);
  const gaps = numbers.slice(1).map((number, index) => number - numbers[index]!);
  assert(Math.max(...gaps) < 2 * 100_000 / 17, `${numbers}`);
  assert.equal(numbers[0], 1);
  assert.equal(numbers.at(-1), 100_000);
});

Deno.test("Sample.rows() returns as many rows as requested, in the order of the list, the same each time", () => {
  const fields = fc.array(fc.string({ maxLength: 12 }), { minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(
      fc.array(fields, { maxLength: 300 }),
      fc.integer({ min: 1, max: 40 }),
      (list, size) => {
        const rows = list.map((row, index) => rowOf(index + 1, ...row));
        const numbers = numbersOf(sampleOf(size, rows));
        assert.equal(numbers.length, Math.min(size, rows.length));
        assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
        assert.deepEqual(numbersOf(sampleOf(size, rows)), numbers);
        const longest = rows.map(({ entry }) => entry.fields.join("").length);
        if (size > 1 && rows.length > 0) {
          assert(
            numbers.includes(longest.indexOf(Math.max(...longest)) + 1),
            "the longest is there",
          );
        }
      },
    ),
  );
});
