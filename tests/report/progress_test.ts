import assert from "node:assert/strict";
import fc from "fast-check";
import { progressLine, progressWords } from "../../src/report/progress.ts";
import type { Progress } from "../../src/report/reporter.ts";
import { progress, tally } from "../support/report_examples.ts";

const MOMENT = { now: 1_000_000, perSecond: 1_204 };
const TROUBLED: Partial<Progress> = {
  tally: tally({ total: 25_000, sent: 11_250, failed: 3, inDoubt: 1, deferred: 12 }),
  connections: { allowed: 3, wanted: 10 },
  ratePerSecond: 14,
};

Deno.test("progressLine() shows what matters most in the available width", () => {
  const cases: readonly (readonly [string, Partial<Progress>, number, string])[] = [
    [
      "a wide line has a bar",
      {},
      80,
      "[=============>                ]  11,269/25,000  45%  1,204/s  12 s left",
    ],
    ["a narrow line has none", {}, 40, "11,269/25,000  45%  1,204/s  12 s left"],
    ["time left outlasts the percentage", {}, 30, "11,269/25,000  12 s left"],
    [
      "troubles displace the bar",
      TROUBLED,
      80,
      "11,269/25,000  45%  1,204/s  3 failed  1 in doubt  12 deferred  12 s left",
    ],
    [
      "room for all",
      TROUBLED,
      120,
      "[=====>      ]  11,269/25,000  45%  1,204/s  3 failed  1 in doubt  12 deferred  3/10 connections  limit 14/s  12 s left",
    ],
    ["failures outlast doubts", TROUBLED, 50, "11,269/25,000  45%  1,204/s  3 failed  12 s left"],
    [
      "waiting takes the place of speed",
      { ...TROUBLED, waitingUntil: 1_042_000 },
      80,
      "11,269/25,000  45%  3 failed  1 in doubt  waiting for 12 deferred, next in 42 s",
    ],
    [
      "waiting, in few words",
      { ...TROUBLED, waitingUntil: 1_042_000 },
      40,
      "11,269/25,000  45%  next in 42 s",
    ],
    [
      "due already",
      { ...TROUBLED, waitingUntil: 999_999 },
      40,
      "11,269/25,000  45%  3 failed  next now",
    ],
    ["an unknown goal has neither bar nor end", { goal: undefined }, 80, "11,269 done  1,204/s"],
    ["an empty goal divides nothing", { goal: 0, settled: 0 }, 80, "0/0  1,204/s"],
    [
      "all done",
      { settled: 25_000 },
      60,
      "[===========================]  25,000/25,000  100%  1,204/s",
    ],
    [
      "not quite done is not 100%",
      { settled: 24_999 },
      40,
      "24,999/25,000  99%  1,204/s  1 s left",
    ],
  ];
  for (const [name, changes, columns, expected] of cases) {
    assert.equal(progressLine(progress(changes), columns, MOMENT), expected, name);
  }
});

Deno.test("progressLine() says nothing about the end before it knows the speed", () => {
  const line = progressLine(progress({ settled: 0 }), 80, { now: 0, perSecond: 0 });
  assert.equal(line, "[>                             ]  0/25,000  0%  0/s");
});

Deno.test("progressLine() stays on one line of printable ASCII, whatever the numbers and the width", () => {
  const count = fc.nat(2_000_000_000);
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 220 }),
    fc.option(count, { nil: undefined }),
    fc.tuple(count, count, count, count),
    fc.option(count, { nil: undefined }),
    fc.double({ noNaN: false }),
    (columns, goal, [settled, failed, inDoubt, deferred], waitingUntil, perSecond) => {
      const state = progress({
        goal,
        settled,
        waitingUntil,
        tally: tally({ failed, inDoubt, deferred }),
        connections: { allowed: failed % 10, wanted: 10 },
        ratePerSecond: waitingUntil,
      });
      const line = progressLine(state, columns, { now: 0, perSecond });
      assert.ok(line.length <= Math.max(0, columns - 1), `${line.length} of ${columns}: ${line}`);
      assert.match(line, /^[\x20-\x7e]*$/);
      if (columns >= 30) assert.ok(line.includes(goal === undefined ? " done" : "/"), line);
    },
  ));
});

Deno.test("progressWords() says everything, for a log", () => {
  assert.equal(
    progressWords(progress(TROUBLED), MOMENT),
    "11,269/25,000, 45%, 1,204/s, 3 failed, 1 in doubt, 12 deferred, 3/10 connections, limit 14/s, 12 s left",
  );
  assert.equal(
    progressWords(progress({ ...TROUBLED, goal: undefined, waitingUntil: 1_042_000 }), MOMENT),
    "11,269 done, 3 failed, 1 in doubt, 3/10 connections, limit 14/s, waiting for 12 deferred, next in 42 s",
  );
});
