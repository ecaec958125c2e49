import assert from "node:assert/strict";
import { watchInterruption } from "../../src/campaign/interruption.ts";
import { stopWith } from "../../src/campaign/stopping.ts";
import { Stop } from "../../src/model/stop.ts";
import type { Reporter } from "../../src/report/reporter.ts";
import { assertLeavesNoListener } from "../support/counted_signal.ts";

Deno.test("stopWith() leaves no listener and no timer behind when the run is over", async () => {
  for (const until of [undefined, Date.now() + 3_600_000]) {
    await assertLeavesNoListener((signal) => {
      using _ = stopWith(new Stop(), signal, until);
    });
  }
});

Deno.test("stopWith() stops at a signal that came before", () => {
  const stop = new Stop();
  using _ = stopWith(stop, AbortSignal.abort(), undefined);
  assert.equal(stop.reason?.reason, "Stopped by a signal");
});

Deno.test("watchInterruption() leaves no listener and no timer behind, signalled or not", async () => {
  const said: string[] = [];
  const reporter = { info: (text: string) => void said.push(text) } as unknown as Reporter;
  let second: (() => void) | undefined;
  const onSecondSignal = (listener: () => void): Disposable => {
    second = listener;
    return { [Symbol.dispose]: () => second = undefined };
  };
  await assertLeavesNoListener((signal) => {
    using _ = watchInterruption({ reporter, signal, onSecondSignal }, () => 0);
    assert(second);
  });
  assert.equal(second, undefined);
  await assertLeavesNoListener((signal, counted) => {
    using _ = watchInterruption({ reporter, signal, onSecondSignal }, () => 0);
    counted.abort();
  });
  assert.deepEqual(said, ["Stopping; no mail is under way"]);
});
