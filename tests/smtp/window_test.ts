import assert from "node:assert/strict";
import { Window } from "../../src/smtp/window.ts";

function after(window: Window, answers: readonly (number | "trouble")[]): number {
  for (const answer of answers) {
    if (answer === "trouble") window.trouble();
    else window.accepted(answer);
  }
  return window.size;
}

for (
  const [sentence, largest, answers, size] of [
    ["begins with four mails", 32, [], 4],
    ["begins no larger than its cap", 2, [], 2],
    ["grows by one when a window of answers was prompt", 32, [50, 50, 50, 50], 5],
    ["stays when one answer of four is missing", 32, [50, 50, 50], 4],
    [
      "does not count answers that took more than twice the fastest",
      32,
      [50, 101, 101, 101, 101],
      4,
    ],
    ["counts answers that took twice the fastest", 32, [50, 100, 100, 100], 5],
    ["never outgrows its cap", 5, new Array(100).fill(1), 5],
    ["halves on trouble", 32, ["trouble"], 2],
    ["keeps one mail however much trouble there is", 32, ["trouble", "trouble", "trouble"], 1],
    ["forgets the answers before trouble", 32, [1, 1, 1, "trouble", 1], 2],
    ["grows again after trouble", 32, ["trouble", 1, 1], 3],
  ] as [string, number, (number | "trouble")[], number][]
) {
  Deno.test(`Window ${sentence}`, () => {
    assert.equal(after(new Window(largest), answers), size);
  });
}

Deno.test("Window refuses a cap that is not a whole number over 0", () => {
  for (const largest of [0, -1, 1.5, NaN]) assert.throws(() => new Window(largest), RangeError);
});
