import assert from "node:assert/strict";
import type { RunFacts } from "./run_facts.ts";

/** Promise 2: a recipient gets another mail only if they were in doubt and the user had their mail resent. */
export function assertNobodyTwice({ truth, resent }: RunFacts): void {
  for (const [key, runs] of truth.runsThatMailed) {
    runs.forEach((run, at) => {
      if (at === 0) return;
      const last = runs[at - 1]!;
      const asked = resent.get(key)?.some((again) => again > last && again <= run) ?? false;
      assert.ok(asked, `${key} was mailed in the runs ${runs.join(", ")}`);
    });
  }
}

/** Promises 2 and 7: every mail that a relay accepted is recorded, and nothing else is recorded as sent. */
export function assertRecorded({ truth, resent, before, after, run }: RunFacts): void {
  const mailed = truth.runsThatMailed;
  for (const [key, runs] of mailed) {
    const state = after.byKey.get(key)?.state;
    if (state === "sent" || state === "in-doubt") continue;
    // The user asked for another try.
    const last = runs.at(-1)!;
    const again = resent.get(key)?.some((one) => one > last) ?? false;
    assert.ok(again, `${key} was mailed and is ${state} in the ledger`);
  }
  for (const key of after.keysIn("sent")) {
    if (before.byKey.get(key)?.state === "sent") continue;
    assert.ok(mailed.get(key)?.includes(run), `${key} is now sent, but no relay accepted the mail`);
  }
}
