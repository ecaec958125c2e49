import assert from "node:assert/strict";
import { judge } from "../../src/policy/judge.ts";
import type { AttemptContext } from "../../src/policy/judgement.ts";
import { broken, FIRST, HOUR, knowing, NOW, POLICY, refused } from "./judging.ts";

Deno.test("judge() says why it gave up", () => {
  const reasonOf = (tried: AttemptContext) => {
    const { outcome } = judge(refused("rcpt", 450), tried, POLICY);
    return "reason" in outcome ? outcome.reason : "";
  };
  assert.match(reasonOf({ ...FIRST, attempt: 6 }), /\(given up after 6 tries\)$/);
  const once = judge(refused("rcpt", 450), FIRST, { ...POLICY, retries: 0 }).outcome;
  assert.match("reason" in once ? once.reason : "", /\(given up after 1 try\)$/);
  assert.match(
    reasonOf({ ...FIRST, firstTriedAt: NOW - 5 * HOUR }),
    /\(given up: the time for retries is over\)$/,
  );
});

Deno.test("judge() allows as many retries as asked for, including none", () => {
  for (const retries of [0, 1, 3]) {
    let attempt = 1;
    while (
      judge(refused("rcpt", 450), { ...FIRST, attempt, random: 0 }, { ...POLICY, retries })
        .outcome.state === "deferred"
    ) attempt++;
    assert.equal(attempt, retries + 1);
  }
});

Deno.test("judge() waits ever longer for a mail on which connections break, but at most a minute", () => {
  const pauses = [0, 1, 2, 5, 6, 50].map((lost) => {
    const { outcome } = judge(broken("rcpt", false), { ...FIRST, random: 1, lost }, POLICY);
    return outcome.state === "deferred" ? outcome.notBefore - NOW : NaN;
  });
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
});

Deno.test("judge() gives up if a retry would come after the time for retries, but not if it would come right at its end", () => {
  const states = [0, 1].map((ms) => {
    const firstTriedAt = NOW + 3_500 - 4 * HOUR - HOUR - ms;
    return judge(refused("rcpt", 450), knowing({ restedMs: HOUR }, { firstTriedAt }), POLICY)
      .outcome.state;
  });
  assert.deepEqual(states, ["deferred", "failed"]);
});
