import assert from "node:assert/strict";
import fc from "fast-check";
import type { CsvRow } from "../../src/model/recipient.ts";
import { outcomeOf, read, row } from "./lists.ts";
import { latin1 } from "../support/latin1.ts";

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

function quoted(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

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
        if (cells.some((cell) => cell.trim() !== "")) expected.push(row(line, ...cells));
        const written = cells.map(quoted).join(",");
        line += written.split(/\r\n|\r|\n/).length - 1;
        text += written;
      }
      if (lastEnd) text += end;
      if (text.includes("\0")) return;
      assert.deepEqual((await read(text, {}, step)).rows, expected);
    }),
    { numRuns: 300 },
  );
});

Deno.test("openList() continues from any row's line as if it had read the rows above", async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.nat(), async ({ rows, end, step }, pick) => {
      const text = ["A,Email,B", ...rows.map((cells) => cells.map(quoted).join(","))].join(end);
      if (text.includes("\0")) return;
      const all = (await read(text, {}, step)).rows;
      const from = all[pick % Math.max(all.length, 1)]?.line ?? 1;
      const expected = all.filter(({ line }) => line >= from);
      assert.deepEqual((await read(text, {}, step, from)).rows, expected);
    }),
    { numRuns: 300 },
  );
});

Deno.test("openList() reads any bytes to rows or to one InputError, split anywhere", async () => {
  const part = fc.constantFrom("a", '"', ",", "\n", "\r", "\xff", "\xc3", "\xa4", "@x.de", "\0");
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      async (parts, step) => {
        const bytes = latin1(`Name,Email\n${parts.join("")}`);
        const whole = await outcomeOf(bytes, bytes.length);
        const split = await outcomeOf(bytes, step);
        assert.deepEqual(split, whole);
      },
    ),
    { numRuns: 500 },
  );
});
