import assert from "node:assert/strict";
import type { Told } from "./told.ts";

/** Promise 2: a further mail leaves only in a run that the user told to resend, to somebody whom it found in doubt. */
export function assertNobodyTwice({ truth, resent }: Told): void {
  for (const [key, runs] of truth.runsThatMailed) {
    runs.forEach((run, at) => {
      if (at === 0) return;
      const last = runs[at - 1]!;
      const asked = resent.get(key)?.some((again) => again > last && again <= run) ?? false;
      assert.ok(asked, `${key} was mailed in the runs ${runs.join(", ")}`);
    });
  }
}

/** Promises 2 and 7: whatever a relay took is on record, and nothing is on record as sent that none took. */
export function assertRecorded({ truth, resent, before, after, run }: Told): void {
  const mailed = truth.runsThatMailed;
  for (const [key, runs] of mailed) {
    const state = after.byKey.get(key)?.state;
    if (state === "sent" || state === "in-doubt") continue;
    // To be tried again at the user's wish.
    const last = runs.at(-1)!;
    const again = resent.get(key)?.some((one) => one > last) ?? false;
    assert.ok(again, `${key} was mailed and is ${state} in the ledger`);
  }
  for (const key of after.keysIn("sent")) {
    if (before.byKey.get(key)?.state === "sent") continue;
    assert.ok(mailed.get(key)?.includes(run), `${key} became sent, and no relay took it`);
  }
}
