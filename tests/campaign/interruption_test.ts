import assert from "node:assert/strict";
import { watchInterruption } from "../../src/campaign/interruption.ts";
import type { Reporter } from "../../src/report/reporter.ts";
import { RuleServer } from "../pipeline/relays.ts";
import { timersOf } from "../support/late_timers.ts";
import { until } from "../support/until.ts";
import { Campaign } from "./campaign.ts";

/** A watched run with `mails` under way; what is said, and the two signals. */
function watching(mails: number) {
  const said: string[] = [];
  const first = new AbortController();
  const requested = new AbortController();
  let second: (() => void) | undefined;
  const reporter: Partial<Reporter> = {
    info: (message) => void said.push(message),
    warn: (message) => void said.push(`warning: ${message}`),
  };
  const run = { mails };
  const interruption = watchInterruption({
    reporter: reporter as Reporter,
    signal: first.signal,
    stopRequested: requested.signal,
    onSecondSignal: (listener) => {
      second = listener;
      return { [Symbol.dispose]: () => void (second = undefined) };
    },
  }, () => run.mails);
  return { run, said, interruption, first, requested, second: () => second };
}

for (
  const [mails, said] of [
    [0, "Stopping; no mail is under way"],
    [1, "Finishing 1 mail; press Ctrl-C again to quit now (it will be in doubt)"],
    [7, "Finishing 7 mails; press Ctrl-C again to quit now (they will be in doubt)"],
  ] as const
) {
  Deno.test(`watchInterruption() says at the first signal how many mails are being finished: ${mails}`, () => {
    const run = watching(mails);
    assert.deepEqual(run.said, []);
    run.first.abort();
    run.interruption[Symbol.dispose]();
    assert.deepEqual(run.said, [said]);
    assert.equal(run.interruption.abandon.aborted, false);
  });
}

Deno.test("watchInterruption() says at a request of another process what is being finished, and one signal cuts it short", () => {
  const run = watching(2);
  run.requested.abort();
  assert.deepEqual(run.said, [
    "Finishing 2 mails; press Ctrl-C to quit now (they will be in doubt)",
  ]);
  assert.equal(run.interruption.abandon.aborted, false);
  run.first.abort();
  assert.equal(run.interruption.abandon.aborted, true);
  assert.equal(run.said.length, 1);
  run.interruption[Symbol.dispose]();
});

Deno.test("watchInterruption() takes no notice of a request that comes after a signal", () => {
  const run = watching(2);
  run.first.abort();
  run.requested.abort();
  assert.equal(run.said.length, 1);
  assert.equal(run.interruption.abandon.aborted, false);
  run.interruption[Symbol.dispose]();
});

Deno.test("watchInterruption() abandons connections 30 s after the first signal, and says how many mails got no reply", async () => {
  const run = watching(3);
  const delays: number[] = [];
  const { setTimeout } = globalThis;
  const timers = await timersOf(() => {
    const keep = globalThis.setTimeout;
    Object.assign(globalThis, {
      setTimeout: (call: () => void, ms: number) => (delays.push(ms), keep(call, ms)),
    });
    run.first.abort();
  });
  assert.equal(globalThis.setTimeout, setTimeout);
  assert.deepEqual(delays, [30_000]);
  run.said.length = 0;
  run.run.mails = 2;
  timers[0]!();
  assert.equal(run.interruption.abandon.aborted, true);
  assert.deepEqual(run.said, [
    "warning: No reply to 2 mails within 30 s; closing the connections",
  ]);
  run.interruption[Symbol.dispose]();
});

Deno.test("watchInterruption() abandons connections at once at the second signal, and says no more", () => {
  const run = watching(3);
  run.first.abort();
  run.said.length = 0;
  run.second()!();
  run.interruption[Symbol.dispose]();
  assert.equal(run.interruption.abandon.aborted, true);
  assert.deepEqual(run.said, []);
});

Deno.test("watchInterruption() ignores signals and timers when the run is over", async () => {
  const run = watching(3);
  const timers = await timersOf(() => run.first.abort());
  run.said.length = 0;
  run.interruption[Symbol.dispose]();
  timers.forEach((call) => call());
  assert.equal(run.second(), undefined);
  const late = watching(3);
  late.interruption[Symbol.dispose]();
  late.first.abort();
  assert.deepEqual([run.said, late.said], [[], []]);
  assert.equal(run.interruption.abandon.aborted, false);
});

Deno.test("runCampaign() quits at the second signal with the mail under way in doubt, having said so at the first", async () => {
  let answer: (() => void) | undefined;
  await using server = new RuleServer({
    body: ({ recipient }) =>
      recipient === "r1@x.test" ? undefined : new Promise((next) => answer = () => next(undefined)),
  });
  using campaign = new Campaign(2);
  let quit: (() => void) | undefined;
  const onSecondSignal = (listener: () => void): Disposable => {
    quit = listener;
    return { [Symbol.dispose]: () => {} };
  };
  const options = { connections: 1 };
  const sending = campaign.send([server.port], options, { onSecondSignal });
  await until("a mail is under way", () => answer !== undefined);
  campaign.stop();
  // So that a run that keeps waiting gets its reply in the end.
  const late = setTimeout(() => answer!(), 10_000);
  quit!();
  const { tally, exitCode } = await sending;
  clearTimeout(late);
  answer!();
  assert.deepEqual([exitCode, tally.sent, tally.inDoubt], [3, 1, 1]);
  assert.deepEqual(campaign.told.news, [
    "Finishing 1 mail; press Ctrl-C again to quit now (it will be in doubt)",
  ]);
});
