import assert from "node:assert/strict";
import { RecentAnswers } from "../../src/policy/pace/recent_answers.ts";

const SICK = 9_999;

/** The recipients from one number to another, both inclusive, are accepted or deferred. */
function told(
  answers: RecentAnswers,
  from: number,
  to: number,
  what: "accepted" | "deferred",
): void {
  for (let id = from; id <= to; id++) answers[what](id);
}

/** Defers the sick recipient until they are known to be alone. Returns how many tries that took. */
function triesUntilAlone(answers: RecentAnswers): number {
  for (let tries = 1; tries < 10_000; tries++) {
    answers.deferred(SICK);
    if (answers.isAlone(SICK, tries)) return tries;
  }
  return Infinity;
}

for (
  const [what, taken, deferred, tries] of [
    // The sick one is among the forty: (1/43)³ < 1/4096 < (1/43)².
    ["nobody else of forty is deferred", 40, 0, 3],
    // 1/13: (1/13)⁴ < 1/4096 < (1/13)³.
    ["nobody else of nine is deferred", 9, 0, 4],
    // 1/7: (1/7)⁵ < 1/4096 < (1/7)⁴.
    ["nobody else of three is deferred", 3, 0, 5],
    // A quarter: 1/4⁶ = 1/4096.
    ["nothing is known about others", 0, 0, 6],
    // 21/43: (21/43)¹² < 1/4096 < (21/43)¹¹.
    ["every other one is deferred", 20, 20, 12],
  ] as const
) {
  Deno.test(`RecentAnswers.isAlone() is true after ${tries} tries if ${what}`, () => {
    const answers = new RecentAnswers();
    told(answers, 1, taken, "accepted");
    told(answers, 101, 100 + deferred, "deferred");
    assert.equal(triesUntilAlone(answers), tries);
  });
}

Deno.test("RecentAnswers counts each of the others once, by their last answer", () => {
  const answers = new RecentAnswers();
  for (let round = 0; round < 50; round++) told(answers, 1, 10, "deferred");
  told(answers, 1, 10, "accepted");
  told(answers, 11, 40, "accepted");
  assert.equal(triesUntilAlone(answers), 3);
});

Deno.test("RecentAnswers remembers the last forty", () => {
  // 21/44 to the power of 12, and 19/44 to that of 10, are below 1/4096.
  for (const [taken, tries] of [[20, 12], [22, 10], [1_000, 3]] as const) {
    const answers = new RecentAnswers();
    told(answers, 1, 20, "deferred");
    told(answers, 21, 20 + taken, "accepted");
    let asked = 1;
    while (!answers.isAlone(SICK, asked)) asked++;
    assert.equal(asked, tries, `${taken} taken`);
  }
});

Deno.test("RecentAnswers forgets those it has not heard about for longest", () => {
  const answers = new RecentAnswers();
  told(answers, 1, 20, "deferred");
  told(answers, 21, 40, "accepted");
  told(answers, 1, 20, "deferred");
  told(answers, 41, 50, "accepted");
  // Twenty of forty are deferred, not the ten who would remain of those heard about first.
  assert.equal(triesUntilAlone(answers), 12);
});

Deno.test("RecentAnswers weighs each try by how others fared then", () => {
  const answers = new RecentAnswers();
  told(answers, 1, 40, "deferred");
  // If all others are deferred as well, twenty tries say nothing: (41/44)²⁰ is a quarter.
  for (let tries = 1; tries <= 20; tries++) assert.equal(answers.isAlone(SICK, tries), false);
  told(answers, 1, 40, "accepted");
  assert.equal(answers.isAlone(SICK, 21), false);
  assert.equal(answers.isAlone(SICK, 22), true);
});

Deno.test("RecentAnswers assumes that tries before it is asked were made when others fared worst", () => {
  const answers = new RecentAnswers();
  told(answers, 1, 40, "accepted");
  assert.equal(answers.isAlone(1, 2), false);
  assert.equal(answers.isAlone(2, 3), true);
  told(answers, 1, 40, "deferred");
  told(answers, 1, 40, "accepted");
  // (40/43)² · (1/43)² > 1/4096: two more than the three.
  assert.equal(answers.isAlone(3, 3), false);
  answers.deferred(3);
  assert.equal(answers.isAlone(3, 4), false);
  assert.equal(answers.isAlone(3, 5), true);
});

Deno.test("RecentAnswers starts over with a recipient who was accepted, or known to be alone", () => {
  for (const between of ["taken", "alone"] as const) {
    const answers = new RecentAnswers();
    told(answers, 1, 40, "accepted");
    assert.equal(answers.isAlone(SICK, 2), false);
    if (between === "taken") answers.accepted(SICK);
    else assert.equal(answers.isAlone(SICK, 3), true);
    assert.equal(answers.isAlone(SICK, 1), false);
    assert.equal(answers.isAlone(SICK, 2), false);
  }
});
