import assert from "node:assert/strict";
import type { DisconnectCause } from "../../src/model/attempt.ts";
import { Farewell } from "../../src/smtp/session/farewell.ts";
import { reply } from "../ledger/ledgers.ts";

/** The result: a code; "reset" if a RSET was refused; "misfit 550" if a reply did not fit. */
function after(...events: readonly (number | string)[]): Farewell {
  const farewell = new Farewell();
  for (const event of events) {
    if (typeof event === "number") farewell.heard(reply(event));
    else if (event === "reset") farewell.refusedReset();
    else farewell.outOfStep(reply(Number(event.split(" ")[1])), "does not fit");
  }
  return farewell;
}

/** Whether the mails left unanswered are known not to have been taken, when the connection ends for each of these causes. */
for (
  const [sentence, events, closed, timeout] of [
    ["nothing", [], false, false],
    ["accepted mails", [250, 250], false, false],
    ["a refused mail", [550], false, false],
    ["a 421", [250, 421], true, true],
    // It went on after all.
    ["a 421 and a reply after it", [421, 250], false, false],
    ["a refused RSET", [554, "reset"], true, false],
    ["a refused RSET and a reply after it", [554, "reset", 250], false, false],
    ["a refused RSET and a 421 after it", [554, "reset", 421], true, true],
    ["a misfit that refuses", [250, "misfit 503"], true, false],
    ["a misfit that refuses, and refusals only", ["misfit 503", 500, 421], true, false],
    ["a misfit that refuses, and one mail accepted", ["misfit 503", 500, 250, 500], false, false],
    ["a misfit that accepts", ["misfit 250"], false, false],
    ["a misfit that accepts, and a 421", ["misfit 250", 421], false, false],
    ["a 421 and a misfit behind it that accepts", [421, "misfit 250"], false, false],
  ] as const
) {
  Deno.test(`Farewell.silences() after ${sentence}: ${closed} when the server closes, ${timeout} when it falls silent`, () => {
    const causes: DisconnectCause[] = ["closed", "timeout"];
    assert.deepEqual(causes.map((cause) => after(...events).silences(cause)), [closed, timeout]);
  });
}

Deno.test("Farewell.closing is true from a 421 or a misfit on", () => {
  const closing = (...events: readonly (number | string)[]) => after(...events).closing;
  assert.deepEqual([closing(), closing(250), closing(550, "reset")], [false, false, false]);
  assert.deepEqual([closing(421), closing(421, 250), closing("misfit 250")], [true, true, true]);
});

Deno.test("Farewell.misfit is the reply that did not fit", () => {
  assert.equal(after(250, 421).mismatch, undefined);
  assert.equal(after("misfit 250", 421).mismatch, "does not fit");
});
