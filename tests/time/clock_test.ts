import assert from "node:assert/strict";
import { after, every } from "../../src/time/clock.ts";
import { timersOf } from "../support/late_timers.ts";

for (const begin of [after, every]) {
  Deno.test(`${begin.name}() makes no call once it is disposed of, even if the timer still fires`, async () => {
    let calls = 0;
    let timer: Disposable | undefined;
    const [ring] = await timersOf(() => {
      timer = begin(1, () => calls++);
    });
    ring!();
    assert.equal(calls, 1);
    timer![Symbol.dispose]();
    ring!();
    assert.equal(calls, 1);
  });

  Deno.test(`${begin.name}() leaves no timer behind when it is disposed of`, () => {
    begin(60_000, () => {})[Symbol.dispose]();
  });
}

Deno.test("after() calls once, every() again and again", async () => {
  let [once, often] = [0, 0];
  using _once = after(1, () => once++);
  await new Promise<void>((resolve) => {
    const timer = every(2, () => {
      if (++often < 3) return;
      timer[Symbol.dispose]();
      resolve();
    });
  });
  assert.deepEqual([once, often], [1, 3]);
});
