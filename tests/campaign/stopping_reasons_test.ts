import assert from "node:assert/strict";
import {
  bothOrNone,
  sleepUntil,
  stopIfChanged,
  stopOnFailure,
  stopWith,
} from "../../src/campaign/stopping.ts";
import { Stop } from "../../src/model/stop.ts";
import { NobodyChosen } from "../../src/pipeline/producer/selection.ts";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { InputError } from "../../src/model/input_error.ts";

const SIGNAL = { kind: "signal", reason: "Stopped by a signal", hint: "Run again to continue." };
const AGAIN = "Fix the list and run again to continue. Nobody is mailed twice.";

Deno.test("stopWith() stops at a signal, even one that came before, but not at one after the run", () => {
  for (const when of ["before", "meanwhile", "after"] as const) {
    const stop = new Stop();
    const signal = new AbortController();
    if (when === "before") signal.abort();
    {
      using _ends = stopWith(stop, signal.signal, undefined);
      if (when === "meanwhile") signal.abort();
    }
    signal.abort();
    assert.deepEqual(stop.reason, when === "after" ? undefined : SIGNAL, when);
  }
});

Deno.test("stopWith() stops at the time of --until, unless the run is over before", async () => {
  const { signal } = new AbortController();
  for (const isOver of [false, true]) {
    const stop = new Stop();
    {
      using _ends = stopWith(stop, signal, Date.now() + (isOver ? 30 : 0));
      if (!isOver) await sleepUntil(Date.now() + 20, signal);
    }
    await sleepUntil(Date.now() + 60, signal);
    assert.deepEqual(
      stop.reason,
      isOver ? undefined : {
        kind: "deadline",
        reason: "The time given with --until has passed",
        hint: "Run again to continue.",
      },
    );
  }
});

Deno.test("sleepUntil() checks the clock once a second, and wakes if it has been set ahead", async () => {
  const { signal } = new AbortController();
  const wall = Date.now;
  const { setTimeout } = globalThis;
  const delays: number[] = [];
  try {
    Object.assign(globalThis, {
      setTimeout: (call: () => void, ms: number) => {
        delays.push(ms);
        // While it sleeps, the clock is set ahead by a day.
        if (delays.length === 3) Date.now = () => wall() + 86_400_000;
        return setTimeout(call, 0);
      },
    });
    await sleepUntil(wall() + 3_600_000, signal);
  } finally {
    Date.now = wall;
    Object.assign(globalThis, { setTimeout });
  }
  assert.deepEqual(delays, [1_000, 1_000, 1_000]);
});

Deno.test("sleepUntil() does not sleep until a time that has passed, or once it is aborted", async () => {
  const abort = new AbortController();
  await sleepUntil(Date.now() - 1, abort.signal);
  const sleeping = sleepUntil(Date.now() + 86_400_000, abort.signal);
  abort.abort();
  await sleeping;
  await sleepUntil(Date.now() + 86_400_000, abort.signal);
});

Deno.test("stopIfChanged() takes a check that a signal ends for no change, and throws any other error", async () => {
  const gone = new Error("The list cannot be read");
  const unread = { hasChanged: () => Promise.reject(gone) };
  const stop = new Stop();
  await assert.rejects(stopIfChanged(stop, unread, "list.csv"), gone);
  const checking = stopIfChanged(stop, unread, "list.csv");
  stop.request("signal", "Stopped by a signal");
  await checking;
  assert.equal(stop.reason?.reason, "Stopped by a signal");
});

Deno.test("stopIfChanged() stops a run whose list has changed, unless it has stopped for another reason", async () => {
  const changed = { hasChanged: () => Promise.resolve(true) };
  const stop = new Stop();
  await stopIfChanged(stop, { hasChanged: () => Promise.resolve(false) }, "list.csv");
  assert.equal(stop.reason, undefined);
  await stopIfChanged(stop, changed, "list.csv");
  assert.deepEqual(stop.reason, {
    kind: "list-changed",
    reason: "The list 'list.csv' has changed since it was read",
    hint: "Run again to send to the list as it is now. Nobody is mailed twice.",
  });
  const stopped = new Stop();
  stopped.request("signal", "first");
  let looks = 0;
  await stopIfChanged(stopped, { hasChanged: () => Promise.resolve(++looks > 0) }, "list.csv");
  assert.deepEqual([looks, stopped.reason?.reason], [0, "first"]);
});

Deno.test("stopIfChanged() throws what the check of the list throws, unless a signal ended it", async () => {
  const stop = new Stop();
  const fault = new Error("no disk");
  await assert.rejects(
    stopIfChanged(stop, { hasChanged: () => Promise.reject(fault) }, "l"),
    fault,
  );
  const hasChanged = (): Promise<boolean> => {
    stop.request("signal", "signal");
    return Promise.reject(fault);
  };
  await stopIfChanged(stop, { hasChanged }, "l");
  assert.equal(stop.reason?.reason, "signal");
});

Deno.test("stopOnFailure() gives the ledger's reason, and a hint what to do about it", () => {
  for (
    const [error, hint] of [
      [new StorageError("gone", { hint: "bring it back" }), "bring it back"],
      [
        new StorageError("gone"),
        "Check that the ledger can be written, then run again to continue.",
      ],
      [new Error("gone"), "Check that the ledger can be written, then run again to continue."],
    ] as const
  ) {
    const stop = new Stop();
    stopOnFailure(stop, error);
    assert.deepEqual(stop.reason, { kind: "ledger", reason: "gone", hint });
  }
});

for (
  const [what, error, given, throws] of [
    [
      "a list that breaks",
      new InputError("A quote is open\nsecond line", { place: { file: "l.csv", line: 7 } }),
      { kind: "list", reason: "l.csv:7: A quote is open", hint: AGAIN },
      false,
    ],
    [
      "a ledger that breaks",
      new StorageError("disk full"),
      { kind: "ledger", reason: "disk full", hint: undefined },
      false,
    ],
    [
      "a ledger that is gone",
      new StorageError("gone", { hint: "Bring it back." }),
      { kind: "ledger", reason: "gone", hint: "Bring it back." },
      false,
    ],
    [
      "a choice that matches nobody",
      new NobodyChosen("nobody"),
      { kind: "list", reason: "nobody", hint: AGAIN },
      true,
    ],
    ["a bug", new TypeError("x is undefined"), {
      kind: "internal",
      reason: "x is undefined",
      hint: undefined,
    }, true],
    ["a thrown value that is no Error", "text", {
      kind: "internal",
      reason: "text",
      hint: undefined,
    }, true],
  ] as const
) {
  Deno.test(`bothOrNone() stops at ${what} and ${throws ? "throws it" : "returns"} when both sides have ended`, async () => {
    for (const failing of [0, 1]) {
      const stop = new Stop();
      const other = Promise.withResolvers<void>();
      let ended = false;
      // As in a run, the stop ends the side that has not failed.
      stop.signal.addEventListener(
        "abort",
        () => setTimeout(() => (ended = true, other.resolve())),
      );
      const sides = [other.promise, other.promise];
      sides[failing] = Promise.reject(error);
      const both = bothOrNone(stop, ...sides);
      if (throws) await assert.rejects(both, (thrown) => thrown === error);
      else await both;
      assert.equal(ended, true);
      assert.deepEqual(stop.reason, given);
    }
  });
}

Deno.test("bothOrNone() requests no stop if both sides end well", async () => {
  const stop = new Stop();
  await bothOrNone(stop, Promise.resolve(), Promise.resolve());
  assert.equal(stop.reason, undefined);
});
